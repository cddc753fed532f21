package io.cheshire.model.runtime.onednn.simd;

import org.jspecify.annotations.Nullable;

/** Brings rows and weights into the forms that {@link PanelKernels} computes with, and results out of them. */
public final class PanelRows {
    private PanelRows() {}

    /**
     * A row of {@code n} bf16 values at an address as floats, each {@code stride} after the one before.
     *
     * @param to gets the first at {@code at}
     */
    public static void widen(final long from, final float[] to, final int at, final int stride, final int n) {
        if (stride > 1) {
            widenOneByOne(from, 0, to, at, stride, n);
            return;
        }
        final int whole = Lanes.FLOATS.loopBound(n);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            Lanes.loadBf16(from + (long) i * Short.BYTES).intoArray(to, at + i);
        }
        widenOneByOne(from, whole, to, at, stride, n);
    }

    private static void widenOneByOne(
            final long from, final int first, final float[] to, final int at, final int stride, final int n) {
        for (int i = first; i < n; i++) {
            to[at + i * stride] = Lanes.getBf16(from + (long) i * Short.BYTES);
        }
    }

    /**
     * Packs one panel.
     *
     * @param rows  addresses of the panel's rows of weights, {@code [k]} bf16 each, from {@code first} on; zero for a
     *              row of zeros
     * @param k     inputs
     * @param panel where {@code k * PanelKernels.STEP_BYTES} bytes go
     */
    public static void pack(final long[] rows, final int first, final int k, final long panel) {
        for (int j = 0; j < Lanes.COUNT; j++) {
            final long low = rows[first + j];
            final long high = rows[first + Lanes.COUNT + j];
            long to = panel + (long) j * Integer.BYTES;
            for (int i = 0; i < k; i++) {
                final long offset = (long) i * Short.BYTES;
                final int lowBits = low == 0 ? 0 : Lanes.getHalf(low + offset) & 0xffff;
                final int highBits = high == 0 ? 0 : Lanes.getHalf(high + offset) << Short.SIZE;
                Lanes.setInt(to, highBits | lowBits);
                to += PanelKernels.STEP_BYTES;
            }
        }
    }

    /**
     * Writes the first {@code n} sums of a row of a group, each with its bias added.
     *
     * @param bias   null for none
     * @param biasAt index of the first output's bias
     * @param to     address of {@code n} fp32
     */
    public static void write(
            final float[] sums,
            final int sumsAt,
            final float @Nullable [] bias,
            final int biasAt,
            final long to,
            final int n) {
        if (bias != null) {
            for (int i = 0; i < n; i++) {
                sums[sumsAt + i] += bias[biasAt + i];
            }
        }
        Lanes.copyOut(sums, sumsAt, to, n);
    }
}
