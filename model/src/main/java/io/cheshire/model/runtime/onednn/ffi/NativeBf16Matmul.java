package io.cheshire.model.runtime.onednn.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** The {@code struct bf16_matmul} of {@code avx512_bf16.c}: what the native kernel of one device is given. */
public final class NativeBf16Matmul implements AutoCloseable {
    private static final int FIELDS = 7;

    private final NativeBuffer buffer = NativeBuffer.allocate((long) FIELDS * Long.BYTES);
    private final MemorySegment fields = buffer.segment();

    /** Address of the struct. */
    public long address() {
        return buffer.address();
    }

    /**
     * Addresses, and how many rows there are.
     *
     * @param x    {@code [rows][inputs]} bf16
     * @param bias {@code [outputs]} fp32, or zero
     * @param y    {@code [rows][outputs]} fp32
     */
    public void rows(final int rows, final long x, final long bias, final long y) {
        set(0, x);
        set(1, bias);
        set(2, y);
        set(3, rows);
    }

    /** @param part inputs whose products are summed before they are added to the others; even */
    public void shape(final int outputs, final int inputs, final int part) {
        set(4, outputs);
        set(5, inputs);
        set(6, part);
    }

    private void set(final int field, final long value) {
        fields.setAtIndex(JAVA_LONG, field, value);
    }

    @Override
    public void close() {
        buffer.close();
    }
}
