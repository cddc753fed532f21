package io.cheshire.balance.core;

import java.util.Arrays;
import java.util.List;

/**
 * Whether a placement can be reached in rounds of load, publish, release without a unit ever being without a node and
 * without a node ever holding more than fits: what a node drops is free only after the round that drops it, and a
 * unit's last node drops it only once another has it. Two full nodes that should swap a unit each can't get there.
 */
final class MoveRounds {
    private MoveRounds() {}

    static boolean reachable(final Assignment from, final Assignment to, final List<NodeCapacity> nodes) {
        final long[] held = from.toMasks();
        final long[] wanted = to.toMasks();
        final int[] free = free(held, nodes);
        boolean progress = true;
        while (progress) {
            final boolean loaded = load(held, wanted, free);
            final boolean released = release(held, wanted, free);
            progress = loaded || released;
        }
        return Arrays.equals(held, wanted);
    }

    private static int[] free(final long[] held, final List<NodeCapacity> nodes) {
        final int[] free = new int[nodes.size()];
        Arrays.setAll(free, n -> nodes.get(n).unitCapacity());
        for (final long mask : held) {
            for (long left = mask; left != 0; left &= left - 1) {
                free[Long.numberOfTrailingZeros(left)]--;
            }
        }
        return free;
    }

    private static boolean load(final long[] held, final long[] wanted, final int[] free) {
        boolean loaded = false;
        for (int unit = 0; unit < held.length; unit++) {
            for (long missing = wanted[unit] & ~held[unit]; missing != 0; missing &= missing - 1) {
                final int node = Long.numberOfTrailingZeros(missing);
                if (free[node] > 0) {
                    free[node]--;
                    held[unit] |= 1L << node;
                    loaded = true;
                }
            }
        }
        return loaded;
    }

    private static boolean release(final long[] held, final long[] wanted, final int[] free) {
        boolean released = false;
        for (int unit = 0; unit < held.length; unit++) {
            long extra = (held[unit] & wanted[unit]) == 0 ? 0 : held[unit] & ~wanted[unit];
            released |= extra != 0;
            for (; extra != 0; extra &= extra - 1) {
                free[Long.numberOfTrailingZeros(extra)]++;
            }
            held[unit] = (held[unit] & wanted[unit]) == 0 ? held[unit] : held[unit] & wanted[unit];
        }
        return released;
    }
}
