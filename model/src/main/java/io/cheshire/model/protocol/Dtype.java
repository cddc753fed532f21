package io.cheshire.model.protocol;

/** Number formats of tensors and row blocks that Cheshire computes with. Little-endian everywhere. */
public enum Dtype {
    BF16(2),
    F16(2),
    F32(4);

    private final int bytes;

    Dtype(final int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}
