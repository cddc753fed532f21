package io.cheshire.model.runtime.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one turn of a device does, on a clock that only jobs advance. */
class DeviceExecutorTest {
    private static final long JOB_NS = 2;

    private final List<Integer> begun = new ArrayList<>();
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
        public boolean begin() {
            nowNs += JOB_NS;
            if (fails) {
                throw new IllegalStateException("told to fail");
            }
            done.add(number);
            return true;
        }

        @Override
        public void failed(final Throwable cause) {
            failures.add(cause);
        }
    }

    private DeviceExecutor executor(final long burstNs, final int jobs) {
        final DeviceExecutor executor = new DeviceExecutor("test", 16, 2, burstNs, 0, () -> nowNs);
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
        final DeviceExecutor executor = new DeviceExecutor("test", 16, 2, 100, 0, () -> nowNs);
        executor.submit(new Job(0, true));
        executor.submit(new Job(1, false));

        assertThat(executor.doWork()).isEqualTo(2);

        assertThat(failures).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(done).containsExactly(1);
    }

    @Test
    void shouldTellTheJobAndEndTheTurnWhenTheJvmIsBroken() {
        final DeviceExecutor executor = new DeviceExecutor("test", 16, 2, 100, 0, () -> nowNs);
        executor.submit(new DeviceJob() {
            @Override
            public boolean begin() {
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

    /** A job that is under way until it is told otherwise. */
    private final class SlowJob implements DeviceJob {
        private final int number;
        private final boolean overlaps;
        private boolean over;
        private boolean fails;

        SlowJob(final int number, final boolean overlaps) {
            this.number = number;
            this.overlaps = overlaps;
        }

        @Override
        public boolean begin() {
            begun.add(number);
            return false;
        }

        @Override
        public boolean poll() {
            if (fails) {
                throw new IllegalStateException("told to fail");
            }
            if (over) {
                done.add(number);
            }
            return over;
        }

        @Override
        public boolean overlaps() {
            return overlaps;
        }

        @Override
        public void failed(final Throwable cause) {
            failures.add(cause);
        }
    }

    private SlowJob submitted(final DeviceExecutor executor, final int number, final boolean overlaps) {
        final SlowJob job = new SlowJob(number, overlaps);
        assertThat(executor.submit(job)).isTrue();
        return job;
    }

    @Test
    void shouldHaveSoManyJobsUnderWayAndNoMore() {
        final DeviceExecutor executor = executor(100, 0);
        final SlowJob first = submitted(executor, 0, true);
        final SlowJob second = submitted(executor, 1, true);
        submitted(executor, 2, true);

        assertThat(executor.doWork()).isEqualTo(2);
        assertThat(executor.doWork()).as("waiting is no work").isZero();
        assertThat(begun).containsExactly(0, 1);
        assertThat(executor.inFlight()).isEqualTo(2);

        second.over = true; // before the first
        assertThat(executor.doWork()).as("one ended, one begun").isEqualTo(2);
        assertThat(begun).containsExactly(0, 1, 2);
        first.over = true;
        assertThat(executor.doWork()).isEqualTo(1);
        assertThat(done).containsExactly(1, 0);
    }

    @Test
    void shouldNotRestSoonAfterTheBeginOfAJobThatIsUnderWay() {
        final DeviceExecutor executor = new DeviceExecutor("test", 16, 2, 0, 50, () -> nowNs);
        final SlowJob first = submitted(executor, 0, true);
        assertThat(executor.doWork()).isEqualTo(1);

        nowNs += 49;
        assertThat(executor.doWork()).isEqualTo(1);
        nowNs += 1;
        assertThat(executor.doWork()).as("waiting is no work any more").isZero();
        first.over = true;
        assertThat(executor.doWork()).isEqualTo(1);
        assertThat(executor.doWork()).as("nothing is under way").isZero();
    }

    @Test
    void shouldBeginAJobThatMustNotOverlapWhenNothingIsUnderWay() {
        final DeviceExecutor executor = executor(100, 0);
        final SlowJob first = submitted(executor, 0, true);
        executor.submit(new Job(1, false));
        submitted(executor, 2, true);

        executor.doWork();
        executor.doWork();
        assertThat(begun).as("nobody overtakes").containsExactly(0);
        assertThat(done).isEmpty();

        first.over = true;
        assertThat(executor.doWork()).isEqualTo(3);
        assertThat(done).containsExactly(0, 1);
        assertThat(begun).containsExactly(0, 2);
    }

    @Test
    void shouldEndAJobThatFailsUnderWayAndKeepTheOthers() {
        final DeviceExecutor executor = executor(100, 0);
        final SlowJob first = submitted(executor, 0, true);
        final SlowJob second = submitted(executor, 1, true);
        executor.doWork();

        first.fails = true;
        assertThat(executor.doWork()).isEqualTo(1);
        assertThat(failures).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(executor.inFlight()).isEqualTo(1);

        second.over = true;
        executor.doWork();
        assertThat(done).containsExactly(1);
        assertThat(failures).hasSize(1);
    }
}
