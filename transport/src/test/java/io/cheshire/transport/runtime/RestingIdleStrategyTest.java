package io.cheshire.transport.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class RestingIdleStrategyTest {
    private static final int BEFORE_REST = 5;

    private final AtomicInteger rests = new AtomicInteger();
    private final RestingIdleStrategy idle =
            new RestingIdleStrategy(new BackoffIdleStrategy(1, 1, 1, 1), BEFORE_REST, rests::incrementAndGet);

    @Test
    void shouldRestOnlyAfterSoManyDutyCyclesWithoutWork() {
        cycles(BEFORE_REST, 0);
        assertThat(rests).hasValue(0);

        cycles(3, 0);
        assertThat(rests).hasValue(3);
    }

    @Test
    void shouldBeAwakeAgainAfterTheFirstWork() {
        cycles(2 * BEFORE_REST, 0);
        rests.set(0);

        cycles(1, 1);
        cycles(BEFORE_REST, 0);

        assertThat(rests).hasValue(0);
    }

    private void cycles(final int count, final int work) {
        for (int cycle = 0; cycle < count; cycle++) {
            idle.idle(work);
        }
    }
}
