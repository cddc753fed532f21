package io.cheshire.model.protocol;

/**
 * Number formats of tensors and row blocks that Cheshire computes with, little-endian everywhere. Rows are BF16 or F32.
 */
public enum Dtype {
    BF16(2),
    F16(2),
    F32(4),
    /** Integers of a quantised matrix; their scales stand beside them. */
    I8(1),
    /** Two integers of a quantised matrix: the first in the low half, each with 8 added. Rows begin with a byte. */
    I4X2(1);

    private final int bytes;

    Dtype(final int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}
