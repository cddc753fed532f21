package io.cheshire.model.runtime.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.cuda.ffi.CudaException;
import io.cheshire.model.runtime.device.DeviceLostException;
import io.cheshire.model.runtime.onednn.RandomWeights;
import io.cheshire.model.testing.EmulatedCuda;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a router's kernel refuses, and what becomes of it when its GPU fails, on a GPU that fails on request. */
class CudaRouterFaultsTest {
    private static final ModelConfig CONFIG = RandomWeights.config(50, 32, 48, 1, 2, 1, 16, 4, null);
    private static final KvLayout KV = new KvLayout(8, 16);
    private static final long LONG_NS = TimeUnit.MINUTES.toNanos(2);

    private final Arena arena = Arena.ofConfined();
    private final EmulatedCuda emulated = EmulatedCuda.fresh();
    private final List<DeviceLostException> losses = new ArrayList<>();
    private final CudaKernels kernels = EmulatedKernels.open(emulated, LONG_NS, LONG_NS, losses::add);
    private final LaneBuffers lane = new LaneBuffers(arena, CONFIG, Precision.BF16, 8, 8);

    @AfterEach
    void close() {
        kernels.close();
        arena.close();
    }

    @Test
    void shouldFailOneLoadOnlyWhenTheDeviceHasNoMemoryForTheCache() {
        try (RouterKernel router = load(KV)) {
            embed(router);
            emulated.faults("oom=4000000");
            assertThatThrownBy(() -> load(new KvLayout(1 << 16, 16)))
                    .isInstanceOf(CudaException.class)
                    .hasMessageContaining("bytes are left on the device for the KV cache")
                    .hasMessageContaining("cheshire.router.engine.kv.bytes");
            emulated.faults("");
            attend(router);
            load(KV).close();
        }
        assertThat(losses).isEmpty();
    }

