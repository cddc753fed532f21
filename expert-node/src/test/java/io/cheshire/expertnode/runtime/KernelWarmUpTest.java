package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.device.DeviceExecutor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelWarmUpTest {
    private static final int HIDDEN = 16;
    private static final long DURATION_NS = 1_000;

    private final DeviceExecutor device = new DeviceExecutor("test-device", 4);
    private final CountingKernel kernel = new CountingKernel();
    private long nowNs = Long.MAX_VALUE - 10; // a monotonic clock may count from anywhere, and over its end

    @Test
    void shouldCallNothingWhenItIsOff() {
        assertThat(warmUp(0).isOver(kernel)).isTrue();
        assertThat(device.doWork()).isZero();
    }

    @Test
    void shouldCallWithEachNumberOfRowsInTurnUntilItsTimeIsOver() {
        final KernelWarmUp warmUp = warmUp(DURATION_NS);

        for (int call = 0; call < 10; call++) {
            assertThat(warmUp.isOver(kernel)).isFalse();
            assertThat(warmUp.isOver(kernel)).as("one call at a time").isFalse();
            assertThat(device.doWork()).isEqualTo(1);
            nowNs += DURATION_NS / 10;
        }

        assertThat(warmUp.isOver(kernel)).isTrue();
        assertThat(device.doWork()).isZero();
        assertThat(kernel.rowCounts).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 1, 2);
        assertThat(warmUp.isOver(kernel)).as("later units").isTrue();
    }

    @Test
    void shouldNotEndWhileTheDeviceHasTheKernel() {
        final KernelWarmUp warmUp = warmUp(DURATION_NS);
        assertThat(warmUp.isOver(kernel)).isFalse();
        nowNs += DURATION_NS;

        assertThat(warmUp.isOver(kernel)).isFalse();
        device.doWork();
        assertThat(warmUp.isOver(kernel)).isTrue();
    }

    @Test
    void shouldHoldNoUnitBackWhenACallFails() {
        final KernelWarmUp warmUp = warmUp(DURATION_NS);
        kernel.fails = true;
        assertThat(warmUp.isOver(kernel)).isFalse();
        device.doWork();

        assertThat(warmUp.isOver(kernel)).isTrue();
    }

    @Test
    void shouldAskAgainWhenTheDeviceIsFull() {
        final KernelWarmUp warmUp = warmUp(DURATION_NS);
        while (device.submit(warmUp(0))) {
            assertThat(kernel.rowCounts).isEmpty();
        }
        assertThat(warmUp.isOver(kernel)).isFalse();
        while (device.doWork() > 0) {
            assertThat(kernel.rowCounts).isEmpty();
        }

        assertThat(warmUp.isOver(kernel)).isFalse();
        device.doWork();
        assertThat(kernel.rowCounts).containsExactly(1);
    }

    private KernelWarmUp warmUp(final long durationNs) {
        return new KernelWarmUp(3, device, () -> nowNs, durationNs, HIDDEN, 256);
    }

    private static final class CountingKernel implements ExpertKernel {
        private final List<Integer> rowCounts = new ArrayList<>();
        private boolean fails;

        @Override
        public Dtype inputDtype() {
            return Dtype.BF16;
        }

        @Override
        public long weightBytes() {
            return 0;
        }

        @Override
        public void forward(final MemorySegment rows, final int rowCount, final MemorySegment results) {
            if (fails) {
                throw new IllegalStateException("as asked for");
            }
            assertThat(rows.byteSize()).isEqualTo((long) rowCount * HIDDEN * Short.BYTES);
            assertThat(results.byteSize()).isEqualTo((long) rowCount * HIDDEN * Float.BYTES);
            rowCounts.add(rowCount);
        }

        @Override
        public void close() {}
    }
}
