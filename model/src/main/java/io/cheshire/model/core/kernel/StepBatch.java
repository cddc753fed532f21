package io.cheshire.model.core.kernel;

import io.cheshire.model.core.RopeTable;

/**
 * The rows of one step of one lane, in flat arrays that the lane allocates once and refills at every step.
 *
 * <p>Rows of one sequence stand together, in ascending position. Sequence slot {@code s} covers rows
 * {@code firstRow[s] .. firstRow[s] + rowsOf[s] - 1}, at positions {@code firstPosition[s] ...}. When the step runs,
 * the KV cache holds positions {@code 0 .. firstPosition[s] - 1} of the sequence in the blocks of
 * {@code blockTables[s]}; the step appends its own.
 *
 * <p>Filled by the router's engine thread, read by the device thread between submit and completion of a job, which
 * orders the two; never touched by both at once.
 */
public final class StepBatch {
    /** Rows in use. */
    public int rowCount;
    /** Sequence slots in use. */
    public int sequenceCount;
    /** Token of each row, {@code [rowCount]}. */
    public final int[] tokenIds;
    /** First row of each slot. */
    public final int[] firstRow;
    /** Rows of each slot, at least 1. */
    public final int[] rowsOf;
    /** Position of each slot's first row. */
    public final int[] firstPosition;
    /** KV blocks of each slot; entry {@code p / tokensPerBlock} holds position {@code p}. Owned by the sequence. */
    public final int[][] blockTables;
    /** RoPE table of each slot, the same one for the sequence's whole life. */
    public final RopeTable[] ropeTables;
    /** Rows whose logits are wanted, ascending, {@code [logitsRowCount]}. */
    public final int[] logitsRows;
    /** Entries of {@link #logitsRows} in use. */
    public int logitsRowCount;

    public StepBatch(final int maxRows, final int maxSequences) {
        tokenIds = new int[maxRows];
        logitsRows = new int[maxRows];
        firstRow = new int[maxSequences];
        rowsOf = new int[maxSequences];
        firstPosition = new int[maxSequences];
        blockTables = new int[maxSequences][];
        ropeTables = new RopeTable[maxSequences];
    }

    public int maxRows() {
        return tokenIds.length;
    }

    public int maxSequences() {
        return firstRow.length;
    }
}
