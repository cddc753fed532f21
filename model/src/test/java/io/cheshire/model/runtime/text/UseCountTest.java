package io.cheshire.model.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UseCountTest {
    private final AtomicInteger freed = new AtomicInteger();
    private final UseCount uses = new UseCount("the thing", freed::incrementAndGet);

    @Test
    void shouldFreeOnceWhenItIsClosedTwice() {
        assertThat(uses.during(() -> 17)).isEqualTo(17);
        uses.close();
        uses.close();
        assertThat(freed).hasValue(1);
    }

    @Test
    void shouldFreeAtTheEndOfTheLastCallWhenItIsClosedMeanwhile() {
        final int inner = uses.during(() -> {
            final int result = uses.during(() -> {
                uses.close();
                assertThat(freed).hasValue(0);
                assertThatThrownBy(() -> uses.during(() -> 3))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("the thing is closed");
                return 5;
            });
            assertThat(freed).as("the outer call still uses it").hasValue(0);
            return result;
        });
        assertThat(inner).isEqualTo(5);
        assertThat(freed).hasValue(1);
        assertThatThrownBy(() -> uses.during(() -> 3)).isInstanceOf(IllegalStateException.class);
        assertThat(freed).hasValue(1);
    }

    @Test
    void shouldFreeWhenTheLastCallFails() {
        assertThatThrownBy(() -> uses.during(() -> {
                    uses.close();
                    throw new UnsupportedOperationException("as asked for");
                }))
                .hasMessage("as asked for");
        assertThat(freed).hasValue(1);
    }

    @Test
    void shouldNeverFreeUnderACallWhenThreadsRace() throws Exception {
        final int threads = 3;
        try (ExecutorService callers = Executors.newFixedThreadPool(threads)) {
            for (int round = 0; round < 300; round++) {
                final AtomicInteger gone = new AtomicInteger();
                final UseCount each = new UseCount("the thing", gone::incrementAndGet);
                final CountDownLatch begun = new CountDownLatch(threads);
                final List<Future<?>> calls = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    calls.add(callers.submit(() -> callUntilClosed(each, gone, begun)));
                }
                begun.await();
                each.close();
                for (final Future<?> call : calls) {
                    call.get();
                }
                assertThat(gone).hasValue(1);
            }
        }
    }

    private static void callUntilClosed(final UseCount uses, final AtomicInteger gone, final CountDownLatch begun) {
        while (true) {
            try {
                uses.during(() -> {
                    begun.countDown();
                    for (int i = 0; i < 50; i++) {
                        assertThat(gone.get()).isZero();
                    }
                    return true;
                });
            } catch (final IllegalStateException closed) {
                return;
            }
        }
    }
}
