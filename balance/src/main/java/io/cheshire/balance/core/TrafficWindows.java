package io.cheshire.balance.core;

import java.util.HashMap;
import java.util.List;
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

    /** Counters as a router last reported them, by unit index; empty lists are zeros. */
    private record Seen(long incarnation, List<Long> rows, List<Long> activations) {}

    public TrafficWindows(final int layers, final int experts) {
        this.layers = layers;
        this.experts = experts;
        this.rows = new double[Math.multiplyExact(layers, experts)];
        this.activations = new double[rows.length];
    }

    /**
     * Counts what a router sent since its last report.
     *
     * @param rowCounts        rows sent since the router's start, by unit index
     * @param activationCounts batches that had a row for the unit since the router's start, by unit index
     * @return whether it was counted: false for the counters of another model, or ones that went back
     */
    public boolean accept(
            final int routerId, final long incarnation, final List<Long> rowCounts, final List<Long> activationCounts) {
        if (rowCounts.size() != rows.length || activationCounts.size() != rows.length) {
            return false;
        }
        final Seen now = new Seen(incarnation, List.copyOf(rowCounts), List.copyOf(activationCounts));
        final Seen last = seen.get(routerId);
        final Seen before =
                last == null || last.incarnation() != incarnation ? new Seen(incarnation, List.of(), List.of()) : last;
        if (wentBack(before, now)) {
            return false;
        }
        for (int unit = 0; unit < rows.length; unit++) {
            rows[unit] += now.rows().get(unit) - at(before.rows(), unit);
            activations[unit] += now.activations().get(unit) - at(before.activations(), unit);
        }
        seen.put(routerId, now);
        return true;
    }

    private boolean wentBack(final Seen before, final Seen now) {
        for (int unit = 0; unit < rows.length; unit++) {
            if (now.rows().get(unit) < at(before.rows(), unit)
                    || now.activations().get(unit) < at(before.activations(), unit)) {
                return true;
            }
        }
        return false;
    }

    private static long at(final List<Long> counters, final int unit) {
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
