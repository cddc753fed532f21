package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Quantised matrices as a checkpoint holds them: plain rows of bytes or halves of bytes (docs/model.md §2.6). */
public final class StoredGroups {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** What is added to an integer of four bits. */
    private static final int OFFSET = 8;

    private static final int HALF_BITS = 4;
    private static final int HALF = 15;

    private StoredGroups() {}

    /** Reads one output's integers. */
    public static void readRow(
            final TensorView weight, final long output, final int inputs, final byte[] q, final int at) {
        if (weight.dtype() == Dtype.I8) {
            MemorySegment.copy(weight.data(), ValueLayout.JAVA_BYTE, output * inputs, q, at, inputs);
            return;
        }
        final long row = output * Math.ceilDiv(inputs, 2);
        for (int i = 0; i < inputs; i++) {
            final int both = weight.data().get(ValueLayout.JAVA_BYTE, row + i / 2);
            q[at + i] = (byte) (((both >> (i % 2 * HALF_BITS)) & HALF) - OFFSET);
        }
    }

    /** Writes one output's integers as they are stored, from index {@code to} on. */
    public static void writeRow(
            final byte[] q, final int inputs, final Dtype dtype, final byte[] stored, final int to) {
        if (dtype == Dtype.I8) {
            System.arraycopy(q, 0, stored, to, inputs);
            return;
        }
        for (int i = 0; i < inputs; i += 2) {
            final int high = i + 1 < inputs ? q[i + 1] + OFFSET : OFFSET;
            stored[to + i / 2] = (byte) ((q[i] + OFFSET) | (high << HALF_BITS));
        }
    }

    /** Reads one output's scales. */
    public static void readScales(
            final TensorView scales, final long output, final int groups, final short[] to, final int at) {
        MemorySegment.copy(scales.data(), SHORT, output * groups * Short.BYTES, to, at, groups);
    }
}
