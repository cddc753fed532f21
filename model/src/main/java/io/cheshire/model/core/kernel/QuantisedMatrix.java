package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.Quantisation;

/**
 * A matrix in integers, on the heap, row by row.
 *
 * @param outputs rows
 * @param inputs  columns
 * @param q       {@code [outputs, inputs]}
 * @param scales  {@code [outputs, groups]} in bf16
 */
public record QuantisedMatrix(int outputs, int inputs, Quantisation how, byte[] q, short[] scales) {
    /** Quantises a matrix of a checkpoint. */
    public static QuantisedMatrix of(
            final TensorView weight, final int outputs, final int inputs, final Quantisation how) {
        final TensorView.Groups groups = weight.groups();
        if (groups != null) {
            return stored(weight, groups, outputs, inputs, how);
        }
        return quantised(weight, outputs, inputs, how);
    }

    private static QuantisedMatrix quantised(
            final TensorView weight, final int outputs, final int inputs, final Quantisation how) {
        final float[] floats = Tensors.toFloats(weight, outputs, inputs);
        final int groups = how.groups(inputs);
        final byte[] q = new byte[floats.length];
        final short[] scales = new short[Math.multiplyExact(outputs, groups)];
        for (int o = 0; o < outputs; o++) {
            WeightGroups.quantise(floats, o * inputs, inputs, how, q, o * inputs, scales, o * groups);
        }
        return new QuantisedMatrix(outputs, inputs, how, q, scales);
    }

    private static QuantisedMatrix stored(
            final TensorView weight,
            final TensorView.Groups groups,
            final int outputs,
            final int inputs,
            final Quantisation how) {
        if (!groups.how().equals(how)) {
            throw weight.quantised();
        }
        final byte[] q = new byte[Math.multiplyExact(outputs, inputs)];
        final short[] scales = new short[Math.multiplyExact(outputs, how.groups(inputs))];
        for (int o = 0; o < outputs; o++) {
            StoredGroups.readRow(weight, o, inputs, q, o * inputs);
            StoredGroups.readScales(groups.scales(), o, how.groups(inputs), scales, o * how.groups(inputs));
        }
        return new QuantisedMatrix(outputs, inputs, how, q, scales);
    }

    /**
     * One output for a row.
     *
     * @param qx     the row's integers
     * @param sx     its scales
     * @param output which
     */
    public float product(final byte[] qx, final float[] sx, final int output) {
        final int groups = how.groups(inputs);
        return GroupProduct.of(qx, 0, sx, 0, q, output * inputs, scales, output * groups, inputs, how.group());
    }

    /** Bytes held. */
    public long bytes() {
        return q.length + (long) Short.BYTES * scales.length;
    }
}
