package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.Quantisation;

/**
 * Rounds weights to integers, a scale in bf16 for each output and group of inputs (docs/model.md §7.1). In four bits
 * the value of the largest magnitude becomes -8, so a scale may be negative: the range is used whole.
 */
public final class WeightGroups {
    private WeightGroups() {}

    /**
     * One output's weights.
     *
     * @param w      from {@code at}, {@code inputs} of them
     * @param q      gets the integers: -127 .. 127, or -8 .. 7
     * @param scales gets the bits of a bf16 scale for each group
     * @throws IllegalArgumentException a weight is NaN or infinite
     */
    public static void quantise(
            final float[] w,
            final int at,
            final int inputs,
            final Quantisation how,
            final byte[] q,
            final short[] scales) {
        for (int first = 0, g = 0; first < inputs; first += how.group(), g++) {
            final int count = Math.min(how.group(), inputs - first);
            scales[g] = group(w, at + first, count, how.bits(), q, first);
        }
    }

    private static short group(
            final float[] w, final int at, final int count, final int bits, final byte[] q, final int qAt) {
        float highest = Float.NEGATIVE_INFINITY;
        float lowest = Float.POSITIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            final float value = w[at + i];
            if (!Float.isFinite(value)) {
                throw new IllegalArgumentException("a weight is " + value + ": such a matrix can't be quantised");
            }
            highest = Math.max(highest, value);
            lowest = Math.min(lowest, value);
        }
        final short scale = scale(highest, -lowest, bits);
        final float step = Bf16.toFloat(scale);
        if (Math.abs(step) < RowGroups.LEAST) {
            java.util.Arrays.fill(q, qAt, qAt + count, (byte) 0);
            return 0;
        }
        final float least = bits == 8 ? -RowGroups.MOST : -8f;
        final float most = bits == 8 ? RowGroups.MOST : 7f;
        for (int i = 0; i < count; i++) {
            q[qAt + i] = (byte) Math.clamp((float) Math.rint(w[at + i] / step), least, most);
        }
        return scale;
    }

    /**
     * The scale's bf16 bits.
     *
     * @param highest the largest weight of the group
     * @param lowest  the largest of the negated weights
     */
    public static short scale(final float highest, final float lowest, final int bits) {
        if (bits == 8) {
            return Bf16.fromFloat(Math.max(highest, lowest) / RowGroups.MOST);
        }
        return Bf16.fromFloat(highest >= lowest ? highest / -8f : lowest / 8f);
    }
}
