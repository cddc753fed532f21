package io.cheshire.router.core.routing;

import io.cheshire.coordinator.protocol.UnitTraffic;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.LongStream;

/**
 * Rows and activations of every unit since start, as the gate chose them: what the coordinator balances by. Written by
 * the engine thread without allocating, read by any.
 */
public final class UnitTrafficCounters {
    private final int experts;
    private final AtomicLongArray rows;
    private final AtomicLongArray activations;
    private final int[] rowsByExpert;
    private volatile RoutingSink sink = RoutingSink.NONE;

    public UnitTrafficCounters(final int layers, final int experts) {
        this.experts = experts;
        this.rows = new AtomicLongArray(Math.multiplyExact(layers, experts));
        this.activations = new AtomicLongArray(rows.length());
        this.rowsByExpert = new int[experts];
    }

    /** Experts of a layer. */
    public int expertCount() {
        return experts;
    }

    /** Passes every layer on to {@code recorder} from now on. Safe from any thread. */
    public void recordTo(final RoutingSink recorder) {
        sink = recorder;
    }

    /**
     * Counts a lane's layer. Engine thread only.
     *
     * @param choiceCount rows x experts of a row
     * @param choices     the gate's choices, {@code [choiceCount]}
     */
    public void count(final int lane, final long step, final int layer, final int choiceCount, final int[] choices) {
        Arrays.fill(rowsByExpert, 0);
        for (int i = 0; i < choiceCount; i++) {
            rowsByExpert[choices[i]]++;
        }
        for (int expert = 0; expert < experts; expert++) {
            if (rowsByExpert[expert] > 0) {
                add(rows, layer * experts + expert, rowsByExpert[expert]);
                add(activations, layer * experts + expert, 1);
            }
        }
        sink.layer(lane, step, layer, rowsByExpert);
    }

    /** All counters. Safe from any thread; a layer being counted meanwhile may be in it by half. */
    public UnitTraffic snapshot() {
        return new UnitTraffic(list(rows), list(activations));
    }

    private static List<Long> list(final AtomicLongArray counters) {
        return LongStream.range(0, counters.length())
                .mapToObj(unit -> counters.getAcquire((int) unit))
                .toList();
    }

    /** One writer: no locked instruction needed. */
    private static void add(final AtomicLongArray counters, final int unit, final int amount) {
        counters.setRelease(unit, counters.getPlain(unit) + amount);
    }
}
