package io.cheshire.benchmarks.serve.core;

import java.util.OptionalDouble;

/**
 * Looks for the largest rate that is carried: doubles while it is, then goes to the middle of what was and what wasn't.
 * One thread.
 */
public final class KneeSearch {
    private final double precision;
    private final int mostRuns;
    private double next;
    private double carried;
    private double tooMuch = Double.POSITIVE_INFINITY;
    private int runs;

    /**
     * @param firstRate where it begins; it should be an easy one
     * @param precision share of the answer to which it is found
     * @param mostRuns  after which it ends in any case
     */
    public KneeSearch(final double firstRate, final double precision, final int mostRuns) {
        this.next = firstRate;
        this.precision = precision;
        this.mostRuns = mostRuns;
    }

    /** The next rate to run at; empty when the answer is known. */
    public OptionalDouble next() {
        return runs >= mostRuns || (carried > 0 && tooMuch / carried - 1 <= precision)
                ? OptionalDouble.empty()
                : OptionalDouble.of(next);
    }

    /** What came of it. One that was carried above one that wasn't was luck, and doesn't count. */
    public void ran(final double rate, final boolean wasCarried) {
        runs++;
        if (!wasCarried) {
            tooMuch = Math.min(tooMuch, rate);
            carried = carried < tooMuch ? carried : 0;
        } else if (rate < tooMuch) {
            carried = Math.max(carried, rate);
        }
        if (tooMuch == Double.POSITIVE_INFINITY) {
            next = 2 * rate;
        } else {
            next = carried == 0 ? tooMuch / 2 : Math.sqrt(carried * tooMuch);
        }
    }

    /** Largest rate that was carried, below all that were not; 0 before one was found. */
    public double knee() {
        return carried;
    }
}
