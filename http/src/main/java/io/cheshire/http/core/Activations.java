package io.cheshire.http.core;

import io.cheshire.model.protocol.ScoreHead.Activation;

/** Outputs of a head as probabilities: in double, the same bits on every machine, rounded to fp32 at last. Pure. */
final class Activations {
    private Activations() {}

    static float[] apply(final Activation activation, final float[] outputs) {
        return switch (activation) {
            case NONE -> outputs;
            case SIGMOID -> sigmoid(outputs);
            case SOFTMAX -> softmax(outputs);
        };
    }

    private static float[] sigmoid(final float[] outputs) {
        final float[] probabilities = new float[outputs.length];
        for (int i = 0; i < outputs.length; i++) {
            // Of the smaller power, so that none overflows.
            final double power = StrictMath.exp(-Math.abs((double) outputs[i]));
            probabilities[i] = (float) ((outputs[i] >= 0 ? 1 : power) / (1 + power));
        }
        return probabilities;
    }

    private static float[] softmax(final float[] outputs) {
        final double high = outputs[best(outputs)];
        final double[] powers = new double[outputs.length];
        double sum = 0;
        for (int i = 0; i < outputs.length; i++) {
            powers[i] = StrictMath.exp(outputs[i] - high);
            sum += powers[i];
        }
        final float[] probabilities = new float[outputs.length];
        for (int i = 0; i < outputs.length; i++) {
            probabilities[i] = (float) (powers[i] / sum);
        }
        return probabilities;
    }

    /** Place of the largest; the first of equals. */
    static int best(final float[] outputs) {
        int best = 0;
        for (int i = 1; i < outputs.length; i++) {
            best = outputs[i] > outputs[best] ? i : best;
        }
        return best;
    }
}
