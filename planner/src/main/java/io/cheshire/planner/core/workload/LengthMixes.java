package io.cheshire.planner.core.workload;

import io.cheshire.planner.protocol.plan.LengthMix;
import io.cheshire.planner.protocol.plan.LengthMix.Stratum;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.hipparchus.special.Erf;

/** Makes mixes of lengths. */
public final class LengthMixes {
    /** Strata of a mix: enough for a 99th percentile. */
    private static final int STRATA = 128;

    private LengthMixes() {}

    /** One request's lengths in tokens. */
    public record Lengths(double promptTokens, double outputTokens) {}

    /** Of observed requests: as many of neighbouring prompts as make {@value #STRATA} strata go together. */
    public static LengthMix of(final List<Lengths> requests) {
        final List<Lengths> sorted = new ArrayList<>(requests);
        sorted.sort(Comparator.comparingDouble(Lengths::promptTokens).thenComparingDouble(Lengths::outputTokens));
        final int count = sorted.size();
        final int strata = Math.min(STRATA, count);
        final List<Stratum> made = new ArrayList<>(strata);
        for (int s = 0; s < strata; s++) {
            final List<Lengths> own =
                    sorted.subList((int) ((long) s * count / strata), (int) ((long) (s + 1) * count / strata));
            made.add(new Stratum(
                    (double) own.size() / count,
                    own.stream().mapToDouble(Lengths::promptTokens).average().orElseThrow(),
                    own.stream().mapToDouble(Lengths::outputTokens).average().orElseThrow()));
        }
        return new LengthMix(made);
    }

    /**
     * A law of lengths.
     *
     * @param medianTokens half are shorter
     * @param sigma        of the logarithm; 0: all alike
     */
    public record LogNormal(double medianTokens, double sigma) {
        double at(final double probability) {
            return medianTokens * Math.exp(sigma * Math.sqrt(2) * Erf.erfInv(2 * probability - 1));
        }
    }

    /** Prompts and answers by laws of their own, independent of each other. */
    public static List<Lengths> draw(
            final LogNormal prompt, final LogNormal output, final int count, final SplittableRandom random) {
        final List<Lengths> drawn = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            // One of each stratum, so that few draws have the law's mean.
            final double first = (i + 0.5) / count;
            drawn.add(new Lengths(
                    Math.max(1, prompt.at(first)), Math.max(1, output.at(Math.max(1e-9, random.nextDouble())))));
        }
        return drawn;
    }
}
