package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.http.core.AnswerCost;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class AnswerBudgetTest {
    private static final int OWN = AnswerCost.OWN_EVENT_BYTES;

    private final AnswerBudget budget = new AnswerBudget(400);

    @Test
    void shouldReserveUpToThreeQuartersAndTakeBackWhatIsClosed() {
        final AnswerBudget.Share first = budget.reserve(200);
        assertThat(first).isNotNull();
        assertThat(budget.reserve(101)).isNull();
        assertThat(budget.reservedBytes()).isEqualTo(200);
        assertThat(first.extend(100)).isTrue();
        assertThat(first.extend(1)).isFalse();
        first.close();
        first.close();
        assertThat(budget.reservedBytes()).isZero();
    }

    @Test
    void shouldKeepAQuarterForEventsWhateverIsReserved() {
        final AnswerBudget.Share share = budget.reserve(300);
        assertThat(share.enter(OWN)).isTrue();
        assertThat(budget.eventBytes()).as("reserved before").isZero();
        assertThat(share.enter(60)).isTrue();
        assertThat(share.enter(60)).isFalse();
        assertThat(budget.eventBytes()).isEqualTo(60);
        share.leave(60);
        assertThat(budget.eventBytes()).isZero();
        assertThat(share.enter(60)).isTrue();
        share.close();
        assertThat(budget.eventBytes()).as("events that nobody took").isZero();
        assertThat(share.enter(60)).as("an engine that hasn't heard of the end").isTrue();
        assertThat(budget.eventBytes()).isZero();
    }

    @Test
    void shouldLetAQuickCallGoOnWhileASlowOneHasTakenAllRoom() {
        final AnswerBudget.Share slow = budget.reserve(10);
        final AnswerBudget.Share quick = budget.reserve(10);
        assertThat(slow.enter(OWN + 100)).isTrue();
        assertThat(slow.enter(60)).isFalse();
        for (int i = 0; i < 1000; i++) {
            assertThat(quick.enter(OWN / 2)).isTrue();
            quick.leave(OWN / 2);
        }
        slow.close();
        quick.close();
        assertThat(budget.eventBytes()).isZero();
    }

    @Test
    void shouldLeakNothingWhenCallsEndWhileTheEngineGoesOn() throws Exception {
        for (int round = 0; round < 500; round++) {
            final AnswerBudget.Share share = budget.reserve(10);
            final CountDownLatch begun = new CountDownLatch(1);
            final Thread engine = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 200; i++) {
                    if (share.enter(OWN / 20) && i == 3) {
                        begun.countDown();
                    }
                }
            });
            begun.await();
            share.leave(OWN / 20);
            share.close();
            engine.join();
            assertThat(budget.eventBytes()).isZero();
            assertThat(budget.reservedBytes()).isZero();
        }
    }
}
