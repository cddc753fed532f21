package io.cheshire.model.runtime.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.KernelCall;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.device.DeviceLostException;
import io.cheshire.model.runtime.onednn.RandomWeights;
import io.cheshire.model.testing.EmulatedCuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls of two lanes of a router under way at once on a GPU, and what becomes of both when it fails (docs/gpu.md). */
class CudaRouterCallsInFlightTest {
    private static final int ROWS = RouterBuffers.HEAD_ROWS + 9; // the head takes them in two blocks
    private static final int TOKENS = 16;
    private static final int BLOCKS = Math.ceilDiv(ROWS, TOKENS);
    private static final ModelConfig CONFIG = RandomWeights.config(96, 32, 16, 2, 2, 1, 16, 4, null);
    private static final long LONG_NS = TimeUnit.MINUTES.toNanos(2);

    private final Arena arena = Arena.ofConfined();
    private final EmulatedCuda emulated = EmulatedCuda.fresh();
    private final List<DeviceLostException> losses = new ArrayList<>();
    private final Lane many = new Lane(ROWS, 0, 5);
    private final Lane few = new Lane(3, BLOCKS, 11);

    /** A lane with the prompt of one sequence, in blocks of its own. */
    private final class Lane {
        private final StepBatch batch = new StepBatch(ROWS, 1);
        private final LaneBuffers buffers = new LaneBuffers(arena, CONFIG, Precision.BF16, ROWS, ROWS);

        Lane(final int rows, final int firstBlock, final int seed) {
            batch.rowCount = rows;
            batch.sequenceCount = 1;
            batch.rowsOf[0] = rows;
            batch.blockTables[0] =
                    IntStream.range(firstBlock, firstBlock + BLOCKS).toArray();
            batch.ropeTables[0] = new RopeTables(CONFIG, 128).forSequence(ROWS);
            batch.logitsRowCount = rows;
            for (int row = 0; row < rows; row++) {
                batch.tokenIds[row] = (row * 7 + seed) % CONFIG.vocabSize();
                batch.logitsRows[row] = rows - 1 - row;
            }
        }

        KernelCall begin(final RouterKernel router, final int layer) {
            if (layer == 0) {
                router.embed(batch, buffers);
            }
            return router.beginAttention(layer, batch, buffers);
        }

        /** What experts might have given. */
        void experts(final int layer) {
            for (int i = 0; i < 2 * batch.rowCount * CONFIG.hiddenSize(); i++) {
                buffers.results.setAtIndex(JAVA_FLOAT, i, (i % 13 - 6) * 0.05f * (layer + 1));
            }
        }

        String outcome() {
            return Arrays.toString(Arrays.copyOf(buffers.experts, 2 * batch.rowCount))
                    + Arrays.toString(Arrays.copyOf(buffers.weights, 2 * batch.rowCount))
                    + bytes(buffers.dispatchRows, (long) batch.rowCount * CONFIG.hiddenSize() * Short.BYTES)
                    + bytes(buffers.logits, (long) batch.rowCount * CONFIG.vocabSize() * Float.BYTES);
        }

        private static String bytes(final MemorySegment of, final long count) {
            return Arrays.toString(of.asSlice(0, count).toArray(JAVA_BYTE));
        }
    }

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void shouldGiveBothLanesTheBitsThatTheyHaveAlone() {
        final String alone;
        final String otherAlone;
        try (CudaKernels kernels = open(LONG_NS);
                RouterKernel router = load(kernels)) {
            alone = stepAlone(router, many);
            otherAlone = stepAlone(router, few);
        }
        try (CudaKernels kernels = open(LONG_NS);
                RouterKernel router = load(kernels)) {
            for (int layer = 0; layer < 2; layer++) {
                final KernelCall first = many.begin(router, layer);
                final KernelCall second = few.begin(router, layer);
                end(second);
                few.experts(layer);
                end(first);
                many.experts(layer);
            }
            final KernelCall first = router.beginLogits(many.batch, many.buffers);
            final KernelCall second = router.beginLogits(few.batch, few.buffers);
            end(first); // its second block is queued behind the other lane's call
            end(second);
        }
        assertThat(many.outcome()).isEqualTo(alone);
        assertThat(few.outcome()).isEqualTo(otherAlone);
        assertThat(losses).isEmpty();
    }

    private static String stepAlone(final RouterKernel router, final Lane lane) {
        for (int layer = 0; layer < 2; layer++) {
            end(lane.begin(router, layer));
            lane.experts(layer);
        }
        router.logits(lane.batch, lane.buffers);
        final String outcome = lane.outcome();
        lane.buffers.logits.fill((byte) -1);
        lane.buffers.dispatchRows.fill((byte) -1);
        return outcome;
    }

    @Test
    void shouldLoseTheDeviceWhenNeitherCallGetsFurther() {
        try (CudaKernels kernels = open(TimeUnit.MILLISECONDS.toNanos(300));
                RouterKernel router = load(kernels)) {
            emulated.faults("hang=4");
            final KernelCall first = many.begin(router, 0);
            final KernelCall second = few.begin(router, 0);
            assertThatThrownBy(() -> {
                        while (!first.isDone() && !second.isDone()) {
                            Thread.onSpinWait();
                        }
                    })
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageContaining("hang-timeout");
            assertThatThrownBy(second::isDone).isInstanceOf(DeviceLostException.class);
        }
        assertThat(losses).hasSize(1);
    }

    @Test
    void shouldServeALaneAgainWhoseCallTheDriverRefused() {
        try (CudaKernels kernels = open(LONG_NS);
                RouterKernel router = load(kernels)) {
            emulated.faults("refuse=4:701");
            assertThatThrownBy(() -> many.begin(router, 0)).hasMessageContaining("701");
            emulated.faults("slow=2000");
            end(few.begin(router, 0));
            end(many.begin(router, 0));
            final String outcome = many.outcome();
            emulated.faults("");
            end(many.begin(router, 0));
            assertThat(many.outcome()).isEqualTo(outcome);
        }
        assertThat(losses).isEmpty();
    }

    @Test
    void shouldWaitForCallsUnderWayWhenItIsClosed() {
        try (CudaKernels kernels = open(LONG_NS)) {
            final RouterKernel router = load(kernels);
            emulated.faults("slow=10000");
            many.begin(router, 0);
            few.begin(router, 0);
            router.close();
        } // the emulator ends the process where memory is given back that work still writes into
        assertThat(losses).isEmpty();
    }

    private CudaKernels open(final long hangTimeoutNs) {
        return EmulatedKernels.open(emulated, hangTimeoutNs, LONG_NS, losses::add);
    }

    private static RouterKernel load(final CudaKernels kernels) {
        return kernels.loadRouter(
                CONFIG,
                Precision.BF16,
                new RandomWeights(CONFIG, Dtype.BF16, 3).router(),
                new KvLayout(2 * BLOCKS, TOKENS),
                ROWS);
    }

    /** As a device's thread does, turn after turn. */
    private static void end(final KernelCall call) {
        while (!call.isDone()) {
            Thread.onSpinWait();
        }
    }
}
