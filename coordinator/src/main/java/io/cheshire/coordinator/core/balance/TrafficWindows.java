package io.cheshire.coordinator.core.balance;

import io.cheshire.coordinator.protocol.UnitTraffic;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Turns the growing counters that routers report into windows: what all of them sent since the window before. A router
 * that starts anew counts from 0 again. One per coordinator; not thread-safe.
 */
public final class TrafficWindows {
    private final int layers;
    private final int experts;
    private final Map<Integer, Seen> seen = new HashMap<>();
    private double[] rows;
    private double[] activations;

    private record Seen(long incarnation, UnitTraffic traffic) {}

    public TrafficWindows(final int layers, final int experts) {
        this.layers = layers;
        this.experts = experts;
        this.rows = new double[Math.multiplyExact(layers, experts)];
        this.activations = new double[rows.length];
    }

    /**
     * Counts what a router sent since its last report.
     *
     * @return whether it was counted: false for the counters of another model, or ones that went back
     */
    public boolean accept(final int routerId, final long incarnation, final UnitTraffic traffic) {
        if (traffic.rows().size() != rows.length) {
            return false;
        }
        final Seen last = seen.get(routerId);
        final UnitTraffic before =
                last == null || last.incarnation() != incarnation ? UnitTraffic.NONE : last.traffic();
        if (wentBack(before, traffic)) {
            return false;
        }
        for (int unit = 0; unit < rows.length; unit++) {
            rows[unit] += traffic.rows().get(unit) - at(before.rows(), unit);
            activations[unit] += traffic.activations().get(unit) - at(before.activations(), unit);
        }
        seen.put(routerId, new Seen(incarnation, traffic));
        return true;
    }

    private boolean wentBack(final UnitTraffic before, final UnitTraffic now) {
        for (int unit = 0; unit < rows.length; unit++) {
            if (now.rows().get(unit) < at(before.rows(), unit)
                    || now.activations().get(unit) < at(before.activations(), unit)) {
                return true;
            }
        }
        return false;
    }

    private static long at(final java.util.List<Long> counters, final int unit) {
        return counters.isEmpty() ? 0 : counters.get(unit);
    }

    /** Forgets routers that are no members any more. */
    public void retain(final Set<Integer> routerIds) {
        seen.keySet().retainAll(routerIds);
    }

    /** Ends the window and begins the next. */
    public LoadWindow close() {
        final LoadWindow window = new LoadWindow(layers, experts, rows, activations);
        rows = new double[rows.length];
        activations = new double[rows.length];
        return window;
    }
}
