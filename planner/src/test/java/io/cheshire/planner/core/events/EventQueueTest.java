package io.cheshire.planner.core.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EventQueueTest {
    /** Of the JDK's own queue, which is slower and known to be right. */
    private record Expected(long atNs, long order, long event) implements Comparable<Expected> {
        @Override
        public int compareTo(final Expected other) {
            return atNs != other.atNs ? Long.compare(atNs, other.atNs) : Long.compare(order, other.order);
        }
    }

    @Test
    void shouldTakeEventsInTheOrderOfTheirTimesAndThenOfAdding() {
        final SplittableRandom random = new SplittableRandom(20261129);
        final EventQueue queue = new EventQueue();
        final PriorityQueue<Expected> expected = new PriorityQueue<>();
        for (int i = 0; i < 20_000; i++) {
            if (random.nextInt(3) != 0 || expected.isEmpty()) {
                final long atNs = queue.nowNs() + random.nextInt(50);
                queue.add(atNs, i);
                expected.add(new Expected(atNs, i, i));
            } else {
                final Expected next = expected.remove();
                assertThat(queue.take()).isEqualTo(next.event());
                assertThat(queue.nowNs()).isEqualTo(next.atNs());
            }
        }
        while (!expected.isEmpty()) {
            assertThat(queue.take()).isEqualTo(expected.remove().event());
        }
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void shouldNeverGoBackInTime() {
        final EventQueue queue = new EventQueue();
        queue.add(10, 1);
        queue.take();
        queue.add(3, 2);

        assertThat(queue.nextNs()).isEqualTo(10);
    }

    @Test
    void shouldSayThatNothingIsToHappenWhenItIsEmpty() {
        assertThatThrownBy(() -> new EventQueue().take()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldRefuseAStationWhoseBookDoesNotAddUp() {
        final StationBook book = new StationBook("a desk");
        book.arrive(5);
        book.depart(9, 5);
        book.demandLittle();
        book.arrive(10);
        book.depart(12, 11); // came at 10

        assertThatThrownBy(book::demandLittle).hasMessageContaining("Little's law");
    }
}
