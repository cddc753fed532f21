package io.cheshire.model.runtime.onednn.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

/** The {@code struct matmul} of {@code cheshire_groups.h}: what the native kernels of one device are given. */
public final class NativeMatmul implements AutoCloseable {
    private static final int FIELDS = 9;

    private final NativeBuffer fields = NativeBuffer.allocate((long) FIELDS * Long.BYTES);

    /** Address of the struct. */
    public long address() {
        return fields.address();
    }

    /**
     * Addresses of the rows.
     *
     * @param x      {@code [rows][groups * group]} signed bytes
     * @param scales {@code [rows][groups]} fp32
     * @param sums   {@code [rows][groups]} ints: sums of {@code x}
     */
    public void rows(final long x, final long scales, final long sums) {
        set(0, x);
        set(1, scales);
        set(2, sums);
    }

    /**
     * Where results go.
     *
     * @param bias    address of {@code [outputs]} fp32, or zero
     * @param y       address of {@code [rows][outputs]} fp32
     */
    public void results(final long bias, final long y) {
        set(3, bias);
        set(4, y);
    }

    /** @param group inputs of one, a multiple of 32 */
    public void shape(final int rows, final int outputs, final int groups, final int group) {
        set(5, rows);
        set(6, outputs);
        set(7, groups);
        set(8, group);
    }

    private void set(final int field, final long value) {
        fields.segment().setAtIndex(JAVA_LONG, field, value);
    }

    @Override
    public void close() {
        fields.close();
    }
}
