package io.cheshire.model.runtime.onednn.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Products of one to four rows with panels of bf16 weights, summed in fp32.
 *
 * <p>A panel holds {@link #PANEL} outputs. For each input {@code k} it has one vector of ints, each with two outputs'
 * weights:
 *
 * <pre>
 * panel  [k][Lanes.COUNT] int:  int j = weight of output j | weight of output Lanes.COUNT + j &lt;&lt; 16
 * group  {@link #GROUP_PANELS} panels, one after the other
 * </pre>
 *
 * So a weight becomes a float by one shift or one mask, and each output has a lane of its own. Rows come interleaved,
 * {@code x[k][rows]}, so that an input's values lie side by side; as rows of their own, some thousands of floats apart,
 * they took a third more time. An output's sum is {@code fma(x[k], w[k], sum)} with {@code k} rising, whatever else is
 * computed beside it: its bits depend on neither the row count, nor the place, nor the width of the processor's
 * vectors.
 *
 * <p>Every method is compiled by itself ({@code scripts/jvm.options}): so many vector operations in one caller would
 * end the compiler's inlining, and each vector would be an object. Any thread; sums belong to the caller.
 */
public final class PanelKernels {
    /** Outputs of a panel. */
    public static final int PANEL = 2 * Lanes.COUNT;
    /** Panels that are computed together, so that one row alone has enough sums in flight to hide their latency. */
    public static final int GROUP_PANELS = 4;
    /** Outputs of a group, and floats from one row of sums to the next. */
    public static final int GROUP = GROUP_PANELS * PANEL;
    /** Most rows of one call: more sums would not fit the 16 registers of AVX2. */
    public static final int MOST_ROWS = 4;
    /** Bytes of a panel for one input. */
    public static final long STEP_BYTES = (long) Lanes.COUNT * Integer.BYTES;

    private static final int A_HIGH = Lanes.COUNT;
    private static final int B = PANEL;
    private static final int B_HIGH = B + Lanes.COUNT;
    private static final int C = 2 * PANEL;
    private static final int C_HIGH = C + Lanes.COUNT;
    private static final int D = 3 * PANEL;
    private static final int D_HIGH = D + Lanes.COUNT;

    private PanelKernels() {}

    /**
     * Adds the products of fewer than {@link #MOST_ROWS} rows over {@code count} inputs to the sums of a whole group.
     *
     * @param group      address of the group's first panel, at the first of the inputs
     * @param panelBytes bytes from one panel to the next
     * @param x          inputs, {@code [count][rows]} from {@code at}
     * @param rows       1 .. {@code MOST_ROWS - 1}
     * @param sums       {@code [rows][GROUP]} from {@code sumsAt}
     */
    public static void fewRows(
            final long group,
            final long panelBytes,
            final float[] x,
            final int at,
            final int rows,
            final int count,
            final float[] sums,
            final int sumsAt) {
        switch (rows) {
            case 1 -> oneRow(group, panelBytes, x, at, count, sums, sumsAt);
            case 2 -> {
                twoRows(group, panelBytes, x, at, count, sums, sumsAt);
                twoRows(group + 2 * panelBytes, panelBytes, x, at, count, sums, sumsAt + C);
            }
            default -> {
                threeRows(group, panelBytes, x, at, count, sums, sumsAt);
                threeRows(group + 2 * panelBytes, panelBytes, x, at, count, sums, sumsAt + C);
            }
        }
    }

    private static void oneRow(
            final long group,
            final long panelBytes,
            final float[] x,
            final int at,
            final int count,
            final float[] sums,
            final int to) {
        FloatVector a = sum(sums, to);
        FloatVector a2 = sum(sums, to + A_HIGH);
        FloatVector b = sum(sums, to + B);
        FloatVector b2 = sum(sums, to + B_HIGH);
        FloatVector c = sum(sums, to + C);
        FloatVector c2 = sum(sums, to + C_HIGH);
        FloatVector d = sum(sums, to + D);
        FloatVector d2 = sum(sums, to + D_HIGH);
        final long second = group + panelBytes;
        final long third = second + panelBytes;
        final long fourth = third + panelBytes;
        for (int k = 0; k < count; k++) {
            final long offset = k * STEP_BYTES;
            final FloatVector value = Lanes.broadcast(x[at + k]);
            final IntVector first = Lanes.loadInts(group + offset);
            a = Lanes.low(first).fma(value, a);
            a2 = Lanes.high(first).fma(value, a2);
            final IntVector next = Lanes.loadInts(second + offset);
            b = Lanes.low(next).fma(value, b);
            b2 = Lanes.high(next).fma(value, b2);
            final IntVector afterNext = Lanes.loadInts(third + offset);
            c = Lanes.low(afterNext).fma(value, c);
            c2 = Lanes.high(afterNext).fma(value, c2);
            final IntVector last = Lanes.loadInts(fourth + offset);
            d = Lanes.low(last).fma(value, d);
            d2 = Lanes.high(last).fma(value, d2);
        }
        a.intoArray(sums, to);
        a2.intoArray(sums, to + A_HIGH);
        b.intoArray(sums, to + B);
        b2.intoArray(sums, to + B_HIGH);
        c.intoArray(sums, to + C);
        c2.intoArray(sums, to + C_HIGH);
        d.intoArray(sums, to + D);
        d2.intoArray(sums, to + D_HIGH);
    }

    /** Two panels. */
    private static void twoRows(
            final long panels,
            final long panelBytes,
            final float[] x,
            final int at,
            final int count,
            final float[] sums,
            final int to) {
        final int other = to + GROUP;
        FloatVector a = sum(sums, to);
        FloatVector a2 = sum(sums, to + A_HIGH);
        FloatVector b = sum(sums, to + B);
        FloatVector b2 = sum(sums, to + B_HIGH);
        FloatVector c = sum(sums, other);
        FloatVector c2 = sum(sums, other + A_HIGH);
        FloatVector d = sum(sums, other + B);
        FloatVector d2 = sum(sums, other + B_HIGH);
        final long second = panels + panelBytes;
        for (int k = 0; k < count; k++) {
            final long offset = k * STEP_BYTES;
            final int input = at + 2 * k;
            final FloatVector value = Lanes.broadcast(x[input]);
            final FloatVector otherValue = Lanes.broadcast(x[input + 1]);
            final IntVector first = Lanes.loadInts(panels + offset);
            final FloatVector firstLow = Lanes.low(first);
            final FloatVector firstHigh = Lanes.high(first);
            a = firstLow.fma(value, a);
            a2 = firstHigh.fma(value, a2);
            c = firstLow.fma(otherValue, c);
            c2 = firstHigh.fma(otherValue, c2);
            final IntVector next = Lanes.loadInts(second + offset);
            final FloatVector nextLow = Lanes.low(next);
            final FloatVector nextHigh = Lanes.high(next);
            b = nextLow.fma(value, b);
            b2 = nextHigh.fma(value, b2);
            d = nextLow.fma(otherValue, d);
            d2 = nextHigh.fma(otherValue, d2);
        }
        a.intoArray(sums, to);
        a2.intoArray(sums, to + A_HIGH);
        b.intoArray(sums, to + B);
        b2.intoArray(sums, to + B_HIGH);
        c.intoArray(sums, other);
        c2.intoArray(sums, other + A_HIGH);
        d.intoArray(sums, other + B);
        d2.intoArray(sums, other + B_HIGH);
    }

    /** Two panels. */
    private static void threeRows(
            final long panels,
            final long panelBytes,
            final float[] x,
            final int at,
            final int count,
            final float[] sums,
            final int to) {
        final int toSecond = to + GROUP;
        final int toThird = toSecond + GROUP;
        FloatVector a = sum(sums, to);
        FloatVector a2 = sum(sums, to + A_HIGH);
        FloatVector b = sum(sums, to + B);
        FloatVector b2 = sum(sums, to + B_HIGH);
        FloatVector c = sum(sums, toSecond);
        FloatVector c2 = sum(sums, toSecond + A_HIGH);
        FloatVector d = sum(sums, toSecond + B);
        FloatVector d2 = sum(sums, toSecond + B_HIGH);
        FloatVector e = sum(sums, toThird);
        FloatVector e2 = sum(sums, toThird + A_HIGH);
        FloatVector f = sum(sums, toThird + B);
        FloatVector f2 = sum(sums, toThird + B_HIGH);
        for (int k = 0; k < count; k++) {
            final long offset = panels + k * STEP_BYTES;
            final int input = at + 3 * k;
            final IntVector first = Lanes.loadInts(offset);
            final FloatVector low = Lanes.low(first);
            final FloatVector high = Lanes.high(first);
            final IntVector next = Lanes.loadInts(offset + panelBytes);
            final FloatVector nextLow = Lanes.low(next);
            final FloatVector nextHigh = Lanes.high(next);
            FloatVector value = Lanes.broadcast(x[input]);
            a = low.fma(value, a);
            a2 = high.fma(value, a2);
            b = nextLow.fma(value, b);
            b2 = nextHigh.fma(value, b2);
            value = Lanes.broadcast(x[input + 1]);
            c = low.fma(value, c);
            c2 = high.fma(value, c2);
            d = nextLow.fma(value, d);
            d2 = nextHigh.fma(value, d2);
            value = Lanes.broadcast(x[input + 2]);
            e = low.fma(value, e);
            e2 = high.fma(value, e2);
            f = nextLow.fma(value, f);
            f2 = nextHigh.fma(value, f2);
        }
        a.intoArray(sums, to);
        a2.intoArray(sums, to + A_HIGH);
        b.intoArray(sums, to + B);
        b2.intoArray(sums, to + B_HIGH);
        c.intoArray(sums, toSecond);
        c2.intoArray(sums, toSecond + A_HIGH);
        d.intoArray(sums, toSecond + B);
        d2.intoArray(sums, toSecond + B_HIGH);
        e.intoArray(sums, toThird);
        e2.intoArray(sums, toThird + A_HIGH);
        f.intoArray(sums, toThird + B);
        f2.intoArray(sums, toThird + B_HIGH);
    }

    /**
     * The same for {@link #MOST_ROWS} rows and one panel.
     *
     * @param panel address of the panel at the first of the inputs
     * @param x     inputs, {@code [count][MOST_ROWS]} from {@code at}
     * @param sums  {@code [MOST_ROWS][GROUP]}, of which the panel's begin at {@code to}
     */
    public static void fourRows(
            final long panel, final float[] x, final int at, final int count, final float[] sums, final int to) {
        final int toSecond = to + GROUP;
        final int toThird = toSecond + GROUP;
        final int toFourth = toThird + GROUP;
        FloatVector a = sum(sums, to);
        FloatVector a2 = sum(sums, to + A_HIGH);
        FloatVector b = sum(sums, toSecond);
        FloatVector b2 = sum(sums, toSecond + A_HIGH);
        FloatVector c = sum(sums, toThird);
        FloatVector c2 = sum(sums, toThird + A_HIGH);
        FloatVector d = sum(sums, toFourth);
        FloatVector d2 = sum(sums, toFourth + A_HIGH);
        for (int k = 0; k < count; k++) {
            final IntVector weights = Lanes.loadInts(panel + k * STEP_BYTES);
            final FloatVector low = Lanes.low(weights);
            final FloatVector high = Lanes.high(weights);
            final int input = at + MOST_ROWS * k;
            FloatVector value = Lanes.broadcast(x[input]);
            a = low.fma(value, a);
            a2 = high.fma(value, a2);
            value = Lanes.broadcast(x[input + 1]);
            b = low.fma(value, b);
            b2 = high.fma(value, b2);
            value = Lanes.broadcast(x[input + 2]);
            c = low.fma(value, c);
            c2 = high.fma(value, c2);
            value = Lanes.broadcast(x[input + 3]);
            d = low.fma(value, d);
            d2 = high.fma(value, d2);
        }
        a.intoArray(sums, to);
        a2.intoArray(sums, to + A_HIGH);
        b.intoArray(sums, toSecond);
        b2.intoArray(sums, toSecond + A_HIGH);
        c.intoArray(sums, toThird);
        c2.intoArray(sums, toThird + A_HIGH);
        d.intoArray(sums, toFourth);
        d2.intoArray(sums, toFourth + A_HIGH);
    }

    private static FloatVector sum(final float[] sums, final int at) {
        return FloatVector.fromArray(Lanes.FLOATS, sums, at);
    }
}
