package io.cheshire.benchmarks.serve.core;

/**
 * What a user is promised. Goodput counts the answers that keep every promise (DistServe, OSDI 2024, §2).
 *
 * @param ttftMs most time to the first token; infinite where nothing is promised
 * @param tpotMs most mean time per token after it; likewise
 */
public record Slo(double ttftMs, double tpotMs) {
    /** No promise: goodput is throughput. */
    public static Slo none() {
        return new Slo(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
    }

    /** Whether anything is promised. */
    public boolean given() {
        return !Double.isInfinite(ttftMs) || !Double.isInfinite(tpotMs);
    }

    /**
     * Whether an answered request kept the promises.
     *
     * @param fromNs when the user's waiting began
     */
    public boolean isMetBy(final RequestResult result, final long fromNs) {
        if (result.outcome() != Outcome.OK || result.tokens().count() == 0) {
            return false;
        }
        final boolean steady = result.tokens().count() < 2 || result.timePerOutputTokenNs() <= tpotMs * 1e6;
        return steady && result.timeToFirstTokenNs(fromNs) <= ttftMs * 1e6;
    }
}
