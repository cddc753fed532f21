package io.cheshire.model.runtime.onednn.simd;

import io.cheshire.model.core.kernel.Bf16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors over raw addresses: the machine's widest shape of 4, 8 or 16 lanes, loads and stores in fp32 and bf16,
 * sums in one order whatever the shape.
 *
 * <p>Addresses are not checked: callers own the buffers and know their sizes. Nothing here uses
 * {@code reduceLanes(ADD)} or the library's {@code EXP}, whose bits may differ between the interpreter and compiled
 * code.
 */
public final class Lanes {
    /** Sums that a row's elements are added to before these are folded; the most lanes of a vector. */
    static final int FOLD = 16;

    public static final VectorSpecies<Float> FLOATS =
            VectorSpecies.of(float.class, VectorShape.forBitSize(widthBits(FloatVector.SPECIES_PREFERRED.length())));
    /** Floats in a vector: 4, 8 or 16. */
    public static final int COUNT = FLOATS.length();

    static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final VectorSpecies<Short> HALVES =
            VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
    private static final VectorShuffle<Float> ROTATE_8 = rotation(8);
    private static final VectorShuffle<Float> ROTATE_4 = rotation(4);
    private static final VectorShuffle<Float> ROTATE_2 = rotation(2);
    private static final VectorShuffle<Float> ROTATE_1 = rotation(1);
    private static final int QUIET_NAN_BIT = 0x40;
    private static final int HIGH_HALF = 0xffff_0000;

    private Lanes() {}

    /** {@code count} rounded up to whole vectors. */
    public static int padded(final int count) {
        return Math.multiplyExact(Math.ceilDiv(count, COUNT), COUNT);
    }

    /** Lanes {@code index ..} that are below {@code limit}. */
    static VectorMask<Float> below(final int index, final int limit) {
        return FLOATS.indexInRange(index, limit);
    }

    static FloatVector load(final long address) {
        return FloatVector.fromMemorySegment(FLOATS, ALL, address, ORDER);
    }

    /** Lanes outside the mask are zero and not read. */
    static FloatVector load(final long address, final VectorMask<Float> mask) {
        return FloatVector.fromMemorySegment(FLOATS, ALL, address, ORDER, mask);
    }

    static void store(final long address, final FloatVector value) {
        value.intoMemorySegment(ALL, address, ORDER);
    }

    static void store(final long address, final FloatVector value, final VectorMask<Float> mask) {
        value.intoMemorySegment(ALL, address, ORDER, mask);
    }

    static float get(final long address) {
        return ALL.get(FLOAT, address);
    }

    static void set(final long address, final float value) {
        ALL.set(FLOAT, address, value);
    }

    static void setBf16(final long address, final float value) {
        ALL.set(SHORT, address, Bf16.fromFloat(value));
    }

    static short getHalf(final long address) {
        return ALL.get(SHORT, address);
    }

    static void setInt(final long address, final int value) {
        ALL.set(INT, address, value);
    }

    static void setHalf(final long address, final short value) {
        ALL.set(SHORT, address, value);
    }

    static byte getByte(final long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    static void setByte(final long address, final byte value) {
        ALL.set(ValueLayout.JAVA_BYTE, address, value);
    }

    /** Writes {@code n} floats of an array. */
    static void copyOut(final float[] from, final int at, final long to, final int n) {
        MemorySegment.copy(from, at, ALL, FLOAT, to, n);
    }

    static FloatVector broadcast(final float value) {
        return FloatVector.broadcast(FLOATS, value);
    }

    static IntVector loadInts(final long address) {
        return IntVector.fromMemorySegment(INTS, ALL, address, ORDER);
    }

    static void storeInts(final long address, final IntVector value) {
        value.intoMemorySegment(ALL, address, ORDER);
    }

    /** Integers as floats; exact below 2^24. */
    static FloatVector toFloats(final IntVector value) {
        return (FloatVector) value.convert(VectorOperators.I2F, 0);
    }

    /** The bf16 values in the low halves, exactly. */
    static FloatVector low(final IntVector pairs) {
        return pairs.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats();
    }

    /** The bf16 values in the high halves, exactly. */
    static FloatVector high(final IntVector pairs) {
        return pairs.and(HIGH_HALF).reinterpretAsFloats();
    }

    static float getBf16(final long address) {
        return Bf16.toFloat(ALL.get(SHORT, address));
    }

    /** Reads bf16, exactly. */
    static FloatVector loadBf16(final long address) {
        return widen(ShortVector.fromMemorySegment(HALVES, ALL, address, ORDER));
    }

    static FloatVector loadBf16(final long address, final VectorMask<Float> mask) {
        return widen(ShortVector.fromMemorySegment(HALVES, ALL, address, ORDER, mask.cast(HALVES)));
    }

    /** Writes bf16, rounded to nearest even. */
    static void storeBf16(final long address, final FloatVector value) {
        narrow(value).intoMemorySegment(ALL, address, ORDER);
    }

    static void storeBf16(final long address, final FloatVector value, final VectorMask<Float> mask) {
        narrow(value).intoMemorySegment(ALL, address, ORDER, mask.cast(HALVES));
    }

    /**
     * Folds {@link #FOLD} sums in halves: sum {@code i} and sum {@code i + 8}, then 4, 2 and 1 apart.
     *
     * @param sums what is left of them after the halves that no vector holds together were added to each other
     */
    static float fold(final FloatVector sums) {
        FloatVector folded = sums;
        if (COUNT > 8) {
            folded = folded.add(folded.rearrange(ROTATE_8));
        }
        if (COUNT > 4) {
            folded = folded.add(folded.rearrange(ROTATE_4));
        }
        folded = folded.add(folded.rearrange(ROTATE_2));
        return folded.add(folded.rearrange(ROTATE_1)).lane(0);
    }

    /** Bits of the vectors in use where the machine prefers {@code lanes} floats. */
    private static int widthBits(final int lanes) {
        return Math.clamp(lanes, 4, FOLD) * Float.SIZE;
    }

    private static FloatVector widen(final ShortVector halves) {
        return ((IntVector) halves.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, 16)
                .reinterpretAsFloats();
    }

    private static ShortVector narrow(final FloatVector value) {
        final IntVector bits = value.reinterpretAsInts();
        final IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
        final IntVector rounded = bits.add(0x7fff).add(odd).lanewise(VectorOperators.LSHR, 16);
        final IntVector quiet = bits.lanewise(VectorOperators.LSHR, 16).or(QUIET_NAN_BIT);
        final VectorMask<Integer> nan = value.test(VectorOperators.IS_NAN).cast(INTS);
        return (ShortVector) rounded.blend(quiet, nan).convertShape(VectorOperators.I2S, HALVES, 0);
    }

    private static VectorShuffle<Float> rotation(final int distance) {
        return VectorShuffle.fromOp(FLOATS, lane -> (lane + distance) % COUNT);
    }
}
