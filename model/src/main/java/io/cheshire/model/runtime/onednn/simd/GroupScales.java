package io.cheshire.model.runtime.onednn.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Applies scales to the exact sums of groups and adds these up, in the one order of docs/model.md §7.1:
 * {@code acc = acc + (S * sx) * sw}, groups rising, nothing fused.
 *
 * <p>Methods stay compiled by themselves ({@code scripts/jvm.options}). Any thread; arrays belong to the caller.
 */
public final class GroupScales {
    private static final int PANEL = QuantisedLayout.PANEL;

    private GroupScales() {}

    /** A panel's scales, and what sums over unsigned rows are too high by, widened: {@code [groups][PANEL]}. */
    public static final class Widened {
        private final float[] factors;
        private final int[] corrections;

        /** Room for so many of each. */
        public Widened(final int count) {
            factors = new float[count];
            corrections = new int[count];
        }

        /** How many of each there is room for. */
        public int count() {
            return factors.length;
        }
    }

    /**
     * Adds one group.
     *
     * @param sums   {@code [rows][PANEL]}
     * @param sx     the rows' scales of this group: the first at {@code sxAt}, each {@code sxStride} after the other
     * @param scales address of the panel's scales of this group
     * @param totals {@code [rows][PANEL]}
     */
    public static void add(
            final float[] sums,
            final int rows,
            final float[] sx,
            final int sxAt,
            final int sxStride,
            final long scales,
            final float[] totals) {
        for (int row = 0; row < rows; row++) {
            final float scale = sx[sxAt + row * sxStride];
            for (int i = 0; i < PANEL; i += Lanes.COUNT) {
                final int at = row * PANEL + i;
                final FloatVector scaled = FloatVector.fromArray(Lanes.FLOATS, sums, at)
                        .mul(scale)
                        .mul(Lanes.loadBf16(scales + (long) i * Short.BYTES));
                FloatVector.fromArray(Lanes.FLOATS, totals, at).add(scaled).intoArray(totals, at);
            }
        }
    }

    /**
     * Prepares a panel for {@link #reduce}.
     *
     * @param scales      address of {@code count} bf16
     * @param sums        address of {@code count} shorts: the sums of a group's weights
     * @param to          gets them
     */
    public static void expand(final long scales, final long sums, final int count, final Widened to) {
        for (int i = 0; i < count; i++) {
            to.factors[i] = Lanes.getBf16(scales + (long) i * Short.BYTES);
            to.corrections[i] = Lanes.getHalf(sums + (long) i * Short.BYTES) * QuantisedRows.UNSIGNED_OFFSET;
        }
    }

    /**
     * One row of a panel from the sums of all groups over unsigned rows.
     *
     * @param sums       address of the row's sums of the first group: {@code PANEL} ints
     * @param groupBytes from one group's sums to the next
     * @param sx         the row's scales from {@code sxAt}
     * @param totals     gets {@code PANEL} results
     */
    public static void reduce(
            final long sums,
            final long groupBytes,
            final int groups,
            final Widened panel,
            final float[] sx,
            final int sxAt,
            final float[] totals) {
        final float[] factors = panel.factors;
        final int[] corrections = panel.corrections;
        for (int i = 0; i < PANEL; i += 2 * Lanes.COUNT) {
            FloatVector a = FloatVector.zero(Lanes.FLOATS);
            FloatVector b = a;
            final long at = sums + (long) i * Integer.BYTES;
            for (int g = 0; g < groups; g++) {
                final int place = g * PANEL + i;
                final float scale = sx[sxAt + g];
                final long address = at + g * groupBytes;
                a = a.add(scaled(address, corrections, factors, place, scale));
                b = b.add(scaled(
                        address + (long) Lanes.COUNT * Integer.BYTES,
                        corrections,
                        factors,
                        place + Lanes.COUNT,
                        scale));
            }
            a.intoArray(totals, i);
            b.intoArray(totals, i + Lanes.COUNT);
        }
    }

    /** {@link #reduce} for sums in fp32 over rows that have their signs. */
    public static void reduceFloats(
            final long sums,
            final long groupBytes,
            final int groups,
            final Widened panel,
            final float[] sx,
            final int sxAt,
            final float[] totals) {
        final float[] factors = panel.factors;
        for (int i = 0; i < PANEL; i += 2 * Lanes.COUNT) {
            FloatVector a = FloatVector.zero(Lanes.FLOATS);
            FloatVector b = a;
            final long at = sums + (long) i * Float.BYTES;
            for (int g = 0; g < groups; g++) {
                final int place = g * PANEL + i;
                final float scale = sx[sxAt + g];
                final long address = at + g * groupBytes;
                a = a.add(Lanes.load(address).mul(scale).mul(FloatVector.fromArray(Lanes.FLOATS, factors, place)));
                b = b.add(Lanes.load(address + (long) Lanes.COUNT * Float.BYTES)
                        .mul(scale)
                        .mul(FloatVector.fromArray(Lanes.FLOATS, factors, place + Lanes.COUNT)));
            }
            a.intoArray(totals, i);
            b.intoArray(totals, i + Lanes.COUNT);
        }
    }

    private static FloatVector scaled(
            final long sums, final int[] corrections, final float[] factors, final int place, final float scale) {
        final IntVector exact = Lanes.loadInts(sums).sub(IntVector.fromArray(Lanes.INTS, corrections, place));
        return Lanes.toFloats(exact).mul(scale).mul(FloatVector.fromArray(Lanes.FLOATS, factors, place));
    }
}
