package io.cheshire.model.runtime.onednn.matmul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** A job that there is no memory for fails; it must not leave freed scratch for the next one. */
class ScratchGrowthTest {
    /** More than any address space has. */
    private static final long TOO_MUCH = 1L << 60;

    @Test
    void shouldKeepItsScratchWhenThereIsNoMemoryForMore() {
        try (OpenMpTeam team = new OpenMpTeam(1);
                MatmulContext context = new MatmulContext(team, RowTiles.FREE, Bf16Matmul.AUTO)) {
            for (final LongUnaryOperator scratch :
                    List.<LongUnaryOperator>of(context::scratchpad, context::inputStage, context::outputStage)) {
                final long address = scratch.applyAsLong(256);
                assertThatThrownBy(() -> scratch.applyAsLong(TOO_MUCH)).hasMessageContaining("cannot allocate");
                assertThat(scratch.applyAsLong(128)).isEqualTo(address).isNotZero();
            }
        }
    }

    @Test
    void shouldFreeWhatAFailedLoadHadAllocated() {
        final TensorView weights = floats(List.of(64L, 32L), new float[64 * 32]);
        final TensorView bias = floats(List.of(64L), new float[64]);
        try (OpenMpTeam team = new OpenMpTeam(1)) {
            for (final Bf16Matmul bf16 : Bf16Matmul.values()) {
                final long before = NativeBuffer.liveBytes();
                try (MatmulContext context = new MatmulContext(team, RowTiles.FREE, bf16)) {
                    context.pack(4, 32, Dtype.BF16, List.of(weights), Arrays.asList(bias))
                            .close();
                    final long whole = NativeBuffer.liveBytes();
                    assertThatThrownBy(() ->
                                    context.pack(4, 32, Dtype.BF16, List.of(unreadable(weights)), Arrays.asList(bias)))
                            .isInstanceOf(IllegalStateException.class);
                    assertThatThrownBy(() ->
                                    context.pack(4, 32, Dtype.BF16, List.of(weights), Arrays.asList(unreadable(bias))))
                            .isInstanceOf(IllegalStateException.class);
                    assertThat(NativeBuffer.liveBytes()).as("%s", bf16).isEqualTo(whole);
                }
                assertThat(NativeBuffer.liveBytes()).isEqualTo(before);
            }
        }
    }

    /** As of a file that was closed meanwhile. */
    private static TensorView unreadable(final TensorView view) {
        final MemorySegment data;
        try (Arena arena = Arena.ofConfined()) {
            data = arena.allocate(view.data().byteSize());
        }
        return new TensorView(view.name(), view.dtype(), view.shape(), data);
    }

    private static TensorView floats(final List<Long> shape, final float[] values) {
        return new TensorView("t", Dtype.F32, shape, MemorySegment.ofArray(values));
    }
}
