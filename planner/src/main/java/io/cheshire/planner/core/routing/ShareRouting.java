package io.cheshire.planner.core.routing;

import java.util.List;
import java.util.SplittableRandom;

/** Rows choose independently by their layer's shares, which differ from window to window of a recording. */
public final class ShareRouting implements RowRouting {
    private final int layers;
    private final int experts;
    private final boolean assumed;
    private final String source;
    /** Cumulative shares by window, then unit index. */
    private final double[][] cumulative;

    /** @param windows shares by unit index, {@code layer * experts + expert}; each layer adds up to more than 0 */
    public ShareRouting(
            final int layers,
            final int experts,
            final List<double[]> windows,
            final String source,
            final boolean assumed) {
        if (experts < 2 || windows.isEmpty()) {
            throw new IllegalArgumentException(source + ": " + experts + " experts, " + windows.size() + " windows");
        }
        this.layers = layers;
        this.experts = experts;
        this.source = source;
        this.assumed = assumed;
        cumulative = new double[windows.size()][];
        for (int window = 0; window < windows.size(); window++) {
            cumulative[window] = cumulate(windows.get(window));
        }
    }

    private double[] cumulate(final double[] shares) {
        if (shares.length != layers * experts) {
            throw new IllegalArgumentException(
                    source + ": a window has " + shares.length + " units, the model " + layers + " x " + experts);
        }
        final double[] sums = new double[shares.length];
        for (int layer = 0; layer < layers; layer++) {
            double sum = 0;
            for (int expert = 0; expert < experts; expert++) {
                sum += shares[layer * experts + expert];
                sums[layer * experts + expert] = sum;
            }
            for (int expert = 0; expert < experts; expert++) {
                sums[layer * experts + expert] /= sum;
            }
            sums[layer * experts + experts - 1] = 1;
        }
        return sums;
    }

    /** All experts alike: an assumption. */
    public static ShareRouting uniform(final int layers, final int experts) {
        return zipf(layers, experts, 0);
    }

    /** The k-th expert of a layer in proportion to {@code k^-alpha}, each layer with its own order: an assumption. */
    public static ShareRouting zipf(final int layers, final int experts, final double alpha) {
        final double[] shares = new double[layers * experts];
        final SplittableRandom order = new SplittableRandom(experts * 31L + layers);
        for (int layer = 0; layer < layers; layer++) {
            final int shift = order.nextInt(experts);
            for (int expert = 0; expert < experts; expert++) {
                shares[layer * experts + (expert + shift) % experts] = Math.pow(expert + 1, -alpha);
            }
        }
        return new ShareRouting(
                layers, experts, List.of(shares), alpha == 0 ? "uniform" : "Zipf, alpha " + alpha, true);
    }

    @Override
    public int layers() {
        return layers;
    }

    @Override
    public int experts() {
        return experts;
    }

    @Override
    public boolean assumed() {
        return assumed;
    }

    @Override
    public String source() {
        return source;
    }

    @Override
    public int block(final SplittableRandom random) {
        return random.nextInt(cumulative.length);
    }

    @Override
    public void draw(
            final int block, final int layer, final int rows, final int[] chosen, final SplittableRandom random) {
        final double[] sums = cumulative[block];
        final int base = layer * experts;
        for (int row = 0; row < rows; row++) {
            final int first = pick(sums, base, random.nextDouble());
            final double below = first == 0 ? 0 : sums[base + first - 1];
            final double share = sums[base + first] - below;
            // The second one of those that are left, by their shares among each other.
            final double place = random.nextDouble() * (1 - share);
            final int second = share >= 1
                    ? (first + 1) % experts
                    : pick(sums, base, place < below ? place : Math.min(place + share, 1));
            chosen[2 * row] = first;
            chosen[2 * row + 1] = second == first ? (first + 1) % experts : second;
        }
    }

    private int pick(final double[] sums, final int base, final double place) {
        int expert = 0;
        while (expert < experts - 1 && sums[base + expert] <= place) {
            expert++;
        }
        return expert;
    }
}
