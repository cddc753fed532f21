package io.cheshire.model.runtime.onednn.simd;

import io.cheshire.model.protocol.Quantisation;

/**
 * Where quantised weights lie in memory: panels of {@link #PANEL} outputs, each group of inputs of a panel in one
 * piece. A short last group is filled up with zeros, which change no sum.
 *
 * <pre>
 * weights  [panel][group][...]        see {@link Order}
 * scales   [panel][group][PANEL] bf16
 * sums     [panel][group][PANEL] short, of a group's weights: what sums over unsigned rows are corrected by
 * </pre>
 *
 * @param how    bits and group
 * @param inputs of a row, as they are
 * @param outputs as they are
 * @param order   of weights within a group
 */
public record QuantisedLayout(Quantisation how, int inputs, int outputs, Order order) {
    /** How a group's weights follow each other. */
    public enum Order {
        /**
         * Inputs by fours, {@code [input / 4][PANEL][4 inputs]}: what a processor's integer units want, and
         * {@link Int8Kernels}. In four bits two fours share bytes, {@code [input / 8][PANEL][4]}: of byte j the low
         * half is input j and the high half input 4 + j, both with 8 added; our native kernels alone read that.
         */
        FOURS,
        /**
         * Input by input: what is widened fastest where there are no such units ({@link Int8RowKernels}). In four bits
         * two inputs share a byte ({@link Int4Kernels}).
         */
        ROWS
    }

    /** Outputs of a panel. */
    public static final int PANEL = 64;
    /** Bytes of four inputs of a panel in eight bits. */
    public static final long STEP_BYTES = 4L * PANEL;

    /** Panels, the last one filled up. */
    public int panels() {
        return Math.ceilDiv(outputs, PANEL);
    }

    /** Groups of a row. */
    public int groups() {
        return how.groups(inputs);
    }

    /** Inputs of a row that is filled up to whole groups. */
    public int paddedInputs() {
        return Math.multiplyExact(groups(), how.group());
    }

    /** Bytes of a panel's weights for one group. */
    public long groupBytes() {
        return (long) PANEL * how.group() * how.bits() / Byte.SIZE;
    }

    /** Bytes of a panel's weights. */
    public long panelBytes() {
        return groups() * groupBytes();
    }

    /** Bytes of a panel's scales, and of its sums. */
    public long panelScaleBytes() {
        return (long) groups() * PANEL * Short.BYTES;
    }
}
