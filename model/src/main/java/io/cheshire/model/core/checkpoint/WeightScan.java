package io.cheshire.model.core.checkpoint;

import io.cheshire.model.core.kernel.TensorView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What is wrong with the values of a tensor. Reads eight bytes at a time and decides all elements in them with a few
 * integer operations, so it runs at several GB/s per core.
 *
 * @param nonFinite NaN or infinity is in it
 * @param subnormal an exponent of zero with a mantissa other than zero is in it. Ordinary in F16; in BF16 and F32 no
 *                  training yields it (below 1.2e-38) and it makes CPUs slow
 * @param allZero   every element is zero
 */
public record WeightScan(boolean nonFinite, boolean subnormal, boolean allZero) {
    private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Scans the whole tensor. Nothing can be wrong with integers. */
    public static WeightScan of(final TensorView tensor) {
        return switch (tensor.dtype()) {
            case BF16 -> scan(tensor.data(), 0x7f80_7f80_7f80_7f80L, 0x007f_007f_007f_007fL, 0x8000_8000_8000_8000L);
            case F16 -> scan(tensor.data(), 0x7c00_7c00_7c00_7c00L, 0x03ff_03ff_03ff_03ffL, 0x8000_8000_8000_8000L);
            case F32 -> scan(tensor.data(), 0x7f80_0000_7f80_0000L, 0x007f_ffff_007f_ffffL, 0x8000_0000_8000_0000L);
            case I8, I4X2 -> new WeightScan(false, false, false);
        };
    }

    /**
     * In each lane the sums below reach the sign bit, and never beyond, exactly if: {@code exponent + 1 unit} iff the
     * exponent is all ones; {@code exponent + (sign - 1 unit)} iff it is not zero; {@code mantissa + (sign - 1)} iff
     * the mantissa is not zero.
     */
    private static WeightScan scan(
            final MemorySegment data, final long exponentMask, final long mantissaMask, final long signMask) {
        final long exponentUnit = signMask - exponentMask;
        final long one = exponentUnit - mantissaMask;
        long nonFinite = 0;
        long subnormal = 0;
        long any = 0;
        final long longBytes = data.byteSize() & -Long.BYTES;
        for (long offset = 0; offset < longBytes; offset += Long.BYTES) {
            final long bits = data.get(LITTLE_ENDIAN_LONG, offset);
            final long exponent = bits & exponentMask;
            any |= bits;
            nonFinite |= exponent + exponentUnit;
            subnormal |= ~(exponent + (signMask - exponentUnit)) & ((bits & mantissaMask) + (signMask - one));
        }
        final long tail = tail(data, longBytes);
        final long tailExponent = tail & exponentMask;
        any |= tail;
        nonFinite |= tailExponent + exponentUnit;
        subnormal |= ~(tailExponent + (signMask - exponentUnit)) & ((tail & mantissaMask) + (signMask - one));
        return new WeightScan((nonFinite & signMask) != 0, (subnormal & signMask) != 0, (any & ~signMask) == 0);
    }

    /** The last one to seven bytes, zero-padded; zero is harmless to every sum. */
    private static long tail(final MemorySegment data, final long from) {
        long tail = 0;
        for (long offset = from; offset < data.byteSize(); offset++) {
            tail |= (data.get(ValueLayout.JAVA_BYTE, offset) & 0xffL) << (8 * (offset - from));
        }
        return tail;
    }
}
