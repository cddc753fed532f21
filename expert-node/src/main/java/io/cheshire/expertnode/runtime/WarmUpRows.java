package io.cheshire.expertnode.runtime;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.protocol.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Rows that no router sent, for calls whose results nobody gets. */
final class WarmUpRows {
    private static final float VALUE = 0.0625f;
    private static final short BF16 = (short) (Float.floatToRawIntBits(VALUE) >>> 16);

    private WarmUpRows() {}

    /**
     * Calls the kernel. On the device.
     *
     * @param arena owns what is returned
     * @return {@code [rowCount, hidden]} fp32
     */
    static MemorySegment forward(final ExpertKernel kernel, final int hidden, final int rowCount, final Arena arena) {
        final Dtype dtype = kernel.inputDtype();
        final long elements = (long) hidden * rowCount;
        final MemorySegment rows = arena.allocate(elements * dtype.bytes(), 64);
        final MemorySegment results = arena.allocate(elements * Float.BYTES, 64);
        for (long i = 0; i < elements; i++) {
            if (dtype == Dtype.BF16) {
                rows.setAtIndex(ValueLayout.JAVA_SHORT, i, BF16);
            } else {
                rows.setAtIndex(ValueLayout.JAVA_FLOAT, i, VALUE);
            }
        }
        kernel.forward(rows, rowCount, results);
        return results;
    }
}
