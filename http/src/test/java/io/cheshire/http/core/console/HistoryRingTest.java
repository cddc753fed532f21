package io.cheshire.http.core.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HistoryRingTest {
    private static final double NONE = Double.NaN;

    @Test
    void shouldKeepTheLastSamplesOldestFirst() {
        final HistoryRing ring = new HistoryRing(3, 2);
        for (int i = 1; i <= 5; i++) {
            ring.add(1_000L * i, Map.of("a", (double) i));
        }

        final HistoryRing.Slice all = ring.read(List.of("a"), 900);
        assertThat(all.timesMs()).containsExactly(3_000L, 4_000L, 5_000L);
        assertThat(all.series().get("a")).containsExactly(3.0, 4.0, 5.0);
        assertThat(ring.read(List.of("a"), 2).series().get("a")).containsExactly(4.0, 5.0);
    }

    @Test
    void shouldSayNothingOfWhatWasNotMeasured() {
        final HistoryRing ring = new HistoryRing(4, 2);
        ring.add(1, Map.of("a", 1.0));
        ring.add(2, Map.of("b", 2.0));
        ring.add(3, Map.of("a", 3.0));

        final HistoryRing.Slice slice = ring.read(List.of("a", "b", "c"), 4);
        assertThat(slice.series()).containsOnlyKeys("a", "b");
        assertThat(slice.series().get("a")).containsExactly(1.0, NONE, 3.0);
        assertThat(slice.series().get("b")).containsExactly(NONE, 2.0, NONE);
    }

    @Test
    void shouldNotTakeAnOldRoundForThePresentOne() {
        final HistoryRing ring = new HistoryRing(2, 2);
        ring.add(1, Map.of("a", 1.0));
        ring.add(2, Map.of());
        ring.add(3, Map.of());

        assertThat(ring.read(List.of("a"), 2).series().get("a")).containsExactly(NONE, NONE);
    }

    @Test
    void shouldLeaveOutWhatThereIsNoRoomForUntilAnOldNameGivesWay() {
        final HistoryRing ring = new HistoryRing(2, 2);
        ring.add(1, Map.of("a", 1.0, "b", 1.0));
        ring.add(2, Map.of("b", 2.0, "c", 2.0));
        assertThat(ring.names()).containsExactly("a", "b");
        assertThat(ring.leftOut()).isEqualTo(1);

        ring.add(3, Map.of("b", 3.0, "c", 3.0));
        ring.add(4, Map.of("b", 4.0, "c", 4.0));
        assertThat(ring.names()).containsExactly("b", "c");
        assertThat(ring.read(List.of("c"), 2).series().get("c")).containsExactly(NONE, 4.0);
    }

    @Test
    void shouldFindAllThatBeginAlike() {
        final HistoryRing ring = new HistoryRing(1, 9);
        ring.add(1, Map.of("node.1.busy", 0.5, "node.2.busy", 0.6, "kv.free", 7.0));

        assertThat(ring.read(List.of("node.*"), 1).series()).containsOnlyKeys("node.1.busy", "node.2.busy");
        assertThat(ring.read(List.of("*"), 1).series()).hasSize(3);
        assertThat(ring.read(List.of(), 1).series()).isEmpty();
    }
}
