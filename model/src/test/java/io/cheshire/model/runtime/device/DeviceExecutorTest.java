package io.cheshire.model.runtime.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one turn of a device does, on a clock that only jobs advance. */
class DeviceExecutorTest {
    private static final long JOB_NS = 2;

    private final List<Integer> done = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private long nowNs = Long.MAX_VALUE - 3; // overflows within the tests

    private final class Job implements DeviceJob {
        private final int number;
        private final boolean fails;

        Job(final int number, final boolean fails) {
            this.number = number;
            this.fails = fails;
        }

        @Override
        public void run() {
            nowNs += JOB_NS;
            if (fails) {
                throw new IllegalStateException("told to fail");
            }
            done.add(number);
        }

        @Override
        public void failed(final Throwable cause) {
            failures.add(cause);
        }
    }

    private DeviceExecutor executor(final long burstNs, final int jobs) {
        final DeviceExecutor executor = new DeviceExecutor("test", 16, burstNs, () -> nowNs);
        for (int i = 0; i < jobs; i++) {
            assertThat(executor.submit(new Job(i, false))).isTrue();
        }
        return executor;
    }

    @Test
    void shouldRunOneJobATurnWithoutABurst() {
        final DeviceExecutor executor = executor(0, 3);

        assertThat(executor.doWork()).isEqualTo(1);

        assertThat(done).containsExactly(0);
    }

    @Test
    void shouldBeginNoJobAfterTheBurst() {
        final DeviceExecutor executor = executor(5 * JOB_NS / 2, 6);

        assertThat(executor.doWork()).isEqualTo(3);
        assertThat(done).containsExactly(0, 1, 2);

        assertThat(executor.doWork()).isEqualTo(3);
        assertThat(executor.doWork()).isZero();
        assertThat(done).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void shouldGoOnWithTheBurstWhenAJobFails() {
        final DeviceExecutor executor = new DeviceExecutor("test", 16, 100, () -> nowNs);
        executor.submit(new Job(0, true));
        executor.submit(new Job(1, false));

        assertThat(executor.doWork()).isEqualTo(2);

        assertThat(failures).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(done).containsExactly(1);
    }

    @Test
    void shouldTellTheJobAndEndTheTurnWhenTheJvmIsBroken() {
        final DeviceExecutor executor = new DeviceExecutor("test", 16, 100, () -> nowNs);
        executor.submit(new DeviceJob() {
            @Override
            public void run() {
                throw new OutOfMemoryError("told to");
            }

            @Override
            public void failed(final Throwable cause) {
                failures.add(cause);
            }
        });
        executor.submit(new Job(1, false));

        assertThatThrownBy(executor::doWork).isInstanceOf(OutOfMemoryError.class);

        assertThat(failures).hasSize(1);
        assertThat(done).isEmpty();
    }

    @Test
    void shouldRefuseAJobWhenTheQueueIsFull() {
        final DeviceExecutor executor = executor(0, 16);

        assertThat(executor.submit(new Job(16, false))).isFalse();
    }
}
