package io.cheshire.model.runtime.onednn.simd;

import jdk.incubator.vector.FloatVector;

/**
 * Router logits of one row: {@code logits[e] = h . gate[e]}, all in fp32. Vectors run over experts, so each expert's
 * sum has one fixed order on every processor: four partial sums over {@code k mod 4}.
 */
public final class GateDots {
    private static final int PARTS = 4;

    private GateDots() {}

    /**
     * @param h       {@code [hidden]} fp32
     * @param gate    {@code [hidden, stride]} fp32: the gate transposed, rows padded to whole vectors
     * @param stride  experts rounded up by {@link Lanes#padded}
     * @param logits  receives {@code stride} values from {@code offset}
     */
    public static void logits(
            final long h, final int hidden, final long gate, final int stride, final float[] logits, final int offset) {
        for (int lane = 0; lane < stride; lane += Lanes.COUNT) {
            dots(h, hidden, gate + (long) lane * Float.BYTES, (long) stride * Float.BYTES, logits, offset + lane);
        }
    }

    private static void dots(
            final long h,
            final int hidden,
            final long gate,
            final long rowBytes,
            final float[] logits,
            final int offset) {
        FloatVector a = FloatVector.zero(Lanes.FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        final int whole = hidden - hidden % PARTS;
        for (int k = 0; k < whole; k += PARTS) {
            final long at = h + (long) k * Float.BYTES;
            final long row = gate + k * rowBytes;
            a = Lanes.load(row).fma(FloatVector.broadcast(Lanes.FLOATS, Lanes.get(at)), a);
            b = Lanes.load(row + rowBytes).fma(FloatVector.broadcast(Lanes.FLOATS, Lanes.get(at + 4)), b);
            c = Lanes.load(row + 2 * rowBytes).fma(FloatVector.broadcast(Lanes.FLOATS, Lanes.get(at + 8)), c);
            d = Lanes.load(row + 3 * rowBytes).fma(FloatVector.broadcast(Lanes.FLOATS, Lanes.get(at + 12)), d);
        }
        for (int k = whole; k < hidden; k++) {
            final FloatVector value = FloatVector.broadcast(Lanes.FLOATS, Lanes.get(h + (long) k * Float.BYTES));
            a = Lanes.load(gate + k * rowBytes).fma(value, a);
        }
        a.add(b).add(c.add(d)).intoArray(logits, offset);
    }
}
