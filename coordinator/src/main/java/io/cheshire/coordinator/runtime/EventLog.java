package io.cheshire.coordinator.runtime;

import io.cheshire.coordinator.protocol.ClusterEvent;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;

/**
 * The last decisions; the oldest go first. A refusal stands there once, when it was said last: whoever is refused asks
 * again every second, and would fill it alone. Used by the coordinator's actor alone.
 */
final class EventLog {
    private final int limit;
    private final InstantSource clock;
    private final ArrayDeque<ClusterEvent> events = new ArrayDeque<>();
    private long sequence;

    EventLog(final int limit, final InstantSource clock) {
        this.limit = limit;
        this.clock = clock;
    }

    void add(final long epoch, final ClusterEvent.Kind kind, final String reason) {
        if (kind == ClusterEvent.Kind.REFUSED) {
            events.removeIf(event -> event.kind() == kind && event.reason().equals(reason));
        }
        if (events.size() == limit) {
            events.removeFirst();
        }
        events.addLast(new ClusterEvent(++sequence, clock.millis(), epoch, kind, reason));
    }

    List<ClusterEvent> events() {
        return List.copyOf(events);
    }
}
