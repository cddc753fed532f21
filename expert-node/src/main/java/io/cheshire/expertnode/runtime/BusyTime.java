package io.cheshire.expertnode.runtime;

/**
 * How long a node's kernels computed: where several calls are under way at once, time that they share counts once. The
 * device's thread, calls in the order of their ends.
 */
final class BusyTime {
    private boolean hasEnd;
    private long lastEndNs;

    /** What a call adds; all of it where none was under way beside it. */
    long add(final long startNs, final long endNs) {
        final long sharedNs = hasEnd ? Math.max(0, lastEndNs - startNs) : 0;
        hasEnd = true;
        lastEndNs = endNs;
        return Math.max(0, endNs - startNs - sharedNs);
    }
}
