package io.cheshire.router.core;

/** What a model's head says at a position of a prompt. */
public final class PooledRow {
    private final int position;
    private final float[] outputs;

    /**
     * A row.
     *
     * @param position from 0
     * @param outputs  one a label, as the matrix gives them; from now on not to be written
     */
    public PooledRow(final int position, final float[] outputs) {
        this.position = position;
        this.outputs = outputs;
    }

    /** From 0. */
    public int position() {
        return position;
    }

    /** One a label; shared, not to be written. */
    public float[] outputs() {
        return outputs;
    }
}
