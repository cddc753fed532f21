package io.cheshire.model.protocol.safetensors;

/** A safetensors file was refused. The kinds are those of the reference reader, plus the limits that are ours. */
public final class SafetensorsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Kind {
        /** Shorter than the eight bytes that hold the header's length. */
        HEADER_TOO_SMALL,
        /** Longer than {@link SafetensorsHeader#MAX_HEADER_BYTES}. */
        HEADER_TOO_LARGE,
        /** Zero, or beyond the end of the file. */
        INVALID_HEADER_LENGTH,
        /** Not UTF-8. */
        INVALID_HEADER,
        /** Not JSON of the right shape, or over a limit on depth, names, rank or count. */
        INVALID_HEADER_DESERIALIZATION,
        /** A name stands twice. */
        DUPLICATE_NAME,
        /** A dtype that the format doesn't know. */
        UNKNOWN_DTYPE,
        /** Negative, reversed, overlapping, or with a hole before it. */
        INVALID_OFFSET,
        /** Shape times dtype doesn't fit 64 bits. */
        VALIDATION_OVERFLOW,
        /** A sub-byte dtype that doesn't end on a byte. */
        MISALIGNED_SLICE,
        /** The offsets span another number of bytes than shape times dtype. */
        TENSOR_INVALID_INFO,
        /** The tensors don't end where the file ends. */
        METADATA_INCOMPLETE_BUFFER
    }

    private final Kind kind;

    public SafetensorsException(final Kind kind, final String message) {
        super(message);
        this.kind = kind;
    }

    /** Why. */
    public Kind kind() {
        return kind;
    }
}
