package io.cheshire.model.runtime.onednn.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums of products of eight-bit weights with one to four rows, over one group of inputs, in fp32: products and all
 * partial sums are integers below 2^24, so no order of adding and no fusing changes a bit.
 *
 * <pre>
 * panel  [input / 4][{@link QuantisedLayout#PANEL} outputs][4 inputs] signed bytes
 * </pre>
 *
 * That is what oneDNN and the processors' integer units want as well, so there is one copy of the weights. An int lane
 * holds four inputs of one output. Rows come interleaved, {@code x[input][rows]}, as integers in fp32.
 *
 * <p>Every method is compiled by itself ({@code scripts/jvm.options}): with about 45 vector operations it ends what the
 * compiler inlines. Any thread; sums belong to the caller.
 */
public final class Int8Kernels {
    /** Outputs of one call. */
    private static final int PAIR = 2 * Lanes.COUNT;

    private static final long VECTOR_BYTES = (long) Lanes.COUNT * Integer.BYTES;
    private static final int TWO_ROWS = 2;

    private Int8Kernels() {}

    /**
     * The sums of a whole panel over one group.
     *
     * @param group  address of the panel's weights for the group
     * @param x      inputs, {@code [group][rows]} from {@code at}
     * @param rows   1, 2 or 4
     * @param inputs of the group, a multiple of 4
     * @param sums   gets {@code [rows][PANEL]}
     */
    public static void sums(
            final long group, final float[] x, final int at, final int rows, final int inputs, final float[] sums) {
        for (int output = 0; output < QuantisedLayout.PANEL; output += PAIR) {
            final long weights = group + (long) output * Integer.BYTES;
            switch (rows) {
                case 1 -> oneRow(weights, x, at, inputs, sums, output);
                case TWO_ROWS -> twoRows(weights, x, at, inputs, sums, output);
                default -> fourRows(weights, x, at, inputs, sums, output);
            }
        }
    }

    private static void oneRow(
            final long weights, final float[] x, final int at, final int inputs, final float[] sums, final int to) {
        FloatVector a = FloatVector.zero(Lanes.FLOATS);
        FloatVector b = a;
        long address = weights;
        for (int k = at; k < at + inputs; k += 4) {
            final IntVector first = Lanes.loadInts(address);
            final IntVector second = Lanes.loadInts(address + VECTOR_BYTES);
            FloatVector value = Lanes.broadcast(x[k]);
            a = input0(first).fma(value, a);
            b = input0(second).fma(value, b);
            value = Lanes.broadcast(x[k + 1]);
            a = input1(first).fma(value, a);
            b = input1(second).fma(value, b);
            value = Lanes.broadcast(x[k + 2]);
            a = input2(first).fma(value, a);
            b = input2(second).fma(value, b);
            value = Lanes.broadcast(x[k + 3]);
            a = input3(first).fma(value, a);
            b = input3(second).fma(value, b);
            address += QuantisedLayout.STEP_BYTES;
        }
        a.intoArray(sums, to);
        b.intoArray(sums, to + Lanes.COUNT);
    }

    /** One vector of outputs after the other: with both in one loop every vector becomes an object. */
    private static void twoRows(
            final long weights, final float[] x, final int at, final int inputs, final float[] sums, final int to) {
        twoRowsOfOne(weights, x, at, inputs, sums, to);
        twoRowsOfOne(weights + VECTOR_BYTES, x, at, inputs, sums, to + Lanes.COUNT);
    }

    /** Two sums a row, so that one addition need not wait for the one before. */
    private static void twoRowsOfOne(
            final long weights, final float[] x, final int at, final int inputs, final float[] sums, final int to) {
        FloatVector a = FloatVector.zero(Lanes.FLOATS);
        FloatVector a2 = a;
        FloatVector b = a;
        FloatVector b2 = a;
        long address = weights;
        for (int k = at; k < at + 2 * inputs; k += 8) {
            final IntVector ints = Lanes.loadInts(address);
            FloatVector w = input0(ints);
            a = w.fma(Lanes.broadcast(x[k]), a);
            b = w.fma(Lanes.broadcast(x[k + 1]), b);
            w = input1(ints);
            a2 = w.fma(Lanes.broadcast(x[k + 2]), a2);
            b2 = w.fma(Lanes.broadcast(x[k + 3]), b2);
            w = input2(ints);
            a = w.fma(Lanes.broadcast(x[k + 4]), a);
            b = w.fma(Lanes.broadcast(x[k + 5]), b);
            w = input3(ints);
            a2 = w.fma(Lanes.broadcast(x[k + 6]), a2);
            b2 = w.fma(Lanes.broadcast(x[k + 7]), b2);
            address += QuantisedLayout.STEP_BYTES;
        }
        a.add(a2).intoArray(sums, to);
        b.add(b2).intoArray(sums, to + QuantisedLayout.PANEL);
    }

    /** As {@link #twoRows}. */
    private static void fourRows(
            final long weights, final float[] x, final int at, final int inputs, final float[] sums, final int to) {
        fourRowsOfOne(weights, x, at, inputs, sums, to);
        fourRowsOfOne(weights + VECTOR_BYTES, x, at, inputs, sums, to + Lanes.COUNT);
    }

    private static void fourRowsOfOne(
            final long weights, final float[] x, final int at, final int inputs, final float[] sums, final int to) {
        FloatVector a = FloatVector.zero(Lanes.FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        long address = weights;
        for (int k = at; k < at + 4 * inputs; k += 16) {
            final IntVector ints = Lanes.loadInts(address);
            FloatVector w = input0(ints);
            a = w.fma(Lanes.broadcast(x[k]), a);
            b = w.fma(Lanes.broadcast(x[k + 1]), b);
            c = w.fma(Lanes.broadcast(x[k + 2]), c);
            d = w.fma(Lanes.broadcast(x[k + 3]), d);
            w = input1(ints);
            a = w.fma(Lanes.broadcast(x[k + 4]), a);
            b = w.fma(Lanes.broadcast(x[k + 5]), b);
            c = w.fma(Lanes.broadcast(x[k + 6]), c);
            d = w.fma(Lanes.broadcast(x[k + 7]), d);
            w = input2(ints);
            a = w.fma(Lanes.broadcast(x[k + 8]), a);
            b = w.fma(Lanes.broadcast(x[k + 9]), b);
            c = w.fma(Lanes.broadcast(x[k + 10]), c);
            d = w.fma(Lanes.broadcast(x[k + 11]), d);
            w = input3(ints);
            a = w.fma(Lanes.broadcast(x[k + 12]), a);
            b = w.fma(Lanes.broadcast(x[k + 13]), b);
            c = w.fma(Lanes.broadcast(x[k + 14]), c);
            d = w.fma(Lanes.broadcast(x[k + 15]), d);
            address += QuantisedLayout.STEP_BYTES;
        }
        a.intoArray(sums, to);
        b.intoArray(sums, to + QuantisedLayout.PANEL);
        c.intoArray(sums, to + 2 * QuantisedLayout.PANEL);
        d.intoArray(sums, to + 3 * QuantisedLayout.PANEL);
    }

    /**
     * A panel's weights as floats.
     *
     * @param panel  address of the weights
     * @param to     address of {@code [inputs][PANEL]} floats
     * @param inputs a multiple of 4
     */
    public static void widen(final long panel, final long to, final int inputs) {
        final long row = (long) QuantisedLayout.PANEL * Float.BYTES;
        for (int k = 0; k < inputs; k += 4) {
            final long from = panel + k / 4 * QuantisedLayout.STEP_BYTES;
            final long first = to + k * row;
            for (long at = 0; at < row; at += VECTOR_BYTES) {
                final IntVector ints = Lanes.loadInts(from + at);
                Lanes.store(first + at, input0(ints));
                Lanes.store(first + row + at, input1(ints));
                Lanes.store(first + 2 * row + at, input2(ints));
                Lanes.store(first + 3 * row + at, input3(ints));
            }
        }
    }

    private static FloatVector input0(final IntVector ints) {
        return Lanes.toFloats(ints.lanewise(VectorOperators.LSHL, 24).lanewise(VectorOperators.ASHR, 24));
    }

    private static FloatVector input1(final IntVector ints) {
        return Lanes.toFloats(ints.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 24));
    }

    private static FloatVector input2(final IntVector ints) {
        return Lanes.toFloats(ints.lanewise(VectorOperators.LSHL, 8).lanewise(VectorOperators.ASHR, 24));
    }

    private static FloatVector input3(final IntVector ints) {
        return Lanes.toFloats(ints.lanewise(VectorOperators.ASHR, 24));
    }
}
