package io.cheshire.model.runtime.onednn.simd;

import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Int8Kernels} for weights that lie input by input: a vector of them is widened in two instructions, where by
 * fours it takes three for every input. For processors of eight lanes or more whose integer units can't be used.
 *
 * <pre>
 * panel  [input][{@link QuantisedLayout#PANEL} outputs] signed bytes
 * </pre>
 *
 * <p>Every method is compiled by itself ({@code scripts/jvm.options}). Any thread; sums belong to the caller.
 */
public final class Int8RowKernels {
    /** Lanes without which there is no vector of so few bytes. */
    private static final int LEAST_LANES = 8;

    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(LEAST_LANES, Lanes.COUNT) * Byte.SIZE));
    private static final int COUNT = Lanes.COUNT;
    private static final int TWO = 2 * COUNT;
    private static final int THREE = 3 * COUNT;
    private static final int FOUR = 4 * COUNT;
    private static final int PANEL = QuantisedLayout.PANEL;
    private static final int TWO_ROWS = 2;

    private Int8RowKernels() {}

    /** Whether this processor's vectors are wide enough. */
    public static boolean usable() {
        return COUNT >= LEAST_LANES;
    }

    /** As {@link Int8Kernels#sums}. */
    public static void sums(
            final long group, final float[] x, final int at, final int rows, final int inputs, final float[] sums) {
        switch (rows) {
            case 1 -> {
                for (int output = 0; output < PANEL; output += FOUR) {
                    oneRow(group + output, x, at, inputs, sums, output);
                }
            }
            case TWO_ROWS -> {
                for (int output = 0; output < PANEL; output += FOUR) {
                    twoRows(group + output, x, at, inputs, sums, output);
                }
            }
            default -> {
                for (int output = 0; output < PANEL; output += TWO) {
                    fourRows(group + output, x, at, inputs, sums, output);
                }
            }
        }
    }

    private static void oneRow(
            final long weights, final float[] x, final int at, final int inputs, final float[] sums, final int to) {
        FloatVector a = FloatVector.zero(Lanes.FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector a2 = a;
        FloatVector b2 = a;
        FloatVector c2 = a;
        FloatVector d2 = a;
        long address = weights;
        for (int k = at; k < at + inputs; k += 2) {
            FloatVector value = Lanes.broadcast(x[k]);
            a = wide(address).fma(value, a);
            b = wide(address + COUNT).fma(value, b);
            c = wide(address + TWO).fma(value, c);
            d = wide(address + THREE).fma(value, d);
            value = Lanes.broadcast(x[k + 1]);
            a2 = wide(address + PANEL).fma(value, a2);
            b2 = wide(address + PANEL + COUNT).fma(value, b2);
            c2 = wide(address + PANEL + TWO).fma(value, c2);
            d2 = wide(address + PANEL + THREE).fma(value, d2);
            address += 2 * PANEL;
        }
        a.add(a2).intoArray(sums, to);
        b.add(b2).intoArray(sums, to + COUNT);
        c.add(c2).intoArray(sums, to + TWO);
        d.add(d2).intoArray(sums, to + THREE);
    }

    private static void twoRows(
            final long weights, final float[] x, final int at, final int inputs, final float[] sums, final int to) {
        FloatVector a = FloatVector.zero(Lanes.FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector a2 = a;
        FloatVector b2 = a;
        FloatVector c2 = a;
        FloatVector d2 = a;
        long address = weights;
        for (int k = at; k < at + 2 * inputs; k += 2) {
            final FloatVector value = Lanes.broadcast(x[k]);
            final FloatVector value2 = Lanes.broadcast(x[k + 1]);
            FloatVector w = wide(address);
            a = w.fma(value, a);
            a2 = w.fma(value2, a2);
            w = wide(address + COUNT);
            b = w.fma(value, b);
            b2 = w.fma(value2, b2);
            w = wide(address + TWO);
            c = w.fma(value, c);
            c2 = w.fma(value2, c2);
            w = wide(address + THREE);
            d = w.fma(value, d);
            d2 = w.fma(value2, d2);
            address += PANEL;
        }
        a.intoArray(sums, to);
        b.intoArray(sums, to + COUNT);
        c.intoArray(sums, to + TWO);
        d.intoArray(sums, to + THREE);
        a2.intoArray(sums, PANEL + to);
        b2.intoArray(sums, PANEL + to + COUNT);
        c2.intoArray(sums, PANEL + to + TWO);
        d2.intoArray(sums, PANEL + to + THREE);
    }

    private static void fourRows(
            final long weights, final float[] x, final int at, final int inputs, final float[] sums, final int to) {
        FloatVector a = FloatVector.zero(Lanes.FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector a2 = a;
        FloatVector b2 = a;
        FloatVector c2 = a;
        FloatVector d2 = a;
        long address = weights;
        for (int k = at; k < at + 4 * inputs; k += 4) {
            final FloatVector w = wide(address);
            final FloatVector w2 = wide(address + COUNT);
            FloatVector value = Lanes.broadcast(x[k]);
            a = w.fma(value, a);
            a2 = w2.fma(value, a2);
            value = Lanes.broadcast(x[k + 1]);
            b = w.fma(value, b);
            b2 = w2.fma(value, b2);
            value = Lanes.broadcast(x[k + 2]);
            c = w.fma(value, c);
            c2 = w2.fma(value, c2);
            value = Lanes.broadcast(x[k + 3]);
            d = w.fma(value, d);
            d2 = w2.fma(value, d2);
            address += PANEL;
        }
        a.intoArray(sums, to);
        a2.intoArray(sums, to + COUNT);
        b.intoArray(sums, PANEL + to);
        b2.intoArray(sums, PANEL + to + COUNT);
        c.intoArray(sums, 2 * PANEL + to);
        c2.intoArray(sums, 2 * PANEL + to + COUNT);
        d.intoArray(sums, 3 * PANEL + to);
        d2.intoArray(sums, 3 * PANEL + to + COUNT);
    }

    /** As {@link Int8Kernels#widen}. */
    public static void widen(final long panel, final long to, final int inputs) {
        final long count = (long) inputs * PANEL;
        for (long i = 0; i < count; i += COUNT) {
            Lanes.store(to + i * Float.BYTES, wide(panel + i));
        }
    }

    private static FloatVector wide(final long address) {
        return (FloatVector) ByteVector.fromMemorySegment(BYTES, Lanes.ALL, address, ORDER)
                .convertShape(VectorOperators.B2F, Lanes.FLOATS, 0);
    }
}
