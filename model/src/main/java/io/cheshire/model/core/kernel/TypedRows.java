package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads and writes rows of a dense {@code [rows, width]} block; the width is the length of the array. */
final class TypedRows {
    private TypedRows() {}

    static void read(final MemorySegment block, final Dtype dtype, final int row, final float[] values) {
        final long first = (long) row * values.length;
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (dtype) {
                case F32 -> block.getAtIndex(ValueLayout.JAVA_FLOAT, first + i);
                case BF16 -> Bf16.toFloat(block.getAtIndex(ValueLayout.JAVA_SHORT, first + i));
                case I8, I4X2 -> throw new IllegalArgumentException("rows don't come in " + dtype);
                case F16 -> Float.float16ToFloat(block.getAtIndex(ValueLayout.JAVA_SHORT, first + i));
            };
        }
    }

    static void write(final MemorySegment block, final Dtype dtype, final int row, final float[] values) {
        final long first = (long) row * values.length;
        for (int i = 0; i < values.length; i++) {
            switch (dtype) {
                case F32 -> block.setAtIndex(ValueLayout.JAVA_FLOAT, first + i, values[i]);
                case BF16 -> block.setAtIndex(ValueLayout.JAVA_SHORT, first + i, Bf16.fromFloat(values[i]));
                case I8, I4X2 -> throw new IllegalArgumentException("rows don't come in " + dtype);
                case F16 -> block.setAtIndex(ValueLayout.JAVA_SHORT, first + i, Float.floatToFloat16(values[i]));
            }
        }
    }
}
