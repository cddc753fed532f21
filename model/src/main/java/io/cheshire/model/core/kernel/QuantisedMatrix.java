package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.Quantisation;

/** A matrix in integers, on the heap, row by row. */
public final class QuantisedMatrix {
    private final int outputs;
    private final int inputs;
    private final Quantisation how;
    private final byte[] q;
    private final short[] scales;

    private QuantisedMatrix(
            final int outputs, final int inputs, final Quantisation how, final byte[] q, final short[] scales) {
        this.outputs = outputs;
        this.inputs = inputs;
        this.how = how;
        this.q = q;
        this.scales = scales;
    }

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
        final byte[] rowQ = new byte[inputs];
        final short[] rowScales = new short[groups];
        for (int o = 0; o < outputs; o++) {
            WeightGroups.quantise(floats, o * inputs, inputs, how, rowQ, rowScales);
            System.arraycopy(rowQ, 0, q, o * inputs, inputs);
            System.arraycopy(rowScales, 0, scales, o * groups, groups);
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
        return GroupProduct.of(qx, sx, this, output);
    }

    /** Bytes held. */
    public long bytes() {
        return q.length + (long) Short.BYTES * scales.length;
    }

    /** Rows. */
    public int outputs() {
        return outputs;
    }

    /** Columns. */
    public int inputs() {
        return inputs;
    }

    /** How it was quantised. */
    public Quantisation how() {
        return how;
    }

    /** {@code [outputs, inputs]}; not to be written. */
    public byte[] q() {
        return q;
    }

    /** {@code [outputs, groups]} in bf16; not to be written. */
    public short[] scales() {
        return scales;
    }
}
