package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.Precision;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = W x + b} for one row, {@code W [out, in]}. With {@link Precision#BF16} both W and x are rounded to bf16
 * first. Products are exact in double and summed in double, so the only rounding is the last one to fp32: every kernel
 * that accumulates in fp32 is within its own rounding error of this one.
 */
final class Linear {
    private final float[] weight;
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
            final Precision precision) {
        this.weight = Tensors.toFloats(weight, outCount, inCount);
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
        for (int i = 0; i < inCount; i++) {
            input[i] = rounds ? Bf16.round(x[i]) : x[i];
        }
        for (int o = 0; o < outCount; o++) {
            final double sum = dot(weight, o * inCount, input, 0, inCount);
            y[o] = (float) (bias == null ? sum : sum + bias[o]);
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
        return (long) Float.BYTES * (weight.length + (bias == null ? 0 : bias.length));
    }
}
