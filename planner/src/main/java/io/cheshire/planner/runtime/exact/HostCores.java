package io.cheshire.planner.runtime.exact;

import java.util.Arrays;

/**
 * The cores of one host. Work gets them in the order in which it asks, and keeps them until it is done: jobs here are
 * shorter than a scheduler's time slice, so nothing is gained by cutting them.
 */
final class HostCores {
    private final long[] freeNs;

    HostCores(final int cores) {
        freeNs = new long[cores];
    }

    /** Takes so many cores, at most all, for so long, as soon as they are free; answers when the work is done. */
    long reserve(final long nowNs, final int threads, final long durationNs) {
        final int taken = Math.clamp(threads, 1, freeNs.length);
        Arrays.sort(freeNs);
        final long startNs = Math.max(nowNs, freeNs[taken - 1]);
        final long endNs = startNs + durationNs;
        Arrays.fill(freeNs, 0, taken, endNs);
        return endNs;
    }
}
