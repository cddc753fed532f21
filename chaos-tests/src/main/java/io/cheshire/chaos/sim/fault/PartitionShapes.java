package io.cheshire.chaos.sim.fault;

import java.util.ArrayList;
import java.util.List;

/**
 * Which ways are blocked in partitions that have a name (Jepsen's); each list holds {from, to}, both directions. Pure.
 */
final class PartitionShapes {
    private PartitionShapes() {}

    /**
     * Two halves that don't hear each other, and the first host, which hears both: nobody else knows that the cluster
     * is cut.
     */
    static List<int[]> bridge(final List<Integer> hosts) {
        final List<int[]> blocked = new ArrayList<>();
        final int middle = 1 + hosts.size() / 2;
        for (int left = 1; left < middle; left++) {
            for (int right = middle; right < hosts.size(); right++) {
                both(blocked, hosts.get(left), hosts.get(right));
            }
        }
        return blocked;
    }

    /** Every host hears a majority, itself included, and no two the same: the nearest on a ring. */
    static List<int[]> majoritiesRing(final List<Integer> hosts) {
        final List<int[]> blocked = new ArrayList<>();
        final int size = hosts.size();
        final int reach = Math.ceilDiv(size / 2, 2);
        for (int a = 0; a < size; a++) {
            for (int b = a + 1; b < size; b++) {
                if (Math.min(b - a, size - (b - a)) > reach) {
                    both(blocked, hosts.get(a), hosts.get(b));
                }
            }
        }
        return blocked;
    }

    private static void both(final List<int[]> blocked, final int a, final int b) {
        blocked.add(new int[] {a, b});
        blocked.add(new int[] {b, a});
    }
}
