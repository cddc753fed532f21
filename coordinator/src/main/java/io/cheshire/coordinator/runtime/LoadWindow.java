package io.cheshire.coordinator.runtime;

import io.cheshire.coordinator.protocol.ModelIdentity;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.model.protocol.ExpertKey;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Rows per unit lately, from the counters that nodes report: a sum that decays by half with every {@value #HALF_LIFE_TICKS} calls.
 * Used by the coordinator's actor alone; bounded by the units of the model and the nodes of the cluster.
 */
final class LoadWindow {
    private static final int HALF_LIFE_TICKS = 20;
    private static final double DECAY = Math.pow(0.5, 1.0 / HALF_LIFE_TICKS);

    private final ModelIdentity model;
    private final double[] rowsByUnit;
    private final Map<Long, long[]> servedByIncarnation = new HashMap<>();

    LoadWindow(final ModelIdentity model) {
        this.model = model;
        this.rowsByUnit = new double[model.unitCount()];
    }

    /** Takes the newest reports in; rows by unit index. */
    List<Long> rowsLately(final List<Members.Node> nodes) {
        for (int unit = 0; unit < rowsByUnit.length; unit++) {
            rowsByUnit[unit] *= DECAY;
        }
        for (final Members.Node node : nodes) {
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
        for (final UnitLoad load : report.loads()) {
            if (load.layer() < model.layers() && load.expert() < model.expertsPerLayer()) {
                final int unit = new ExpertKey(load.layer(), load.expert()).unitIndex(model.expertsPerLayer());
                rowsByUnit[unit] += Math.max(0, load.rowsServed() - served[unit]);
                served[unit] = load.rowsServed();
            }
        }
    }
}
