package io.cheshire.coordinator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private final EventLog log = new EventLog(4, () -> Instant.ofEpochMilli(7));

    @Test
    void shouldLetTheOldestGoFirst() {
        for (int epoch = 1; epoch <= 6; epoch++) {
            log.add(epoch, Kind.PUBLISHED, "again");
        }

        assertThat(log.events()).map(ClusterEvent::epoch).containsExactly(3L, 4L, 5L, 6L);
        assertThat(log.events()).map(ClusterEvent::sequence).containsExactly(3L, 4L, 5L, 6L);
    }

    @Test
    void shouldKeepARefusalOnceHoweverOftenItIsSaid() {
        log.add(1, Kind.ROUTER_JOINED, "router 0 joined");
        for (int second = 0; second < 100; second++) {
            log.add(1, Kind.REFUSED, "router 8: too many");
            log.add(1, Kind.REFUSED, "router 9: too many");
        }

        assertThat(log.events())
                .map(ClusterEvent::reason)
                .containsExactly("router 0 joined", "router 8: too many", "router 9: too many");
        assertThat(log.events().getLast().sequence()).isEqualTo(201);
    }
}
