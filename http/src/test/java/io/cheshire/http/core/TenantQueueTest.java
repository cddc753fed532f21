package io.cheshire.http.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TenantQueueTest {
    @Test
    void shouldServeTenantsInTurnsAndEachInItsOrder() {
        final TenantQueue<String> queue = new TenantQueue<>(10, 10);
        for (final String work : new String[] {"a1", "a2", "a3", "b1", "c1", "b2"}) {
            queue.offer(work.substring(0, 1), work);
        }
        assertThat(queue.aheadOf("b")).isEqualTo(5);
        assertThat(queue.aheadOf("d")).isEqualTo(3);
        assertThat(drained(queue)).containsExactly("a1", "b1", "c1", "a2", "b2", "a3");
        assertThat(queue.waiting()).isZero();
    }

    @Test
    void shouldLetNoTenantHaveMoreThanItsShare() {
        final TenantQueue<String> queue = new TenantQueue<>(4, 2);
        queue.offer("a", "a1");
        queue.offer("a", "a2");
        assertThat(queue.offer("a", "a3")).isEqualTo(new TenantQueue.Offer.LineFull<>());
        assertThat(queue.offer("b", "b1")).isEqualTo(new TenantQueue.Offer.Queued<>(null));
    }

    @Test
    void shouldMakeRoomForATenantWithLessWhenTheWholeIsFull() {
        final TenantQueue<String> queue = new TenantQueue<>(4, 4);
        for (final String work : new String[] {"a1", "a2", "a3", "b1"}) {
            queue.offer(work.substring(0, 1), work);
        }
        assertThat(queue.offer("a", "a4")).isEqualTo(new TenantQueue.Offer.Full<>());
        assertThat(queue.offer("c", "c1")).isEqualTo(new TenantQueue.Offer.Queued<>("a3"));
        assertThat(queue.offer("b", "b2"))
                .as("the longest line has no more than this one would")
                .isEqualTo(new TenantQueue.Offer.Full<>());
        assertThat(drained(queue)).containsExactly("a1", "b1", "c1", "a2");
    }

    private static List<String> drained(final TenantQueue<String> queue) {
        final List<String> order = new ArrayList<>();
        for (String work = queue.poll(); work != null; work = queue.poll()) {
            order.add(work);
        }
        return order;
    }
}
