package io.cheshire.model.runtime.onednn.simd;

import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums of products of four-bit weights with one or two rows, over one group of inputs, and their way into the layout of
 * eight bits. All sums are of integers and exact.
 *
 * <pre>
 * panel  [input / 2][{@link QuantisedLayout#PANEL}] bytes: low half w[input] + 8, high half w[input + 1] + 8
 * </pre>
 *
 * Of a block of 2·lanes outputs byte 2i is output i and byte 2i + 1 output lanes + i: widened to shorts and seen as
 * ints, the low halves are the one and the high halves the other. Sixteen products fit into 16 bits (15·127·16 =
 * 30,480), so that an instruction makes twice as many as in fp32.
 *
 * <p>Every method is compiled by itself ({@code scripts/jvm.options}). Any thread; sums belong to the caller.
 */
public final class Int4Kernels {
    /** What is added to a weight so that it is unsigned. */
    public static final int OFFSET = 8;

    /** Outputs of a block. */
    private static final int BLOCK = 2 * Lanes.COUNT;
    /** Bytes of two inputs of a panel. */
    private static final int STEP = QuantisedLayout.PANEL;

    private static final int STEPS = 8; // sixteen inputs
    private static final int STEPS_INPUTS = 2 * STEPS;
    private static final int HALF = 16;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final VectorSpecies<Short> SHORTS = Lanes.FLOATS.withLanes(short.class);
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(SHORTS.vectorBitSize() / 2));

    private Int4Kernels() {}

    /** Rows to be multiplied. */
    public static final class Input {
        private final short[] x;
        private final int[] offsets;

        /** Room for so many integers, and sums of groups. */
        public Input(final int count, final int sums) {
            x = new short[count];
            offsets = new int[sums];
        }

        /** Integers, interleaved by tile. */
        public short[] x() {
            return x;
        }

        /** For each tile, group and row {@link #OFFSET} times the sum of its inputs, negated. */
        public int[] offsets() {
            return offsets;
        }
    }

    /** Where, among a step's bytes, that of an output is. */
    public static int place(final int output) {
        final int inBlock = output % BLOCK;
        return output - inBlock + (inBlock < Lanes.COUNT ? 2 * inBlock : 2 * (inBlock - Lanes.COUNT) + 1);
    }

    /**
     * The sums of a whole panel over one group.
     *
     * @param group   address of the panel's weights for the group
     * @param input   its integers {@code [group][rows]} from {@code at}
     * @param rows    1 or 2
     * @param inputs  of the group, a multiple of 16
     * @param offsetsAt where the rows' offsets of this group are
     * @param sums    gets {@code [rows][PANEL]}
     */
    public static void sums(
            final long group,
            final Input input,
            final int at,
            final int rows,
            final int inputs,
            final int offsetsAt,
            final float[] sums) {
        for (int output = 0; output < QuantisedLayout.PANEL; output += BLOCK) {
            if (rows == 1) {
                oneRow(group + output, input.x, at, inputs, input.offsets[offsetsAt], sums, output);
            } else {
                twoRows(group + output, input, at, inputs, offsetsAt, sums, output);
            }
        }
    }

    private static void oneRow(
            final long weights,
            final short[] x,
            final int at,
            final int inputs,
            final int offset,
            final float[] sums,
            final int to) {
        IntVector low = IntVector.broadcast(Lanes.INTS, offset);
        IntVector high = low;
        long address = weights;
        for (int chunk = at; chunk < at + inputs; chunk += STEPS_INPUTS) {
            ShortVector even = ShortVector.zero(SHORTS);
            ShortVector odd = even;
            for (int k = chunk; k < chunk + STEPS_INPUTS; k += 2) {
                final ShortVector pairs = load(address);
                even = even.add(pairs.and((short) 15).mul(x[k]));
                odd = odd.add(pairs.lanewise(VectorOperators.LSHR, 4).mul(x[k + 1]));
                address += STEP;
            }
            final IntVector both = even.add(odd).reinterpretAsInts();
            low = low.add(lowHalf(both));
            high = high.add(both.lanewise(VectorOperators.ASHR, HALF));
        }
        Lanes.toFloats(low).intoArray(sums, to);
        Lanes.toFloats(high).intoArray(sums, to + Lanes.COUNT);
    }

    private static void twoRows(
            final long weights,
            final Input input,
            final int at,
            final int inputs,
            final int offsetsAt,
            final float[] sums,
            final int to) {
        final short[] x = input.x;
        final int[] offsets = input.offsets;
        IntVector low = IntVector.broadcast(Lanes.INTS, offsets[offsetsAt]);
        IntVector high = low;
        IntVector low2 = IntVector.broadcast(Lanes.INTS, offsets[offsetsAt + 1]);
        IntVector high2 = low2;
        long address = weights;
        for (int chunk = at; chunk < at + 2 * inputs; chunk += 2 * STEPS_INPUTS) {
            ShortVector first = ShortVector.zero(SHORTS);
            ShortVector second = first;
            for (int k = chunk; k < chunk + 2 * STEPS_INPUTS; k += 4) {
                final ShortVector pairs = load(address);
                final ShortVector w = pairs.and((short) 15);
                final ShortVector next = pairs.lanewise(VectorOperators.LSHR, 4);
                first = first.add(w.mul(x[k])).add(next.mul(x[k + 2]));
                second = second.add(w.mul(x[k + 1])).add(next.mul(x[k + 3]));
                address += STEP;
            }
            final IntVector both = first.reinterpretAsInts();
            low = low.add(lowHalf(both));
            high = high.add(both.lanewise(VectorOperators.ASHR, HALF));
            final IntVector both2 = second.reinterpretAsInts();
            low2 = low2.add(lowHalf(both2));
            high2 = high2.add(both2.lanewise(VectorOperators.ASHR, HALF));
        }
        Lanes.toFloats(low).intoArray(sums, to);
        Lanes.toFloats(high).intoArray(sums, to + Lanes.COUNT);
        Lanes.toFloats(low2).intoArray(sums, to + QuantisedLayout.PANEL);
        Lanes.toFloats(high2).intoArray(sums, to + QuantisedLayout.PANEL + Lanes.COUNT);
    }

    /**
     * Writes a panel's weights in the layout of {@link Int8Kernels}.
     *
     * @param inputs a multiple of 4
     */
    public static void unpack(final long panel, final long to, final int inputs) {
        for (int output = 0; output < QuantisedLayout.PANEL; output += BLOCK) {
            unpackBlock(panel + output, to + (long) output * Integer.BYTES, inputs);
        }
    }

    private static void unpackBlock(final long block, final long to, final int inputs) {
        final long highBytes = (long) Lanes.COUNT * Integer.BYTES;
        long from = block;
        long target = to;
        for (int k = 0; k < inputs; k += 4) {
            final IntVector first = spread(load(from));
            final IntVector second = spread(load(from + STEP));
            final IntVector low = first.and(0xffff).or(second.lanewise(VectorOperators.LSHL, HALF));
            final IntVector high = first.lanewise(VectorOperators.LSHR, HALF).or(second.and(0xffff_0000));
            Lanes.storeInts(target, signed(low));
            Lanes.storeInts(target + highBytes, signed(high));
            from += 2 * STEP;
            target += QuantisedLayout.STEP_BYTES;
        }
    }

    /** A byte's two halves in two bytes. */
    private static IntVector spread(final ShortVector pairs) {
        return pairs.lanewise(VectorOperators.LSHL, 4)
                .or(pairs)
                .and((short) 0x0f0f)
                .reinterpretAsInts();
    }

    /** Takes {@link #OFFSET} off each byte: no byte borrows from another where the highest bit is set beforehand. */
    private static IntVector signed(final IntVector unsigned) {
        return unsigned.or(0x8080_8080).sub(0x0808_0808).lanewise(VectorOperators.XOR, 0x8080_8080);
    }

    private static ShortVector load(final long address) {
        return (ShortVector) ByteVector.fromMemorySegment(BYTES, Lanes.ALL, address, ORDER)
                .convertShape(VectorOperators.ZERO_EXTEND_B2S, SHORTS, 0);
    }

    private static IntVector lowHalf(final IntVector both) {
        return both.lanewise(VectorOperators.LSHL, HALF).lanewise(VectorOperators.ASHR, HALF);
    }
}
