package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.Quantisation;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = W x + b} for one row, {@code W [out, in]}. With {@link Precision#BF16} both W and x are rounded to bf16
 * first. Products are exact in double and summed in double, so the only rounding is the last one to fp32: every kernel
 * that accumulates in fp32 is within its own rounding error of this one.
 *
 * <p>Quantised matrices give the very bits that every kernel gives (docs/model.md §7.1).
 */
final class Linear {
    private final float[] weight; // empty where it is quantised
    private final @Nullable QuantisedMatrix quantised;
    private final float @Nullable [] bias;
    private final int outCount;
    private final int inCount;
    private final boolean rounds;
    private final float[] input;

    Linear(
            final TensorView weight,
            final @Nullable TensorView bias,
            final int outCount,
            final int inCount,
            final Precision precision,
            final @Nullable Quantisation how) {
        this.quantised = how == null ? null : QuantisedMatrix.of(weight, outCount, inCount, how);
        this.weight = how == null ? Tensors.toFloats(weight, outCount, inCount) : new float[0];
        this.bias = bias == null ? null : Tensors.toFloats(bias, outCount);
        this.outCount = outCount;
        this.inCount = inCount;
        this.rounds = precision == Precision.BF16;
        this.input = new float[inCount];
        if (rounds) {
            for (int i = 0; i < this.weight.length; i++) {
                this.weight[i] = Bf16.round(this.weight[i]);
            }
        }
    }

    /** Reads {@code x[in]}, writes {@code y[out]}. */
    void apply(final float[] x, final float[] y) {
        if (quantised != null) {
            applyQuantised(quantised, x, y);
            return;
        }
        for (int i = 0; i < inCount; i++) {
            input[i] = rounds ? Bf16.round(x[i]) : x[i];
        }
        for (int o = 0; o < outCount; o++) {
            final double sum = dot(weight, o * inCount, input, 0, inCount);
            y[o] = (float) (bias == null ? sum : sum + bias[o]);
        }
    }

    private void applyQuantised(final QuantisedMatrix matrix, final float[] x, final float[] y) {
        final byte[] qx = new byte[inCount];
        final float[] sx = new float[matrix.how().groups(inCount)];
        RowGroups.quantise(x, 0, inCount, matrix.how().group(), qx, sx);
        for (int o = 0; o < outCount; o++) {
            final float product = matrix.product(qx, sx, o);
            y[o] = bias == null ? product : product + bias[o];
        }
    }

    /** Four partial sums, always in the same order, so that one addition need not wait for the one before. */
    static double dot(final float[] a, final int aOffset, final float[] b, final int bOffset, final int count) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (; i + 3 < count; i += 4) {
            s0 += (double) a[aOffset + i] * b[bOffset + i];
            s1 += (double) a[aOffset + i + 1] * b[bOffset + i + 1];
            s2 += (double) a[aOffset + i + 2] * b[bOffset + i + 2];
            s3 += (double) a[aOffset + i + 3] * b[bOffset + i + 3];
        }
        for (; i < count; i++) {
            s0 += (double) a[aOffset + i] * b[bOffset + i];
        }
        return (s0 + s1) + (s2 + s3);
    }

    long bytes() {
        return (long) Float.BYTES * (weight.length + (bias == null ? 0 : bias.length))
                + (quantised == null ? 0 : quantised.bytes());
    }
}
