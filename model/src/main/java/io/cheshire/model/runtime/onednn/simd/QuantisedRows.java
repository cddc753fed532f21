package io.cheshire.model.runtime.onednn.simd;

import io.cheshire.model.core.kernel.RowGroups;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rounds rows to integers with a scale a group, as {@link RowGroups} does, and brings them into the forms that kernels
 * read. Any thread; arrays belong to the caller.
 */
public final class QuantisedRows {
    /** What is added to a row's integers where a kernel wants them unsigned. */
    public static final int UNSIGNED_OFFSET = 128;

    private static final float MOST = 127f;
    /** Adding and taking it off again rounds to the nearest integer, ties to even. */
    private static final float ROUNDING = 0x1.8p23f;

    private static final int MAGNITUDE = 0x7fff_ffff;
    private static final int INFINITY = 0x7f80_0000;

    private QuantisedRows() {}

    /**
     * One group of a row.
     *
     * @param x     address of {@code count} floats
     * @param q     gets the integers from {@code at}
     * @return the scale
     */
    public static float quantise(final long x, final int count, final int[] q, final int at) {
        final int largest = largest(x, count);
        final float magnitude = Float.intBitsToFloat(largest);
        final boolean finite = largest < INFINITY;
        if (!finite || magnitude < RowGroups.LEAST) {
            java.util.Arrays.fill(q, at, at + count, 0);
            return finite ? 0f : Float.NaN;
        }
        round(x, count, MOST / magnitude, q, at);
        return magnitude / MOST;
    }

    private static int largest(final long x, final int count) {
        final int whole = Lanes.FLOATS.loopBound(count);
        IntVector most = IntVector.zero(Lanes.INTS);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            most = most.max(Lanes.loadInts(x + (long) i * Float.BYTES).and(MAGNITUDE));
        }
        int largest = most.reduceLanes(VectorOperators.MAX);
        for (int i = whole; i < count; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(Lanes.get(x + (long) i * Float.BYTES)) & MAGNITUDE);
        }
        return largest;
    }

    private static void round(final long x, final int count, final float inverse, final int[] q, final int at) {
        final int whole = Lanes.FLOATS.loopBound(count);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            final FloatVector rounded = Lanes.load(x + (long) i * Float.BYTES)
                    .mul(inverse)
                    .add(ROUNDING)
                    .sub(ROUNDING)
                    .min(MOST)
                    .max(-MOST);
            ((IntVector) rounded.convert(VectorOperators.F2I, 0)).intoArray(q, at + i);
        }
        for (int i = whole; i < count; i++) {
            final float scaled = Lanes.get(x + (long) i * Float.BYTES) * inverse;
            q[at + i] = (int) Math.clamp((float) Math.rint(scaled), -MOST, MOST);
        }
    }

    /** A row as unsigned bytes at an address. */
    public static void toUnsigned(final int[] q, final long to, final int count) {
        for (int i = 0; i < count; i += 4) {
            Lanes.setInt(
                    to + i,
                    (q[i] + UNSIGNED_OFFSET)
                            | (q[i + 1] + UNSIGNED_OFFSET) << 8
                            | (q[i + 2] + UNSIGNED_OFFSET) << 16
                            | (q[i + 3] + UNSIGNED_OFFSET) << 24);
        }
    }

    /** A row as signed bytes at an address. */
    public static void toSigned(final int[] q, final long to, final int count) {
        for (int i = 0; i < count; i += 4) {
            Lanes.setInt(
                    to + i, (q[i] & 0xff) | (q[i + 1] & 0xff) << 8 | (q[i + 2] & 0xff) << 16 | (q[i + 3] & 0xff) << 24);
        }
    }

    /** The sums of a row's groups as ints at an address. */
    public static void sums(final int[] q, final int groups, final int group, final long to) {
        for (int g = 0; g < groups; g++) {
            Lanes.setInt(to + (long) g * Integer.BYTES, sum(q, g * group, group));
        }
    }

    /** Numbers as they are to an address. */
    public static void copy(final float[] from, final int count, final long to) {
        Lanes.copyOut(from, 0, to, count);
    }

    /** A row as floats at an address. */
    public static void toFloats(final int[] q, final long to, final int count) {
        for (int i = 0; i < count; i++) {
            Lanes.set(to + (long) i * Float.BYTES, q[i]);
        }
    }

    /** A row as every {@code stride}-th of the floats from {@code at}. */
    public static void toFloats(final int[] q, final int count, final float[] to, final int at, final int stride) {
        for (int i = 0; i < count; i++) {
            to[at + i * stride] = q[i];
        }
    }

    /** A row as every {@code stride}-th of the shorts from {@code at}. */
    public static void toShorts(final int[] q, final int count, final short[] to, final int at, final int stride) {
        for (int i = 0; i < count; i++) {
            to[at + i * stride] = (short) q[i];
        }
    }

    /** The sum of {@code count} of a row's integers. */
    public static int sum(final int[] q, final int at, final int count) {
        int sum = 0;
        for (int i = at; i < at + count; i++) {
            sum += q[i];
        }
        return sum;
    }
}
