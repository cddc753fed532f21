package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.PlacedModel;
import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Rows per unit and per node lately, from the counters that nodes report: a sum that decays by half with every
 * {@value #HALF_LIFE_TICKS} calls. Used by one coordinator's life alone; bounded by the units of the model and the
 * nodes of the cluster.
 */
final class RecentLoads {
    private static final int HALF_LIFE_TICKS = 20;
    private static final double DECAY = Math.pow(0.5, 1.0 / HALF_LIFE_TICKS);

    private final PlacedModel model;
    private final double[] rowsByUnit;
    private final SortedMap<Integer, double[]> rowsByNode = new TreeMap<>();
    private final Map<Long, long[]> servedByIncarnation = new HashMap<>();

    RecentLoads(final PlacedModel model) {
        this.model = model;
        this.rowsByUnit = new double[model.unitCount()];
    }

    /** Takes the newest reports in; rows by unit index. */
    List<Long> rowsLately(final List<? extends KnownNode<?>> nodes) {
        for (int unit = 0; unit < rowsByUnit.length; unit++) {
            rowsByUnit[unit] *= DECAY;
        }
        rowsByNode
                .keySet()
                .retainAll(nodes.stream().map(node -> node.hello().nodeId()).toList());
        for (final double[] rows : rowsByNode.values()) {
            for (int layer = 0; layer < rows.length; layer++) {
                rows[layer] *= DECAY;
            }
        }
        for (final KnownNode<?> node : nodes) {
            if (node.report() != null) {
                add(node.report());
            }
        }
        servedByIncarnation
                .keySet()
                .removeIf(incarnation ->
                        nodes.stream().noneMatch(node -> node.hello().incarnation() == incarnation));
        return Arrays.stream(rowsByUnit).mapToObj(Math::round).toList();
    }

    private void add(final NodeReport report) {
        final long[] served =
                servedByIncarnation.computeIfAbsent(report.incarnation(), start -> new long[model.unitCount()]);
        final double[] byLayer = rowsByNode.computeIfAbsent(report.nodeId(), node -> new double[model.layers()]);
        for (final UnitLoad load : report.loads()) {
            if (load.layer() < model.layers() && load.expert() < model.expertsPerLayer()) {
                final int unit = new ExpertKey(load.layer(), load.expert()).unitIndex(model.expertsPerLayer());
                final long rows = Math.max(0, load.rowsServed() - served[unit]);
                rowsByUnit[unit] += rows;
                byLayer[load.layer()] += rows;
                served[unit] = load.rowsServed();
            }
        }
    }

    /**
     * Mean over nodes of the rows served lately by the most that one node served, per layer; 1 where nothing was
     * served.
     */
    List<Double> balancednessByLayer() {
        final List<Double> balancedness = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            double sum = 0;
            double most = 0;
            for (final double[] rows : rowsByNode.values()) {
                sum += rows[layer];
                most = Math.max(most, rows[layer]);
            }
            balancedness.add(most > 0 ? sum / rowsByNode.size() / most : 1.0);
        }
        return balancedness;
    }
}
