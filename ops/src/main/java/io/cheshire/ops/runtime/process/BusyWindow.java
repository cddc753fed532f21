package io.cheshire.ops.runtime.process;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The share of the last seconds that something spent at work, from a counter of the time that it worked. Looked at now
 * and then by one thread, read by any.
 */
final class BusyWindow {
    private final int looks;
    private final Deque<Look> seen = new ArrayDeque<>();
    private volatile double ratio;

    private record Look(long nowNs, long busyNs) {}

    /** @param looks how many looks back the window begins */
    BusyWindow(final int looks) {
        this.looks = looks;
    }

    /** @param busyNs time at work since the start, never less than before */
    void look(final long nowNs, final long busyNs) {
        seen.addLast(new Look(nowNs, busyNs));
        final Look first = seen.getFirst();
        final long passedNs = nowNs - first.nowNs();
        ratio = passedNs <= 0 ? 0 : (double) (busyNs - first.busyNs()) / passedNs;
        if (seen.size() > looks) {
            seen.removeFirst();
        }
    }

    /** 0 before the second look. */
    double ratio() {
        return ratio;
    }
}
