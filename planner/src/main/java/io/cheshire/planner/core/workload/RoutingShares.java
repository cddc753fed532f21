package io.cheshire.planner.core.workload;

import io.cheshire.balance.core.RoutingLoads;
import io.cheshire.planner.protocol.plan.ExpertChoices;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** Which experts tokens choose: from a recording, or by a law that nobody checked. */
public final class RoutingShares {
    /** Windows of a recording that are looked at; more say nothing new of a mean step. */
    private static final int MOST_WINDOWS = 64;

    private RoutingShares() {}

    /**
     * Of a recording.
     *
     * @param layers  of the model; a recording of fewer layers is repeated, which is said
     * @param experts of the model; a recording of another number is refused
     */
    public static ExpertChoices of(final RoutingLoads loads, final String source, final int layers, final int experts) {
        if (loads.experts() != experts) {
            throw new IllegalArgumentException(source + " has " + loads.experts() + " experts a layer, the model "
                    + experts + ": record the routing of this model with serve --record-routing");
        }
        final List<List<Double>> windows = new ArrayList<>();
        final List<List<Double>> all = new ArrayList<>(loads.windows().values());
        for (final int chosen : evenly(all.size())) {
            windows.add(shares(all.get(chosen), source, layers, experts, loads.layers()));
        }
        final boolean repeated = loads.layers() != layers;
        return new ExpertChoices(
                layers,
                experts,
                windows,
                source + ", " + all.size() + " windows"
                        + (repeated ? ", of " + loads.layers() + " layers used for " + layers : ""),
                repeated);
    }

    private static TreeSet<Integer> evenly(final int count) {
        final TreeSet<Integer> chosen = new TreeSet<>();
        for (int i = 0; i < MOST_WINDOWS; i++) {
            chosen.add((int) ((long) i * count / MOST_WINDOWS));
        }
        return chosen;
    }

    private static List<Double> shares(
            final List<Double> rows, final String source, final int layers, final int experts, final int recorded) {
        final List<Double> shares = new ArrayList<>(layers * experts);
        for (int layer = 0; layer < layers; layer++) {
            final int from = layer % recorded * experts;
            final List<Double> own = rows.subList(from, from + experts);
            final double sum = own.stream().mapToDouble(Double::doubleValue).sum();
            if (!(sum > 0)) {
                throw new IllegalArgumentException(source + ": layer " + layer % recorded + " has no rows in a window");
            }
            own.forEach(each -> shares.add(each / sum));
        }
        return shares;
    }

    /** All experts alike: the best case, marked as an assumption. */
    public static ExpertChoices uniform(final int layers, final int experts) {
        final List<Double> shares = Collections.nCopies(layers * experts, 1.0 / experts);
        return new ExpertChoices(layers, experts, List.of(shares), "uniform routing", true);
    }

    /**
     * Shares as 1, 1/2^alpha, 1/3^alpha and so on, dealt to experts of each layer by chance; an assumption, too.
     *
     * @param seed of the dealing
     */
    public static ExpertChoices zipf(final int layers, final int experts, final double alpha, final long seed) {
        final List<Double> shares = new ArrayList<>(layers * experts);
        final SplittableRandom random = new SplittableRandom(seed);
        for (int layer = 0; layer < layers; layer++) {
            final List<Double> own = new ArrayList<>(experts);
            double sum = 0;
            for (int rank = 1; rank <= experts; rank++) {
                own.add(Math.pow(rank, -alpha));
                sum += Math.pow(rank, -alpha);
            }
            for (int i = experts - 1; i > 0; i--) {
                Collections.swap(own, i, random.nextInt(i + 1));
            }
            for (final double each : own) {
                shares.add(each / sum);
            }
        }
        return new ExpertChoices(layers, experts, List.of(shares), "Zipf routing, alpha " + alpha, true);
    }

    /** The same choices with deviations from the mean multiplied: more or less skew. */
    public static ExpertChoices skewed(final ExpertChoices choices, final double factor) {
        final int experts = choices.experts();
        final List<List<Double>> windows = new ArrayList<>();
        for (final List<Double> window : choices.windows()) {
            final List<Double> shares = new ArrayList<>(window.size());
            for (int layer = 0; layer < choices.layers(); layer++) {
                double sum = 0;
                for (int e = 0; e < experts; e++) {
                    sum += bent(window.get(layer * experts + e), experts, factor);
                }
                for (int e = 0; e < experts; e++) {
                    shares.add(bent(window.get(layer * experts + e), experts, factor) / sum);
                }
            }
            windows.add(shares);
        }
        return new ExpertChoices(choices.layers(), experts, windows, choices.source(), choices.assumed());
    }

    private static double bent(final double share, final int experts, final double factor) {
        return Math.max(0, (1 + factor * (share * experts - 1)) / experts);
    }
}
