package io.cheshire.model.core;

/**
 * cos and sin of every position and frequency pair, already multiplied by mscale (spec §3.1). Immutable; shared by all
 * sequences of the same kind.
 *
 * @param kind       short, long or plain: part of the prefix cache's key, for K and V made with one table are wrong
 *                   under another
 * @param pairCount  {@code headDim / 2}
 * @param positions  positions covered
 * @param cos        {@code [positions, pairCount]} row-major
 * @param sin        likewise
 */
public record RopeTable(Kind kind, int pairCount, int positions, float[] cos, float[] sin) {
    /** Which factors made the table. */
    public enum Kind {
        PLAIN,
        SHORT,
        LONG
    }
}
