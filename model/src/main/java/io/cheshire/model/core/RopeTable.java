package io.cheshire.model.core;

/**
 * cos and sin of every position and frequency pair, already multiplied by mscale (docs/model.md §3.1). Immutable once
 * built; shared by all sequences of the same kind and read by the device thread.
 */
public final class RopeTable {
    /**
     * Which factors made the table: part of the prefix cache's key, since K made with one table is wrong under another.
     */
    public enum Kind {
        PLAIN,
        SHORT,
        LONG
    }

    private final Kind kind;
    private final int pairCount;
    private final int positions;
    private final float[] cos;
    private final float[] sin;

    /**
     * @param pairCount {@code headDim / 2}
     * @param cos       {@code [positions, pairCount]} row-major; kept, not copied
     * @param sin       likewise
     */
    RopeTable(final Kind kind, final int pairCount, final int positions, final float[] cos, final float[] sin) {
        this.kind = kind;
        this.pairCount = pairCount;
        this.positions = positions;
        this.cos = cos;
        this.sin = sin;
    }

    public Kind kind() {
        return kind;
    }

    public int pairCount() {
        return pairCount;
    }

    public int positions() {
        return positions;
    }

    /** {@code [positions, pairCount]}; not to be written. */
    public float[] cos() {
        return cos;
    }

    /** {@code [positions, pairCount]}; not to be written. */
    public float[] sin() {
        return sin;
    }
}
