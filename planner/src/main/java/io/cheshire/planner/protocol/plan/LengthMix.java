package io.cheshire.planner.protocol.plan;

import java.util.List;

/**
 * Lengths of requests as shares that stand for many.
 *
 * @param strata by rising prompt; weights add up to 1
 */
public record LengthMix(List<Stratum> strata) {
    /** Requests alike: their share of all, and mean lengths in tokens. */
    public record Stratum(double weight, double promptTokens, double outputTokens) {}

    /** What a stratum is averaged by. */
    private interface Figure {
        double of(Stratum stratum);
    }

    public LengthMix {
        strata = List.copyOf(strata);
        if (strata.isEmpty()) {
            throw new IllegalArgumentException("no lengths: a workload needs at least one request");
        }
    }

    /** All requests alike. */
    public static LengthMix fixed(final double promptTokens, final double outputTokens) {
        return new LengthMix(List.of(new Stratum(1, promptTokens, outputTokens)));
    }

    private double mean(final Figure figure) {
        double sum = 0;
        for (final Stratum stratum : strata) {
            sum += stratum.weight() * figure.of(stratum);
        }
        return sum;
    }

    public double meanPrompt() {
        return mean(Stratum::promptTokens);
    }

    public double meanOutput() {
        return mean(Stratum::outputTokens);
    }

    /** Mean over output tokens of the context that they are computed with: long answers count more often. */
    public double meanDecodeContext() {
        return mean(s -> s.outputTokens() * (s.promptTokens() + s.outputTokens() / 2)) / meanOutput();
    }

    /** Mean over prompt tokens of the tokens before them. */
    public double meanPrefillContext() {
        return mean(s -> s.promptTokens() * s.promptTokens() / 2) / meanPrompt();
    }

    /** The longest sequence of any stratum. */
    public double longest() {
        double longest = 0;
        for (final Stratum stratum : strata) {
            longest = Math.max(longest, stratum.promptTokens() + stratum.outputTokens());
        }
        return longest;
    }

    /** The same with lengths multiplied; nothing gets shorter than a token. */
    public LengthMix scaled(final double promptFactor, final double outputFactor) {
        return new LengthMix(strata.stream()
                .map(s -> new Stratum(
                        s.weight(),
                        Math.max(1, s.promptTokens() * promptFactor),
                        Math.max(1, s.outputTokens() * outputFactor)))
                .toList());
    }
}
