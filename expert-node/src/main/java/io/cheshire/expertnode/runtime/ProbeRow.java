package io.cheshire.expertnode.runtime;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.protocol.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A row that a seed draws, the same to the bit on every node: its elements are multiples of 2^-7 in [-1, 1), which
 * every format holds exactly, each from the seed and its index by integer arithmetic.
 */
final class ProbeRow {
    private static final long GOLDEN_GAMMA = 0x9e37_79b9_7f4a_7c15L;
    private static final int VALUE_BITS = 8;

    private ProbeRow() {}

    /**
     * Calls the kernel with the row. On the device.
     *
     * @param arena owns what is returned
     * @return {@code [hidden]} fp32
     */
    static MemorySegment forward(final ExpertKernel kernel, final int hidden, final long seed, final Arena arena) {
        final Dtype dtype = kernel.inputDtype();
        final MemorySegment row = arena.allocate((long) hidden * dtype.bytes(), 64);
        final MemorySegment result = arena.allocate((long) hidden * Float.BYTES, 64);
        for (int i = 0; i < hidden; i++) {
            final float value = value(seed, i);
            if (dtype == Dtype.BF16) {
                row.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (Float.floatToRawIntBits(value) >>> Short.SIZE));
            } else {
                row.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
            }
        }
        kernel.forward(row, 1, result);
        return result;
    }

    /** An element: eight mixed bits as a signed fraction. */
    static float value(final long seed, final int index) {
        long mixed = seed + (index + 1L) * GOLDEN_GAMMA;
        mixed = (mixed ^ (mixed >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d0_49bb_1331_11ebL;
        mixed ^= mixed >>> 31;
        return (float) (mixed >> (Long.SIZE - VALUE_BITS)) / (1 << (VALUE_BITS - 1));
    }
}
