package io.cheshire.model.core.kernel;

/**
 * {@code y = (x - mean) / sqrt(var + eps) * g + b} with the biased variance (docs/model.md §3). A true LayerNorm,
 * though the config calls its epsilon {@code rms_norm_eps}.
 */
final class LayerNorm {
    private final float[] gain;
    private final float[] bias;
    private final double epsilon;

    LayerNorm(final TensorView gain, final TensorView bias, final int width, final double epsilon) {
        this.gain = Tensors.toFloats(gain, width);
        this.bias = Tensors.toFloats(bias, width);
        this.epsilon = epsilon;
    }

    /** Reads {@code x[width]}, writes {@code y[width]}. */
    void apply(final float[] x, final float[] y) {
        double mean = 0;
        for (final float value : x) {
            mean += value;
        }
        mean /= x.length;

        double variance = 0;
        for (final float value : x) {
            variance += (value - mean) * (value - mean);
        }
        variance /= x.length;

        final double scale = 1 / Math.sqrt(variance + epsilon);
        for (int i = 0; i < x.length; i++) {
            y[i] = (float) ((x[i] - mean) * scale * gain[i] + bias[i]);
        }
    }

    long bytes() {
        return (long) Float.BYTES * (gain.length + bias.length);
    }
}
