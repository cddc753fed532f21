package io.cheshire.model.runtime.onednn.simd;

import jdk.incubator.vector.FloatVector;

/**
 * Rotary embedding of one head in place (docs/model.md §3): element {@code i} pairs with {@code i + pairCount}.
 * Products are rounded before they are added, as in the published code.
 */
public final class Rope {
    private Rope() {}

    /**
     * @param head  {@code 2 * pairCount} fp32
     * @param cos   table with the position's row at {@code tableRow}
     * @param sin   likewise
     */
    public static void rotate(
            final long head, final int pairCount, final float[] cos, final float[] sin, final int tableRow) {
        final long half = (long) pairCount * Float.BYTES;
        final int whole = Lanes.FLOATS.loopBound(pairCount);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            final long at = head + (long) i * Float.BYTES;
            final FloatVector a = Lanes.load(at);
            final FloatVector b = Lanes.load(at + half);
            final FloatVector c = FloatVector.fromArray(Lanes.FLOATS, cos, tableRow + i);
            final FloatVector s = FloatVector.fromArray(Lanes.FLOATS, sin, tableRow + i);
            Lanes.store(at, a.mul(c).sub(b.mul(s)));
            Lanes.store(at + half, b.mul(c).add(a.mul(s)));
        }
        for (int i = whole; i < pairCount; i++) {
            final long at = head + (long) i * Float.BYTES;
            final float a = Lanes.get(at);
            final float b = Lanes.get(at + half);
            Lanes.set(at, a * cos[tableRow + i] - b * sin[tableRow + i]);
            Lanes.set(at + half, b * cos[tableRow + i] + a * sin[tableRow + i]);
        }
    }
}
