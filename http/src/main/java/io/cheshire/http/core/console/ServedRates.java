package io.cheshire.http.core.console;

import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.UnitLoad;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What nodes and units did lately, from counters that begin anew with every start of a node: the latest report of a
 * node against its oldest one in a window of some seconds. Used by one thread.
 */
public final class ServedRates {
    private static final double NS_PER_SECOND = 1e9;

    /** Reports of one moment: counters by unit index, by the node's incarnation. */
    private record Moment(long timeNs, Map<Long, Map<Integer, UnitLoad>> byLife) {}

    /**
     * Figures of one node or unit over the window.
     *
     * @param rowsPerSecond   rows answered
     * @param shardsPerSecond shards answered
     * @param queueing        shards that waited at a time, on average
     * @param busy            part of the time for which kernels ran
     */
    public record Rate(double rowsPerSecond, double shardsPerSecond, double queueing, double busy) {
        private static final Rate NONE = new Rate(0, 0, 0, 0);

        private Rate plus(final Rate other) {
            return new Rate(
                    rowsPerSecond + other.rowsPerSecond,
                    shardsPerSecond + other.shardsPerSecond,
                    queueing + other.queueing,
                    busy + other.busy);
        }

        /** How long a shard waited, on average; NaN where none was answered. */
        public double queueSeconds() {
            return shardsPerSecond == 0 ? Double.NaN : queueing / shardsPerSecond;
        }
    }

    private final long windowNs;
    private final Deque<Moment> moments = new ArrayDeque<>();
    private final Map<Integer, Rate> byNode = new TreeMap<>();
    private final Map<Integer, Rate> byUnit = new TreeMap<>();

    /** @param windowNs over which rates are taken */
    public ServedRates(final long windowNs) {
        this.windowNs = windowNs;
    }

    /** Takes a report of all nodes. */
    public void add(final long nowNs, final ClusterState state) {
        final int experts = state.placement().expertsPerLayer();
        final Map<Long, Map<Integer, UnitLoad>> byLife = new HashMap<>();
        for (final ClusterState.NodeView node : state.nodes()) {
            final Map<Integer, UnitLoad> loads = new HashMap<>();
            node.loads().forEach(load -> loads.put(load.layer() * experts + load.expert(), load));
            byLife.put(node.incarnation(), loads);
        }
        while (!moments.isEmpty() && nowNs - moments.getFirst().timeNs() > windowNs) {
            moments.removeFirst();
        }
        byNode.clear();
        byUnit.clear();
        for (final ClusterState.NodeView node : state.nodes()) {
            final Moment oldest = oldestOf(node.incarnation());
            if (oldest != null && oldest.timeNs() < nowNs) {
                grow(
                        node.nodeId(),
                        (double) (nowNs - oldest.timeNs()),
                        oldest.byLife().getOrDefault(node.incarnation(), Map.of()),
                        byLife.getOrDefault(node.incarnation(), Map.of()));
            }
        }
        moments.addLast(new Moment(nowNs, byLife));
    }

    /** A node that was not heard before may have served long ago what it counts: only what it adds is known. */
    private @Nullable Moment oldestOf(final long incarnation) {
        for (final Moment moment : moments) {
            if (moment.byLife().containsKey(incarnation)) {
                return moment;
            }
        }
        return null;
    }

    private void grow(
            final int nodeId,
            final double tookNs,
            final Map<Integer, UnitLoad> before,
            final Map<Integer, UnitLoad> now) {
        byNode.put(nodeId, Rate.NONE);
        now.forEach((unit, load) -> {
            final UnitLoad old = before.get(unit);
            final Rate rate = new Rate(
                    (load.rowsServed() - (old == null ? 0 : old.rowsServed())) * NS_PER_SECOND / tookNs,
                    (load.shardsServed() - (old == null ? 0 : old.shardsServed())) * NS_PER_SECOND / tookNs,
                    (load.queueNs() - (old == null ? 0 : old.queueNs())) / tookNs,
                    (load.computeNs() - (old == null ? 0 : old.computeNs())) / tookNs);
            byNode.merge(nodeId, rate, Rate::plus);
            byUnit.merge(unit, rate, Rate::plus);
        });
    }

    /** Figures by node, of those heard twice. */
    public Map<Integer, Rate> byNode() {
        return byNode;
    }

    /** Figures by unit index, of those that ever served. */
    public Map<Integer, Rate> byUnit() {
        return byUnit;
    }
}
