package io.cheshire.model.core.checkpoint;

import io.cheshire.model.protocol.Dtype;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Random values of one synthetic tensor. The value at an index depends on seed, tensor name and index alone, so threads
 * fill pieces in any order. Uniform on {@code base ± spread} in 4096 steps, rounded to bf16 whatever the dtype, so that
 * the F32 model of a seed holds the same numbers as its BF16 model.
 *
 * <p>One mix of SplitMix64 gives the four table indexes of four neighbouring elements.
 */
public final class SynthValues {
    private static final int STEPS = 1 << 12;
    private static final int ELEMENTS_PER_DRAW = 4;
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private final Dtype dtype;
    private final long key;
    private final int[] bitsOf;

    /**
     * @param name   tensor name
     * @param fanIn  columns of a matrix; its elements get the variance {@code 1 / fanIn}, so that a product with rows
     *               of variance 1 has variance 1 again
     */
    public SynthValues(final long seed, final String name, final long fanIn, final Dtype dtype) {
        this.dtype = dtype;
        this.key = mix(seed + GOLDEN_GAMMA) ^ fnv1a(name);
        final boolean normWeight = name.endsWith("norm.weight");
        this.bitsOf = table(normWeight ? 1.0 : 0.0, spread(name, normWeight, fanIn), dtype);
    }

    private static double spread(final String name, final boolean normWeight, final long fanIn) {
        if (normWeight || name.endsWith(".bias")) {
            return 0.0625;
        }
        return Math.sqrt(3.0 / (name.equals(TensorNames.EMBEDDING) ? 1 : fanIn));
    }

    private static int[] table(final double base, final double spread, final Dtype dtype) {
        final int[] bits = new int[STEPS];
        for (int i = 0; i < STEPS; i++) {
            final float value = (float) (base + spread * ((2 * i + 1) / (double) STEPS - 1));
            bits[i] = bits(roundToBf16(value), dtype);
        }
        return bits;
    }

    private static int bits(final float value, final Dtype dtype) {
        return switch (dtype) {
            case BF16 -> Float.floatToRawIntBits(value) >>> 16;
            case F16 -> Float.floatToFloat16(value) & 0xffff;
            case F32 -> Float.floatToRawIntBits(value);
            case I8, I4X2 -> throw new IllegalArgumentException("no random values in " + dtype);
        };
    }

    /** Round to nearest, ties to even; the value is finite. */
    private static float roundToBf16(final float value) {
        final int bits = Float.floatToRawIntBits(value);
        return Float.intBitsToFloat((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff_0000);
    }

    /**
     * Fills {@code into}, little-endian, from position to limit.
     *
     * @param firstElement index of the first element; a multiple of four
     */
    public void fill(final long firstElement, final ByteBuffer into) {
        if (firstElement % ELEMENTS_PER_DRAW != 0) {
            throw new IllegalArgumentException("firstElement must be a multiple of 4: " + firstElement);
        }
        long draw = firstElement / ELEMENTS_PER_DRAW;
        final int elementBytes = dtype.bytes();
        final int drawBytes = ELEMENTS_PER_DRAW * elementBytes;
        final int wholeEnd = into.position() + into.remaining() / drawBytes * drawBytes;
        if (elementBytes == 2) {
            for (int at = into.position(); at < wholeEnd; at += drawBytes) {
                into.putLong(at, four(mix(key + ++draw * GOLDEN_GAMMA)));
            }
        } else {
            for (int at = into.position(); at < wholeEnd; at += drawBytes) {
                final long random = mix(key + ++draw * GOLDEN_GAMMA);
                into.putLong(at, one(random, 0) | (one(random, 1) << 32));
                into.putLong(at + 8, one(random, 2) | (one(random, 3) << 32));
            }
        }
        into.position(wholeEnd);
        fillRest(mix(key + (draw + 1) * GOLDEN_GAMMA), into);
    }

    private void fillRest(final long random, final ByteBuffer into) {
        for (int i = 0; into.hasRemaining(); i++) {
            if (dtype.bytes() == 2) {
                into.putShort((short) one(random, i));
            } else {
                into.putInt((int) one(random, i));
            }
        }
    }

    private long four(final long random) {
        return one(random, 0) | (one(random, 1) << 16) | (one(random, 2) << 32) | (one(random, 3) << 48);
    }

    /** Twelve bits of each 16 choose the step. */
    private long one(final long random, final int place) {
        return bitsOf[(int) (random >>> (16 * place)) & (STEPS - 1)] & 0xffff_ffffL;
    }

    private static long mix(final long state) {
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private static long fnv1a(final String name) {
        long hash = 0xcbf29ce484222325L;
        for (final byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }
}
