package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.core.kernel.QuantisedMatrix;
import io.cheshire.model.core.kernel.RowGroups;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Golden vectors that kernels are held against before they count: those of docs/model.md §7.1, and cases that find sums
 * of 16 bits, fused operations, subnormals taken for zero, and a NaN that leaves its row. What is right is computed by
 * the definition ({@code GroupProduct}), whose own results on the golden vectors must have the digests that two other
 * implementations gave.
 */
final class QuantisedSelfTest {
    private static final int INPUTS = 320;
    private static final int OUTPUTS = 69; // more than a panel
    private static final int GOLDEN_ROWS = 3;
    private static final int GOLDEN_OUTPUTS = 5;
    private static final int MOST_ROWS = 8;

    private static final int GENERATOR_FACTOR = 1664525;
    private static final int GENERATOR_STEP = 1013904223;
    private static final int DIGEST_DIGITS = 16;
    private static final Map<Quantisation, String> DIGESTS = Map.of(
            new Quantisation(8, 128), "a01fff6fc8b1d26d",
            new Quantisation(8, 64), "bf5329ecd07c18b3",
            new Quantisation(4, 64), "e1e011ed1fed5be6",
            new Quantisation(4, 128), "aab87ff5becf9bd3");

    /** Rows and weights to be multiplied. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Case(int rows, int outputs, float[] x, float[] weights) {}

    private final Quantisation how;
    private final List<Case> cases;

    QuantisedSelfTest(final Quantisation how) {
        this.how = how;
        final float[] rows = values(1, GOLDEN_ROWS * INPUTS, 4f);
        Arrays.fill(rows, INPUTS + 128, INPUTS + 256, 0f);
        final float[] weights = values(2, GOLDEN_OUTPUTS * INPUTS, 0.0625f);
        Arrays.fill(weights, 4 * INPUTS, 4 * INPUTS + 128, 0f);
        cases = List.of(
                new Case(GOLDEN_ROWS, GOLDEN_OUTPUTS, rows, weights),
                new Case(MOST_ROWS, OUTPUTS, signs(MOST_ROWS, 127f, 3), signs(OUTPUTS, 127f, 2)),
                new Case(MOST_ROWS, OUTPUTS, signs(MOST_ROWS, 0x1p-60f, 2), signs(OUTPUTS, 0x1p-80f, 3)),
                new Case(MOST_ROWS, OUTPUTS, withNonFinite(), values(4, OUTPUTS * INPUTS, 0.5f)));
        proveDefinition();
    }

    /** What computes so, as options spell it. */
    String precision() {
        return Precision.of(how).word();
    }

    /** No kernel passes, plain Java's included. */
    IllegalStateException hopeless() {
        return new IllegalStateException("no kernel gives the golden results of " + precision()
                + " on this processor and JVM (docs/model.md §7.1): use another precision, or another JVM");
    }

    /**
     * Whether the kernels give the right bits for so many rows at once.
     *
     * @param rowCounts 1 to {@value #MOST_ROWS} each
     */
    boolean passes(final QuantisedMatmul matmul, final int... rowCounts) {
        for (final Case each : cases) {
            final float[] expected = expected(each);
            for (final int rows : rowCounts) {
                final float[] given = multiply(matmul, each, rows);
                for (int i = 0; i < given.length; i++) {
                    final int at = i / each.outputs % each.rows * each.outputs + i % each.outputs;
                    if (Float.floatToIntBits(given[i]) != Float.floatToIntBits(expected[at])) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /** A processor or a JVM on which plain Java is wrong is no place to serve a model. */
    private void proveDefinition() {
        final String digest = DIGESTS.get(how);
        final float[] y = expected(cases.getFirst());
        if (digest != null && !digest(y).equals(digest)) {
            throw hopeless();
        }
    }

    private float[] expected(final Case each) {
        try (NativeBuffer data = buffer(each.weights)) {
            final QuantisedMatrix matrix = QuantisedMatrix.of(view(data, each.outputs), each.outputs, INPUTS, how);
            final float[] y = new float[each.rows * each.outputs];
            final byte[] q = new byte[INPUTS];
            final float[] scales = new float[how.groups(INPUTS)];
            for (int row = 0; row < each.rows; row++) {
                RowGroups.quantise(each.x, row * INPUTS, INPUTS, how.group(), q, scales);
                for (int output = 0; output < each.outputs; output++) {
                    y[row * each.outputs + output] = matrix.product(q, scales, output);
                }
            }
            return y;
        }
    }

    /** The case's rows again and again, {@code rows} in all. */
    private float[] multiply(final QuantisedMatmul matmul, final Case each, final int rows) {
        final float[] x = new float[rows * INPUTS];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(each.x, row % each.rows * INPUTS, x, row * INPUTS, INPUTS);
        }
        final float[] y = new float[rows * each.outputs];
        try (NativeBuffer data = buffer(each.weights);
                PackedWeights packed = matmul.packUnproved(
                        INPUTS,
                        each.outputs,
                        Dtype.F32,
                        how,
                        List.of(view(data, each.outputs)),
                        Arrays.asList((TensorView) null));
                NativeBuffer src = buffer(x);
                NativeBuffer dst = NativeBuffer.allocate((long) y.length * Float.BYTES)) {
            packed.multiply(src.address(), rows, dst.address(), false);
            for (int i = 0; i < y.length; i++) {
                y[i] = dst.segment().getAtIndex(JAVA_FLOAT, i);
            }
        }
        return y;
    }

    private static TensorView view(final NativeBuffer data, final int outputs) {
        return new TensorView(
                "golden",
                Dtype.F32,
                List.of((long) outputs, (long) INPUTS),
                data.segment().asSlice(0, (long) outputs * INPUTS * Float.BYTES).asReadOnly());
    }

    private static NativeBuffer buffer(final float[] values) {
        final NativeBuffer buffer = NativeBuffer.allocate((long) values.length * Float.BYTES);
        for (int i = 0; i < values.length; i++) {
            buffer.segment().setAtIndex(JAVA_FLOAT, i, values[i]);
        }
        return buffer;
    }

    /** All as large as they can be beside each other; every {@code positive}-th row has the other sign. */
    private static float[] signs(final int rows, final float magnitude, final int positive) {
        final float[] values = new float[rows * INPUTS];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / INPUTS % positive == 0 ? magnitude : -magnitude;
        }
        return values;
    }

    private static float[] withNonFinite() {
        final float[] values = values(3, MOST_ROWS * INPUTS, 2f);
        values[INPUTS + 7] = Float.NaN;
        values[3 * INPUTS + 300] = Float.NEGATIVE_INFINITY;
        return values;
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

    private static String digest(final float[] floats) {
        final ByteBuffer bytes =
                ByteBuffer.allocate(floats.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(floats);
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()))
                    .substring(0, DIGEST_DIGITS);
        } catch (final NoSuchAlgorithmException cause) {
            throw new IllegalStateException("every Java platform has SHA-256", cause);
        }
    }
}
