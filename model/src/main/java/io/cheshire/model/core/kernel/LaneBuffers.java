package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The activations of one lane, allocated once. Written by the device thread during a job and by the engine thread
 * between jobs (results that arrive go to {@link #results}); the job queue orders the two.
 */
public final class LaneBuffers {
    private static final int ALIGNMENT_BYTES = 64;

    /** Residual stream {@code x}, {@code [maxRows, hidden]} fp32; kernels of a GPU keep it there instead. */
    public final MemorySegment residual;
    /** Normed rows to be dispatched, {@code [maxRows, hidden]} in the precision's row format. */
    public final MemorySegment dispatchRows;
    /** Expert results, {@code [maxRows, expertsPerToken, hidden]} fp32; place k of a row is its k-th choice. */
    public final MemorySegment results;
    /** Chosen experts, {@code [maxRows, expertsPerToken]}. */
    public final int[] experts;
    /** Their weights, same places. */
    public final float[] weights;
    /** Logits of the rows asked for, {@code [maxLogitsRows, headWidth]} fp32: one a token id, or one a label. */
    public final MemorySegment logits;

    private final int maxRows;
    private final int maxLogitsRows;

    /** Allocates in {@code arena}, which the caller owns and closes after the last job has ended. */
    public LaneBuffers(
            final Arena arena,
            final ModelConfig config,
            final Precision precision,
            final int maxRows,
            final int maxLogitsRows) {
        this.maxRows = maxRows;
        this.maxLogitsRows = maxLogitsRows;
        final long rowElements = Math.multiplyExact((long) maxRows, config.hiddenSize());
        residual = arena.allocate(Math.multiplyExact(rowElements, Float.BYTES), ALIGNMENT_BYTES);
        dispatchRows = arena.allocate(
                Math.multiplyExact(rowElements, precision.rowDtype().bytes()), ALIGNMENT_BYTES);
        results = arena.allocate(
                Math.multiplyExact(rowElements, (long) config.expertsPerToken() * Float.BYTES), ALIGNMENT_BYTES);
        experts = new int[Math.multiplyExact(maxRows, config.expertsPerToken())];
        weights = new float[experts.length];
        logits = arena.allocate(
                Math.multiplyExact((long) maxLogitsRows * Float.BYTES, config.headWidth()), ALIGNMENT_BYTES);
    }

    public int maxRows() {
        return maxRows;
    }

    public int maxLogitsRows() {
        return maxLogitsRows;
    }
}
