package io.cheshire.balance.core;

import java.util.ArrayList;
import java.util.List;

/**
 * Unit → nodes as bit masks: bit {@code n} of a unit's mask says that node {@code n} (its place in the list of
 * {@link NodeCapacity}, not its id) holds it. Immutable. At most {@value #MAX_NODES} nodes.
 */
public final class Assignment {
    /** One bit a node in a long. */
    public static final int MAX_NODES = 64;

    private final int layers;
    private final int experts;
    private final long[] holders;

    /** @param holders mask by unit index {@code layer * experts + expert}; copied */
    public Assignment(final int layers, final int experts, final long[] holders) {
        if (holders.length != Math.multiplyExact(layers, experts)) {
            throw new IllegalArgumentException(holders.length + " masks for " + layers + " x " + experts + " units");
        }
        this.layers = layers;
        this.experts = experts;
        this.holders = holders.clone();
    }

    /** Every unit on no node: the start of an empty cluster. */
    public static Assignment none(final int layers, final int experts) {
        return new Assignment(layers, experts, new long[Math.multiplyExact(layers, experts)]);
    }

    /** Home: expert e in all its layers on node e mod n (docs/glossary.md). */
    public static Assignment home(final int layers, final int experts, final int nodes) {
        final long[] masks = new long[Math.multiplyExact(layers, experts)];
        for (int unit = 0; unit < masks.length; unit++) {
            masks[unit] = 1L << ((unit % experts) % nodes);
        }
        return new Assignment(layers, experts, masks);
    }

    /**
     * A placement as masks over {@code nodes}; holders that aren't in the list are left out.
     *
     * @param experts     experts in each layer
     * @param nodesByUnit ids of the nodes that hold each unit, by unit index
     */
    public static Assignment of(
            final int experts, final List<List<Integer>> nodesByUnit, final List<NodeCapacity> nodes) {
        final long[] masks = new long[nodesByUnit.size()];
        for (int unit = 0; unit < masks.length; unit++) {
            for (int n = 0; n < nodes.size(); n++) {
                if (nodesByUnit.get(unit).contains(nodes.get(n).nodeId())) {
                    masks[unit] |= 1L << n;
                }
            }
        }
        return new Assignment(masks.length / experts, experts, masks);
    }

    /** The same as node ids by unit index, in the order of the list, the home node first where it holds the unit. */
    public List<List<Integer>> toNodesByUnit(final List<NodeCapacity> nodes) {
        final List<List<Integer>> byUnit = new ArrayList<>();
        for (int unit = 0; unit < holders.length; unit++) {
            final List<Integer> ids = new ArrayList<>();
            final int home = (unit % experts) % nodes.size();
            for (int n = 0; n < nodes.size(); n++) {
                if ((holders[unit] >>> n & 1) != 0) {
                    ids.add(n == home ? 0 : ids.size(), nodes.get(n).nodeId());
                }
            }
            byUnit.add(ids);
        }
        return byUnit;
    }

    public int layers() {
        return layers;
    }

    public int experts() {
        return experts;
    }

    /** Mask of the nodes that hold the unit. */
    public long holders(final int layer, final int expert) {
        return holders[layer * experts + expert];
    }

    /** Units that must be loaded to get here from {@code before}: what is held now and was not then. */
    public long unitsLoadedSince(final Assignment before) {
        long added = 0;
        for (int unit = 0; unit < holders.length; unit++) {
            added += Long.bitCount(holders[unit] & ~before.holders[unit]);
        }
        return added;
    }

    /** Shares in proportion to speed, so that all replicas of a unit take the same time for it. */
    public Shares sharesBySpeed(final List<NodeCapacity> nodes) {
        return new Shares() {
            @Override
            public double share(final int layer, final int expert, final int node) {
                final long mask = holders(layer, expert);
                double sum = 0;
                for (int n = 0; n < nodes.size(); n++) {
                    sum += (mask >>> n & 1) == 0 ? 0 : nodes.get(n).speed();
                }
                return (mask >>> node & 1) == 0 ? 0 : nodes.get(node).speed() / sum;
            }

            @Override
            public int nodes() {
                return nodes.size();
            }
        };
    }

    /** The masks, by unit index; a copy. */
    public long[] toMasks() {
        return holders.clone();
    }
}
