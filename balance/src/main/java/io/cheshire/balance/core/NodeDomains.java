package io.cheshire.balance.core;

import java.util.List;

/**
 * Which nodes fail together, as bit masks like those of {@link Assignment}. A node that names no failure domain is one
 * of its own. Immutable.
 */
public final class NodeDomains {
    private final long[] mates;
    private final int count;

    private NodeDomains(final long[] mates, final int count) {
        this.mates = mates;
        this.count = count;
    }

    /** Of these nodes, by their places in the list. */
    public static NodeDomains of(final List<NodeCapacity> nodes) {
        final long[] mates = new long[nodes.size()];
        int count = 0;
        for (int n = 0; n < mates.length; n++) {
            final String domain = nodes.get(n).failureDomain();
            mates[n] = 1L << n;
            for (int other = 0; !domain.isEmpty() && other < mates.length; other++) {
                mates[n] |= nodes.get(other).failureDomain().equals(domain) ? 1L << other : 0;
            }
            count += Long.numberOfTrailingZeros(mates[n]) == n ? 1 : 0;
        }
        return new NodeDomains(mates, count);
    }

    /**
     * Failure domains in which a unit's copies ought to be: as many as copies are wanted, where there are so many. 0:
     * wherever copies are they are apart.
     *
     * @param replicas copies wanted
     */
    public int wanted(final int replicas) {
        return count < 2 || count == mates.length ? 0 : Math.min(replicas, count);
    }

    /** Mask of the nodes that fail together with this one, itself among them. */
    long mates(final int node) {
        return mates[node];
    }

    /** Failure domains that these nodes are in. */
    int count(final long nodes) {
        int found = 0;
        for (long left = nodes; left != 0; left &= ~mates[Long.numberOfTrailingZeros(left)]) {
            found++;
        }
        return found;
    }

    /** Whether copies on these nodes are in fewer failure domains than they ought to be ({@link #wanted}). */
    boolean isShared(final long nodes, final int wanted) {
        return wanted > 0 && count(nodes) < Math.min(Long.bitCount(nodes), wanted);
    }

    /** Units of a layer whose copies share a failure domain although they need not. */
    public int shared(final Assignment placement, final int layer, final int replicas) {
        final int wanted = wanted(replicas);
        int shared = 0;
        for (int expert = 0; wanted > 0 && expert < placement.experts(); expert++) {
            shared += isShared(placement.holders(layer, expert), wanted) ? 1 : 0;
        }
        return shared;
    }
}
