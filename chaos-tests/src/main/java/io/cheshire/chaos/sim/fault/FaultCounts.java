package io.cheshire.chaos.sim.fault;

import io.cheshire.chaos.sim.FaultKind;
import java.util.EnumMap;
import java.util.Map;

/** How often each kind of fault struck. */
public final class FaultCounts {
    private final Map<FaultKind, Long> counts = new EnumMap<>(FaultKind.class);

    public void count(final FaultKind kind) {
        add(kind, 1);
    }

    public void add(final FaultKind kind, final long times) {
        if (times > 0) {
            counts.merge(kind, times, Long::sum);
        }
    }

    /** Adds another run's. */
    public void add(final FaultCounts other) {
        other.counts.forEach(this::add);
    }

    /** Kinds that struck, and how often. */
    public Map<FaultKind, Long> byKind() {
        return new EnumMap<>(counts.isEmpty() ? Map.of(FaultKind.LOSS, 0L) : counts);
    }

    /** All of them. */
    public long total() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
