package io.cheshire.model.runtime.onednn.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code exp} on vectors out of nothing but exactly rounded operations, so that it gives the same bits in the
 * interpreter, compiled, and on every processor; within 2 ulp. Below -87.3 it is 0, above 88.3 infinity.
 */
final class Exponential {
    private static final float LOWEST = -87.3f;
    private static final float HIGHEST = 88.3f;
    private static final float LOG2_E = 1.442695f;
    /** Adding this leaves the nearest whole number in the low mantissa bits. */
    private static final float ROUNDER = 12582912f;

    private static final float LN2_HIGH = 0.6933594f;
    private static final float LN2_LOW = -2.1219444e-4f;
    // Minimax polynomial of (exp(r) - 1 - r) / r^2 on |r| <= ln2/2, from the Cephes library's expf.
    private static final float C5 = 0.00019875691f;
    private static final float C4 = 0.0013981999f;
    private static final float C3 = 0.008333452f;
    private static final float C2 = 0.041665796f;
    private static final float C1 = 0.16666666f;
    private static final float C0 = 0.5f;
    private static final int EXPONENT_BIAS = 127;
    private static final int MANTISSA_BITS = 23;

    private Exponential() {}

    static FloatVector exp(final FloatVector x) {
        final FloatVector bounded = x.max(LOWEST).min(HIGHEST);
        final FloatVector shifted =
                bounded.fma(FloatVector.broadcast(Lanes.FLOATS, LOG2_E), FloatVector.broadcast(Lanes.FLOATS, ROUNDER));
        final FloatVector whole = shifted.sub(ROUNDER);
        final FloatVector high = whole.fma(FloatVector.broadcast(Lanes.FLOATS, -LN2_HIGH), bounded);
        final FloatVector r = whole.fma(FloatVector.broadcast(Lanes.FLOATS, -LN2_LOW), high);
        FloatVector p = FloatVector.broadcast(Lanes.FLOATS, C5);
        p = p.fma(r, FloatVector.broadcast(Lanes.FLOATS, C4));
        p = p.fma(r, FloatVector.broadcast(Lanes.FLOATS, C3));
        p = p.fma(r, FloatVector.broadcast(Lanes.FLOATS, C2));
        p = p.fma(r, FloatVector.broadcast(Lanes.FLOATS, C1));
        p = p.fma(r, FloatVector.broadcast(Lanes.FLOATS, C0));
        final FloatVector mantissa = p.fma(r.mul(r), r).add(1f);
        final IntVector power =
                shifted.reinterpretAsInts().add(EXPONENT_BIAS).lanewise(VectorOperators.LSHL, MANTISSA_BITS);
        final FloatVector result = mantissa.mul(power.reinterpretAsFloats());
        final VectorMask<Float> tiny = x.compare(VectorOperators.LT, LOWEST);
        final VectorMask<Float> huge = x.compare(VectorOperators.GT, HIGHEST);
        return result.blend(0f, tiny).blend(Float.POSITIVE_INFINITY, huge);
    }
}
