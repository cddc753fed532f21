package io.cheshire.transport.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Both ends of the credits, with a channel between them that loses frames. */
class CreditTest {
    @Property(tries = 200)
    void shouldNeitherOverrunNorLoseCreditWhenFramesAreLost(
            @ForAll final long seed,
            @ForAll @IntRange(min = 1, max = 64) final int window,
            @ForAll @DoubleRange(min = 0, max = 0.6) final double loss) {
        final SplittableRandom random = new SplittableRandom(seed);
        final RouterCredit node = new WindowCredit(window);
        final NodeCredit router = new GrantedCredit();
        router.reset(window, node.limit());
        final ArrayDeque<Integer> held = new ArrayDeque<>();
        for (int i = 0; i < 500; i++) {
            final int rows = random.nextInt(1, window + 1);
            if (random.nextBoolean() && router.available() >= rows) {
                router.take(rows);
                if (random.nextDouble() >= loss) {
                    assertThat(node.hold(rows))
                            .as("the router stays within its credit")
                            .isTrue();
                    node.onDispatchedRows(router.dispatchedRows());
                    held.add(rows);
                }
            } else if (!held.isEmpty()) {
                node.release(held.remove());
                if (random.nextDouble() >= loss) {
                    router.onLimit(node.limit());
                }
            }
            assertThat(node.heldRows()).isLessThanOrEqualTo(window);
        }
        while (!held.isEmpty()) {
            node.release(held.remove());
        }
        node.onDispatchedRows(router.dispatchedRows());
        router.onLimit(node.limit());
        assertThat(router.available()).as("after one heartbeat each way").isEqualTo(window);
    }

    @Test
    void shouldRefuseRowsBeyondTheWindow() {
        final RouterCredit credit = new WindowCredit(10);
        assertThat(credit.hold(6)).isTrue();
        assertThat(credit.hold(5)).isFalse();
        assertThat(credit.heldRows()).isEqualTo(6);
        assertThatThrownBy(() -> credit.release(7)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldNotGrantMoreWhenARouterClaimsToHaveSentMore() {
        final RouterCredit credit = new WindowCredit(10);
        credit.onDispatchedRows(Long.MAX_VALUE);
        assertThat(credit.limit()).isEqualTo(20);
        credit.onDispatchedRows(3);
        assertThat(credit.limit()).isEqualTo(20);
    }

    @Test
    void shouldCountAPauseAsOneStep() {
        final ObservedClock clock = new ObservedClock(50);
        clock.advance(Long.MAX_VALUE - 10);
        assertThat(clock.advance(Long.MAX_VALUE)).isEqualTo(10);
        assertThat(clock.advance(Long.MIN_VALUE + 9)).as("across the overflow").isEqualTo(20);
        assertThat(clock.advance(1_000_000_000L + Long.MIN_VALUE)).as("a pause").isEqualTo(70);
        assertThat(clock.advance(Long.MIN_VALUE)).as("backwards").isEqualTo(70);
    }
}