    @Test
    void shouldFailOneLoadOnlyWhenTheHostHasNoMemoryToPin() {
        emulated.faults("host-oom=8500000");
        assertThatThrownBy(() ->
                        kernels.loadRouter(CONFIG, Precision.BF16, weights().router(), KV, 4096))
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("bytes of pinned memory: raise its limit");
        emulated.faults("");
        load(KV).close();
        assertThat(losses).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"host-oom=1", "host-oom=9600000"})
    void shouldGiveBackWhatItTookOfALaneThatItHasNoMemoryFor(final String fault) {
        final ModelConfig wide = RandomWeights.config(20_000, 32, 48, 1, 2, 1, 16, 4, null);
        final RandomWeights source = new RandomWeights(wide, Dtype.BF16, 9);
        final LaneBuffers second = new LaneBuffers(arena, wide, Precision.BF16, 8, 8);
        try (RouterKernel router = kernels.loadRouter(wide, Precision.BF16, source.router(), KV, 8)) {
            router.embed(batch(), new LaneBuffers(arena, wide, Precision.BF16, 8, 8));
            final long freeBytes = freeBytes();
            emulated.faults(fault);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> router.embed(batch(), second)).hasMessageContaining("pinned memory");
                assertThat(freeBytes()).isEqualTo(freeBytes);
            }
            emulated.faults("");
            router.embed(batch(), second);
            router.attention(0, batch(), second);
        }
        assertThat(losses).isEmpty();
    }

    @Test
    void shouldTakeNoMoreEachTimeThatItHasNoMemoryForAStepsTables() {
        final KvLayout tokenByToken = new KvLayout(8192, 1);
        final StepBatch longer = batch();
        longer.rowsOf[0] = 5;
        longer.firstPosition[0] = 6000;
        longer.blockTables[0] = IntStream.range(0, 6005).toArray();
        longer.ropeTables[0] = new RopeTables(CONFIG, 6100).forSequence(6100);
        try (RouterKernel router = load(tokenByToken)) {
            embed(router);
            // No byte of the device's, and of the host's as many as a few such tables take.
            emulated.faults("oom=1 host-oom=9000000");
            for (int i = 0; i < 20; i++) {
                assertThatThrownBy(() -> router.attention(0, longer, lane))
                        .hasMessageContaining("bytes are left on the device for a step's tables");
            }
            emulated.faults("");
            router.attention(0, longer, lane);
        }
        assertThat(losses).isEmpty();
    }

    @Test
    void shouldLoseTheDeviceInTheMiddleOfAStep() {
        try (RouterKernel router = load(KV)) {
            embed(router);
            emulated.faults("launch=3:700");
            assertThatThrownBy(() -> attend(router))
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageContaining("700")
                    .hasMessageContaining("combine_norm_bf16 linear_r8 rope_append_bf16");
            assertThatThrownBy(() -> embed(router)).isInstanceOf(DeviceLostException.class);
        }
        assertThat(losses).hasSize(1);
    }

    @Test
    void shouldFindOutThatTheDeviceCorruptsWhatItComputes() {
        final List<DeviceLostException> found = new ArrayList<>();
        try (CudaKernels watched = EmulatedKernels.open(emulated, LONG_NS, 1, found::add);
                RouterKernel router =
                        watched.loadRouter(CONFIG, Precision.BF16, weights().router(), KV, 8)) {
            embed(router);
            attend(router);
            lane.logits.fill((byte) 0);
            emulated.faults("flip=1");
            assertThatThrownBy(() -> router.logits(batch(), lane)).hasMessageContaining("corrupts results");
        }
        assertThat(lane.logits.toArray(JAVA_FLOAT)).as("nobody draws from them").containsOnly(0);
        assertThat(found).hasSize(1);
    }

    @Test
    void shouldSayThatALaneHasBegunNoStep() {
        try (RouterKernel router = load(KV)) {
            assertThatThrownBy(() -> attend(router)).hasMessageContaining("embed comes first");
        }
    }

    @Test
    void shouldRefuseHeadsThatItHasNoKernelsFor() {
        final ModelConfig wide = RandomWeights.config(50, 32, 48, 1, 1, 1, 260, 4, null);
        assertThatThrownBy(() -> kernels.kvBlockBytes(wide, Precision.BF16, 16))
                .hasMessageContaining("heads of up to 256 elements; this model's have 260")
                .hasMessageContaining("cheshire.device.router-kernels = onednn");
    }

    @ParameterizedTest
    @CsvSource({"BF16,16,32", "BF16,33,64", "BF16,90,96", "BF16,128,128", "BF16,200,256", "FP32,16,32"})
    void shouldTakeTheBytesThatItSaysABlockOfTheCacheTakes(
            final Precision precision, final int headDim, final int stride) {
        final ModelConfig config = RandomWeights.config(50, 32, 48, 2, 4, 2, headDim, 4, null);
        final RandomWeights weights = new RandomWeights(config, Dtype.BF16, 9);
        try (RouterKernel router = kernels.loadRouter(config, precision, weights.router(), KV, 8)) {
            final long blockBytes =
                    2L * 2 * 2 * 16 * stride * precision.rowDtype().bytes();
            assertThat(kernels.kvBlockBytes(config, precision, 16)).isEqualTo(blockBytes);
            assertThat(router.kvBytes()).isEqualTo(8 * blockBytes);
            assertThat(router.kvLayout()).isEqualTo(KV);
        }
    }

    @Test
    void shouldRefuseAPrecisionThatGpusDontComputeIn() {
        assertThatThrownBy(() ->
                        kernels.loadRouter(CONFIG, Precision.INT8, weights().router(), KV, 8))
                .hasMessageContaining("bf16 and fp32, not in int8");
    }

    @Test
    void shouldRefuseAHeadThatScoresTexts() {
        final ModelConfig classifier = GoldenModel.scoringConfig(2);
        assertThatThrownBy(() ->
                        kernels.loadRouter(classifier, Precision.FP32, weights().router(), KV, 8))
                .hasMessageContaining("no head that scores texts")
                .hasMessageContaining("cheshire.device.router-kernels = onednn");
    }

    @Test
    void shouldTellARoutersNumericsFromItsExperts() {
        final Kernels any = kernels;
        assertThat(any.routerNumerics(Precision.BF16)).isEqualTo("cuda router 1 f25k16 sm_90 emulated");
        assertThat(any.expertNumerics(Precision.BF16)).isEqualTo("cuda1 f25k16 sm_90 emulated");
    }

    private long freeBytes() {
        return kernels.context().get(() -> kernels.context().driver().freeBytes());
    }

    private static RandomWeights weights() {
        return new RandomWeights(CONFIG, Dtype.BF16, 9);
    }

    private RouterKernel load(final KvLayout kv) {
        return kernels.loadRouter(CONFIG, Precision.BF16, weights().router(), kv, 8);
    }

    private static StepBatch batch() {
        final StepBatch batch = new StepBatch(8, 1);
        batch.rowCount = 5;
        batch.logitsRowCount = 1;
        batch.sequenceCount = 1;
        batch.rowsOf[0] = 5;
        batch.blockTables[0] = new int[] {3};
        batch.ropeTables[0] = new RopeTables(CONFIG, 64).forSequence(20);
        return batch;
    }

    private void embed(final RouterKernel router) {
        router.embed(batch(), lane);
    }

    private void attend(final RouterKernel router) {
        router.attention(0, batch(), lane);
    }
}
