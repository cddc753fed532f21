package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.protocol.Dtype;

/**
 * What matmuls share code by: {@code dst[rows, n] = src[rows, k] * W[k, n] (+ bias[n])}, {@code dst} and bias in fp32.
 *
 * @param k     inputs
 * @param n     outputs
 * @param input format of {@code src} and of the weights: BF16 or F32
 * @param bias  whether a bias is added
 */
public record MatmulShape(int k, int n, Dtype input, boolean bias) {
    public MatmulShape {
        if (k < 1 || n < 1 || input == Dtype.F16) {
            throw new IllegalArgumentException("no matmul of " + k + " x " + n + " in " + input);
        }
    }

    @Override
    public String toString() {
        return k + "x" + n + " " + input + (bias ? " + bias" : "");
    }
}
