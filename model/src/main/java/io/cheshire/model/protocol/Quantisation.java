package io.cheshire.model.protocol;

/**
 * How a matrix and the rows that it multiplies are rounded to integers (docs/model.md §7.1): signed integers of
 * {@code bits} bits for weights, of eight for rows, with one scale for each {@code group} inputs.
 *
 * @param bits  8 or 4
 * @param group inputs that share a scale: 32, 64 or 128; the last group of a row may be shorter
 */
public record Quantisation(int bits, int group) {
    private static final long PANEL = 64;

    public Quantisation {
        if (bits != 8 && bits != 4) {
            throw new IllegalArgumentException("weights are quantised to 8 or 4 bits, not " + bits);
        }
        if (group != 32 && group != 64 && group != 128) {
            throw new IllegalArgumentException("a group has 32, 64 or 128 inputs, not " + group);
        }
    }

    /** Groups of a row of {@code inputs} values. */
    public int groups(final int inputs) {
        return Math.ceilDiv(inputs, group);
    }

    /** The same group with weights of eight bits. */
    public Quantisation inEightBits() {
        return new Quantisation(8, group);
    }

    /**
     * Bytes of a matrix in memory: rows filled up to whole groups, outputs to whole panels, and beside the scales as
     * many sums of weights.
     */
    public long memoryBytes(final long outputs, final int inputs) {
        final long padded = Math.multiplyExact(Math.ceilDiv(outputs, PANEL), PANEL);
        final long row = groups(inputs) * (group * bits / Byte.SIZE + 2L * Short.BYTES);
        return Math.multiplyExact(padded, row);
    }

    /** Bytes of a matrix as a checkpoint holds it: integers, and scales in bf16. */
    public long bytes(final long outputs, final int inputs) {
        final long row = (bits == 8 ? inputs : Math.ceilDiv(inputs, 2)) + (long) groups(inputs) * Short.BYTES;
        return Math.multiplyExact(outputs, row);
    }
}
