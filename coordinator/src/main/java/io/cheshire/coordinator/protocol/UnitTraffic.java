package io.cheshire.coordinator.protocol;

import java.util.List;

/**
 * What a router sent to units since its start. Counters only grow, so a lost report loses nothing.
 *
 * @param rows        rows sent, by unit index {@code layer * experts + expert}; a row counts once for each of its
 *                    experts
 * @param activations batches in which the unit had at least one row, by unit index: how often its weights were needed
 */
public record UnitTraffic(List<Long> rows, List<Long> activations) {
    /** Of a router that has sent nothing. */
    public static final UnitTraffic NONE = new UnitTraffic(List.of(), List.of());

    public UnitTraffic {
        rows = List.copyOf(rows);
        activations = List.copyOf(activations);
        if (rows.size() != activations.size()) {
            throw new IllegalArgumentException(
                    rows.size() + " row counters, " + activations.size() + " activation counters");
        }
        if (rows.stream().anyMatch(count -> count < 0) || activations.stream().anyMatch(count -> count < 0)) {
            throw new IllegalArgumentException("a negative counter of traffic");
        }
    }
}
