package io.cheshire.model.core.kernel;

/** bfloat16: the upper half of an fp32. */
public final class Bf16 {
    private static final int QUIET_BIT = 0x0040;

    private Bf16() {}

    /** Exact. */
    public static float toFloat(final short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** To the nearest bf16, ties to even; NaN stays NaN. */
    public static short fromFloat(final float value) {
        final int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | QUIET_BIT);
        }
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    /** The nearest bf16 as a float. */
    public static float round(final float value) {
        return toFloat(fromFloat(value));
    }
}
