package io.cheshire.planner.core.failure;

import io.cheshire.balance.core.Assignment;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * Which losses of nodes leave a unit without a holder: counted over a placement, subset by subset, not approximated.
 * Only where there are more than {@value #MOST_SUBSETS} subsets are they sampled. Immutable.
 */
public final class UnitCoverage {
    private static final int MOST_SUBSETS = 300_000;
    private static final int SAMPLE = 50_000;

    private final long[] holders;
    private final int nodes;

    /**
     * Of a placement.
     *
     * @param nodes of the cell, those that hold nothing among them
     */
    public UnitCoverage(final Assignment placement, final int nodes) {
        this(placement.toMasks(), nodes);
    }

    /** Of the holders of each unit, as bits. */
    UnitCoverage(final long[] masks, final int nodes) {
        final TreeSet<Long> distinct = new TreeSet<>();
        for (final long mask : masks) {
            distinct.add(mask);
        }
        this.holders = distinct.stream()
                .filter(mask -> distinct.stream().noneMatch(other -> !other.equals(mask) && (mask & other) == other))
                .mapToLong(Long::longValue)
                .toArray();
        this.nodes = nodes;
    }

    /** Whether a unit has no holder when these nodes are down. */
    public boolean isFatal(final long down) {
        for (final long mask : holders) {
            if ((mask & ~down) == 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Of all ways to lose {@code count} more nodes, the share that leaves a unit without a holder.
     *
     * @param down nodes that are down already
     */
    public double fatalShare(final long down, final int count) {
        if (isFatal(down)) {
            return 1;
        }
        final int[] up = new int[nodes - Long.bitCount(down)];
        int found = 0;
        for (int node = 0; node < nodes; node++) {
            if ((down >>> node & 1) == 0) {
                up[found++] = node;
            }
        }
        if (count > up.length) {
            return 1;
        }
        if (count == 0) {
            return 0;
        }
        return subsets(up.length, count) > MOST_SUBSETS ? sampled(up, down, count) : counted(up, down, count);
    }

    private double counted(final int[] up, final long down, final int count) {
        final int[] chosen = new int[count];
        for (int i = 0; i < count; i++) {
            chosen[i] = i;
        }
        long all = 0;
        long fatal = 0;
        while (true) {
            long lost = down;
            for (final int i : chosen) {
                lost |= 1L << up[i];
            }
            all++;
            fatal += isFatal(lost) ? 1 : 0;
            int at = count - 1;
            while (at >= 0 && chosen[at] == up.length - count + at) {
                at--;
            }
            if (at < 0) {
                return (double) fatal / all;
            }
            chosen[at]++;
            for (int i = at + 1; i < count; i++) {
                chosen[i] = chosen[i - 1] + 1;
            }
        }
    }

    private double sampled(final int[] up, final long down, final int count) {
        // Always the same subsets: an answer has the same bytes again.
        final SplittableRandom random = new SplittableRandom(count);
        final int[] order = up.clone();
        long fatal = 0;
        for (int draw = 0; draw < SAMPLE; draw++) {
            long lost = down;
            for (int i = 0; i < count; i++) {
                final int other = random.nextInt(i, order.length);
                final int node = order[other];
                order[other] = order[i];
                order[i] = node;
                lost |= 1L << node;
            }
            fatal += isFatal(lost) ? 1 : 0;
        }
        return (double) fatal / SAMPLE;
    }

    /** How many subsets of so many there are; as a real number, since they may be very many. */
    static double subsets(final int of, final int count) {
        double subsets = 1;
        for (int i = 1; i <= count; i++) {
            subsets = subsets * (of - count + i) / i;
        }
        return subsets;
    }
}
