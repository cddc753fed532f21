package io.cheshire.chaos.sim.model;

import io.cheshire.model.protocol.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Rows in memory, as floats. */
final class SimRows {
    private SimRows() {}

    static void read(final MemorySegment rows, final Dtype dtype, final int row, final float[] target) {
        final long first = (long) row * target.length;
        for (int i = 0; i < target.length; i++) {
            target[i] = dtype == Dtype.F32
                    ? rows.getAtIndex(ValueLayout.JAVA_FLOAT, first + i)
                    : Float.intBitsToFloat(rows.getAtIndex(ValueLayout.JAVA_SHORT, first + i) << 16);
        }
    }

    static void write(final MemorySegment rows, final Dtype dtype, final int row, final float[] source) {
        final long first = (long) row * source.length;
        for (int i = 0; i < source.length; i++) {
            if (dtype == Dtype.F32) {
                rows.setAtIndex(ValueLayout.JAVA_FLOAT, first + i, source[i]);
            } else {
                rows.setAtIndex(ValueLayout.JAVA_SHORT, first + i, (short) (Float.floatToRawIntBits(source[i]) >>> 16));
            }
        }
    }
}
