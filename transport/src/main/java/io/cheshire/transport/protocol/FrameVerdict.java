package io.cheshire.transport.protocol;

/** What the gate says of a frame. All but {@link #VALID} are rejects and counted by name. */
public enum FrameVerdict {
    VALID,
    /** Shorter than its header, longer than the limit or the buffer, or not as long as it says. */
    BAD_LENGTH,
    /** Of another schema. */
    WRONG_SCHEMA,
    /** Of another version of the schema. */
    WRONG_VERSION,
    /** No such message, or one that this end never gets. */
    UNKNOWN_TEMPLATE,
    /** The block isn't as long as the schema says. */
    BAD_BLOCK_LENGTH,
    /** Reserved bits are set. */
    RESERVED_BITS,
    /** The checksum is wrong, or missing where it is required and there is no MAC either. */
    BAD_CHECKSUM,
    /** A number is outside what the model and the configuration allow. */
    OUT_OF_RANGE,
    /** The row block isn't rowCount x hidden x element size. */
    PAYLOAD_MISMATCH,
    /** Another element format than agreed. */
    WRONG_DTYPE
}
