package io.cheshire.model.core.kernel;

import io.cheshire.model.core.RopeTable;

/** Checks a step before kernels compute addresses from it. Cheap enough for every call. */
public final class StepChecks {
    private StepChecks() {}

    /** There are rows, and they fit the kernel and the lane. */
    public static void rows(final StepBatch batch, final LaneBuffers lane, final int maxRows) {
        if (batch.rowCount < 1 || batch.rowCount > Math.min(maxRows, lane.maxRows())) {
            throw new IllegalArgumentException(
                    "rowCount " + batch.rowCount + " is not in 1 .. " + Math.min(maxRows, lane.maxRows()));
        }
    }

    /** The token has an embedding. */
    public static void token(final int token, final int vocabSize) {
        if (token < 0 || token >= vocabSize) {
            throw new IllegalArgumentException("token id " + token + " is outside the vocabulary of " + vocabSize);
        }
    }

    /** Rows whose logits are asked for are rows of the step, and no more than the lane holds. */
    public static void logitsRows(final StepBatch batch, final LaneBuffers lane) {
        if (batch.logitsRowCount < 0 || batch.logitsRowCount > lane.maxLogitsRows()) {
            throw new IllegalArgumentException(
                    "logits of " + batch.logitsRowCount + " rows; the lane holds " + lane.maxLogitsRows());
        }
        for (int i = 0; i < batch.logitsRowCount; i++) {
            if (batch.logitsRows[i] < 0 || batch.logitsRows[i] >= batch.rowCount) {
                throw new IllegalArgumentException(
                        "logits of row " + batch.logitsRows[i] + " in a step of " + batch.rowCount);
            }
        }
    }

    /** Rows lie in the batch, positions in the RoPE table, blocks in the cache. */
    public static void sequences(final StepBatch batch, final KvLayout kv, final int pairCount) {
        int covered = 0;
        for (int s = 0; s < batch.sequenceCount; s++) {
            final int positions = batch.firstPosition[s] + batch.rowsOf[s];
            final RopeTable rope = batch.ropeTables[s];
            if (batch.rowsOf[s] < 1 || batch.firstRow[s] != covered || batch.firstPosition[s] < 0) {
                throw new IllegalArgumentException("slot " + s + " covers rows " + batch.firstRow[s] + " + "
                        + batch.rowsOf[s] + " at position " + batch.firstPosition[s]);
            }
            if (positions > rope.positions() || rope.pairCount() != pairCount) {
                throw new IllegalArgumentException("slot " + s + " reaches position " + positions
                        + ", but its RoPE table has " + rope.positions());
            }
            blocks(s, batch.blockTables[s], Math.ceilDiv(positions, kv.tokensPerBlock()), kv.blockCount());
            covered += batch.rowsOf[s];
        }
        if (covered != batch.rowCount) {
            throw new IllegalArgumentException(
                    "the slots cover " + covered + " rows of " + batch.rowCount + " in the step");
        }
    }

    private static void blocks(final int slot, final int[] table, final int count, final int blockCount) {
        if (table.length < count) {
            throw new IllegalArgumentException(
                    "slot " + slot + " needs " + count + " KV blocks and has " + table.length);
        }
        for (int i = 0; i < count; i++) {
            if (table[i] < 0 || table[i] >= blockCount) {
                throw new IllegalArgumentException(
                        "slot " + slot + " names KV block " + table[i] + " of " + blockCount);
            }
        }
    }
}
