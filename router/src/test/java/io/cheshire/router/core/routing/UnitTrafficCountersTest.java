package io.cheshire.router.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnitTrafficCountersTest {
    @Test
    void shouldCountRowsAndActivationsOfEachUnit() {
        final UnitTrafficCounters counters = new UnitTrafficCounters(2, 3);
        counters.count(0, 1, 0, 4, new int[] {0, 2, 2, 2, 1, 1});
        counters.count(0, 1, 1, 2, new int[] {1, 2});
        counters.count(1, 1, 0, 2, new int[] {0, 1});
        assertThat(counters.snapshot().rows()).containsExactly(2L, 1L, 3L, 0L, 1L, 1L);
        assertThat(counters.snapshot().activations()).containsExactly(2L, 1L, 1L, 0L, 1L, 1L);
    }

    @Test
    void shouldPassEveryLayerOn() {
        final UnitTrafficCounters counters = new UnitTrafficCounters(1, 3);
        final List<String> seen = new ArrayList<>();
        counters.recordTo((lane, step, layer, rows) ->
                seen.add(lane + " " + step + " " + layer + " " + rows[0] + rows[1] + rows[2]));
        counters.count(1, 7, 0, 4, new int[] {0, 2, 2, 2});
        assertThat(seen).containsExactly("1 7 0 103");
    }

    @Test
    void shouldAllocateNothing() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final UnitTrafficCounters counters = new UnitTrafficCounters(1, 16);
        final int[] choices = new int[64];
        counters.count(0, 1, 0, choices.length, choices);
        threads.getCurrentThreadAllocatedBytes();
        final long before = threads.getCurrentThreadAllocatedBytes();
        for (int step = 0; step < 1000; step++) {
            counters.count(0, step, 0, choices.length, choices);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                .as("bytes in 1,000 layers")
                .isLessThan(1000);
    }
}
