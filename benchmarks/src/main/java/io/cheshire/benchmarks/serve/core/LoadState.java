package io.cheshire.benchmarks.serve.core;

/**
 * How a cluster stands to a rate, as BLIS calls it: the one definition for what is measured, simulated and worked out.
 */
public enum LoadState {
    /** It keeps up, and queues empty again and again. */
    STABLE,
    /** It keeps up, and a request waits longer than is worked on its prompt. */
    BACKLOGGED,
    /** It falls behind without end. */
    OVERLOADED;

    /**
     * Of requests that were asked for in a run, so many must be answered while others still come; less than all, since
     * the last ones are under way when it ends.
     */
    public static final double KEPT_UP = 0.9;

    /**
     * Judges.
     *
     * @param keepsUp whether as much is answered as is asked for
     * @param waits   mean time that a request waits before its prompt is worked on
     * @param works   time of that work, in the same unit
     */
    public static LoadState of(final boolean keepsUp, final double waits, final double works) {
        if (!keepsUp) {
            return OVERLOADED;
        }
        return waits > works ? BACKLOGGED : STABLE;
    }
}
