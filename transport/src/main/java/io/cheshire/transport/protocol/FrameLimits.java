package io.cheshire.transport.protocol;

/**
 * What the gate holds frames against.
 *
 * @param model            shape of the model
 * @param maxShardRows     the most rows of one shard
 * @param maxFrameBytes    the longest frame
 * @param checksumRequired frames without a checksum are rejected
 */
public record FrameLimits(ModelIdentity model, int maxShardRows, int maxFrameBytes, boolean checksumRequired) {
    /** Longest frame of all. */
    public static final int MAX_FRAME_BYTES = 1024 * 1024;

    public FrameLimits {
        if (maxShardRows < 1 || maxFrameBytes < FrameLayout.ROWS_OFFSET || maxFrameBytes > MAX_FRAME_BYTES) {
            throw new IllegalArgumentException("maxShardRows must be positive and maxFrameBytes in "
                    + FrameLayout.ROWS_OFFSET + ".." + MAX_FRAME_BYTES + ": " + maxShardRows + ", " + maxFrameBytes);
        }
        // The gate multiplies rows by row bytes in long arithmetic without checks: this is why it may.
        Math.multiplyExact((long) maxShardRows, model.resultRowBytes());
    }
}
