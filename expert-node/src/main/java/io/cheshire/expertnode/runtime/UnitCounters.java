package io.cheshire.expertnode.runtime;

import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What every unit did since the node started. Written by the node's thread, read by any. A row counts when its result
 * is in the channel, so that over all nodes and for each layer rows served are the router's rows times experts a row.
 */
final class UnitCounters {
    private final int expertsPerLayer;
    private final AtomicLongArray rowsServed;
    private final AtomicLongArray shardsServed;
    private final AtomicLongArray queueNs;
    private final AtomicLongArray computeNs;

    UnitCounters(final int unitCount, final int expertsPerLayer) {
        this.expertsPerLayer = expertsPerLayer;
        rowsServed = new AtomicLongArray(unitCount);
        shardsServed = new AtomicLongArray(unitCount);
        queueNs = new AtomicLongArray(unitCount);
        computeNs = new AtomicLongArray(unitCount);
    }

    void addRows(final int unitIndex, final int rowCount) {
        add(rowsServed, unitIndex, rowCount);
    }

    void addShard(final int unitIndex, final long waitedNs) {
        add(shardsServed, unitIndex, 1);
        add(queueNs, unitIndex, waitedNs);
    }

    void addCompute(final int unitIndex, final long ns) {
        add(computeNs, unitIndex, ns);
    }

    private static void add(final AtomicLongArray counters, final int unitIndex, final long amount) {
        counters.setOpaque(unitIndex, counters.getOpaque(unitIndex) + amount);
    }

    List<UnitLoad> loads() {
        final List<UnitLoad> loads = new ArrayList<>();
        for (int unit = 0; unit < rowsServed.length(); unit++) {
            if (rowsServed.getOpaque(unit) > 0) {
                final ExpertKey key = ExpertKey.ofUnitIndex(unit, expertsPerLayer);
                loads.add(new UnitLoad(
                        key.layer(),
                        key.expert(),
                        rowsServed.getOpaque(unit),
                        shardsServed.getOpaque(unit),
                        queueNs.getOpaque(unit),
                        computeNs.getOpaque(unit)));
            }
        }
        return loads;
    }
}
