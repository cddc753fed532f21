package io.cheshire.model.testing;

import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.Quantisation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The golden case of quantised matmuls (docs/model.md §7.1): inputs by a generator, digests that two independent
 * implementations, in numpy and in scalar code, agreed on.
 */
public final class GoldenGroups {
    public static final int ROWS = 3;
    public static final int INPUTS = 320;
    public static final int OUTPUTS = 5;

    private static final int GENERATOR_FACTOR = 1664525;
    private static final int GENERATOR_STEP = 1013904223;
    private static final int DIGEST_DIGITS = 16;

    /**
     * First 16 digits of SHA-256 over little-endian bytes.
     *
     * @param qx the rows' integers, a byte each
     * @param sx their scales, fp32
     * @param qw the weights' integers, a byte each
     * @param sw their scales, fp32
     * @param y  the results, fp32
     */
    public record Case(Quantisation how, String qx, String sx, String qw, String sw, String y) {}

    public static final List<Case> CASES = List.of(
            new Case(
                    new Quantisation(8, 128),
                    "fad170349508e1ad",
                    "eed7029932b0f9ef",
                    "36ae818674346034",
                    "9c28b7d9da3c3115",
                    "a01fff6fc8b1d26d"),
            new Case(
                    new Quantisation(8, 64),
                    "250d091a7ed758df",
                    "449e7c3c27a0a979",
                    "68900dd94838e67b",
                    "c965afb9d695fbc5",
                    "bf5329ecd07c18b3"),
            new Case(
                    new Quantisation(4, 64),
                    "250d091a7ed758df",
                    "449e7c3c27a0a979",
                    "ca3bda47f10bbae8",
                    "d74a33a99696a6b6",
                    "e1e011ed1fed5be6"),
            new Case(
                    new Quantisation(4, 128),
                    "fad170349508e1ad",
                    "eed7029932b0f9ef",
                    "d14d5163828612b7",
                    "30f8794bd61286bf",
                    "aab87ff5becf9bd3"));

    private GoldenGroups() {}

    /** {@code [ROWS][INPUTS]}; a group of the second row is zero. */
    public static float[] rows() {
        final float[] x = values(1, ROWS * INPUTS, 4f);
        java.util.Arrays.fill(x, INPUTS + 128, INPUTS + 256, 0f);
        return x;
    }

    /** {@code [OUTPUTS][INPUTS]}; a group of the last output is zero. */
    public static float[] weights() {
        final float[] w = values(2, OUTPUTS * INPUTS, 0.0625f);
        java.util.Arrays.fill(w, 4 * INPUTS, 4 * INPUTS + 128, 0f);
        return w;
    }

    /** Floats as a checkpoint's matrix. */
    public static TensorView matrix(final float[] values, final int outputs, final int inputs) {
        final MemorySegment data = Arena.ofAuto().allocate((long) values.length * Float.BYTES, 64);
        MemorySegment.copy(values, 0, data, ValueLayout.JAVA_FLOAT, 0, values.length);
        return new TensorView("matrix", Dtype.F32, List.of((long) outputs, (long) inputs), data.asReadOnly());
    }

    /** One number an output. */
    public static TensorView vector(final float[] values) {
        return new TensorView(
                "vector",
                Dtype.F32,
                List.of((long) values.length),
                matrix(values, 1, values.length).data());
    }

    private static float[] values(final int seed, final int count, final float factor) {
        final float[] values = new float[count];
        int state = seed;
        for (int i = 0; i < count; i++) {
            state = state * GENERATOR_FACTOR + GENERATOR_STEP;
            values[i] = Bf16.round(((state >>> 8) - 0x1p23f) * 0x1p-23f) * factor;
        }
        return values;
    }

    public static String digest(final byte[] bytes) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))
                    .substring(0, DIGEST_DIGITS);
        } catch (final NoSuchAlgorithmException cause) {
            throw new IllegalStateException(cause);
        }
    }

    public static String digest(final float[] floats) {
        final ByteBuffer bytes =
                ByteBuffer.allocate(floats.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(floats);
        return digest(bytes.array());
    }
}
