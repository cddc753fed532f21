package io.cheshire.model.core.kernel;

/**
 * Rounds rows that a quantised matrix multiplies to integers of eight bits, a scale for each group (docs/model.md
 * §7.1). The largest magnitude is found as an integer, so in no order; everything else is one IEEE operation after
 * another, none fused.
 */
public final class RowGroups {
    /** Groups whose largest magnitude is below this become zeros: quotients below could leave the range of floats. */
    public static final float LEAST = 0x1p-100f;

    static final int MAGNITUDE = 0x7fff_ffff;
    static final int INFINITY = 0x7f80_0000;
    static final float MOST = 127f;

    private RowGroups() {}

    /**
     * @param x      one row, from {@code at}
     * @param inputs its length
     * @param q      gets {@code inputs} integers, -127 .. 127
     * @param scales gets a scale a group; NaN for a group with a value that is NaN or infinite,
     *               so that the row's outputs become NaN and no other row's
     */
    public static void quantise(
            final float[] x, final int at, final int inputs, final int group, final byte[] q, final float[] scales) {
        for (int first = 0, g = 0; first < inputs; first += group, g++) {
            final int count = Math.min(group, inputs - first);
            scales[g] = group(x, at + first, count, q, first);
        }
    }

    private static float group(final float[] x, final int at, final int count, final byte[] q, final int qAt) {
        int largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(x[at + i]) & MAGNITUDE);
        }
        final float magnitude = Float.intBitsToFloat(largest);
        final boolean finite = largest < INFINITY;
        if (!finite || magnitude < LEAST) {
            java.util.Arrays.fill(q, qAt, qAt + count, (byte) 0);
            return finite ? 0f : Float.NaN;
        }
        final float inverse = MOST / magnitude;
        for (int i = 0; i < count; i++) {
            final float scaled = x[at + i] * inverse;
            q[qAt + i] = (byte) Math.clamp((float) Math.rint(scaled), -MOST, MOST);
        }
        return magnitude / MOST;
    }
}
