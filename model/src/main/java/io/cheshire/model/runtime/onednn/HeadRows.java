package io.cheshire.model.runtime.onednn;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.matmul.TensorCopy;
import io.cheshire.model.runtime.onednn.simd.GateDots;
import io.cheshire.model.runtime.onednn.simd.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A small matrix that rows are multiplied with one by one, in fp32, under any precision: a gate, or a head that scores.
 * A row's results depend on nothing but the row, and are the same bits on every processor. Held transposed, {@code
 * [hidden, Lanes.padded(count)]}; the device thread's.
 */
final class HeadRows implements AutoCloseable {
    private final NativeBuffer transposed;
    private final int count;
    private final int hidden;
    private final int stride;

    /** @param matrix {@code [count, hidden]} */
    HeadRows(final TensorView matrix, final int count, final int hidden) {
        this.count = count;
        this.hidden = hidden;
        this.stride = Lanes.padded(count);
        this.transposed = transposed(matrix, count, hidden);
    }

    static NativeBuffer transposed(final TensorView matrix, final int count, final int hidden) {
        final int stride = Lanes.padded(count);
        final NativeBuffer transposed = NativeBuffer.allocate((long) hidden * stride * Float.BYTES);
        transposed.segment().fill((byte) 0);
        try (NativeBuffer rows = TensorCopy.load(matrix, Dtype.F32, count, hidden)) {
            for (int e = 0; e < count; e++) {
                for (int i = 0; i < hidden; i++) {
                    transposed
                            .segment()
                            .setAtIndex(
                                    ValueLayout.JAVA_FLOAT,
                                    (long) i * stride + e,
                                    rows.segment().getAtIndex(ValueLayout.JAVA_FLOAT, (long) e * hidden + i));
                }
            }
        }
        return transposed;
    }

    /** Room for the results of one row. */
    float[] scratch() {
        return new float[stride];
    }

    /**
     * Row {@code index} of {@code logits [rows, count]}.
     *
     * @param h address of {@code [hidden]} fp32
     */
    void apply(final long h, final float[] scratch, final MemorySegment logits, final int index) {
        GateDots.logits(h, hidden, transposed.address(), stride, scratch, 0);
        MemorySegment.copy(scratch, 0, logits, ValueLayout.JAVA_FLOAT, (long) index * count * Float.BYTES, count);
    }

    long bytes() {
        return transposed.bytes();
    }

    @Override
    public void close() {
        transposed.close();
    }
}
