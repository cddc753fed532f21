package io.cheshire.planner.runtime.calibrate;

import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * A step of the router that is measured.
 *
 * @param sequences      at once
 * @param rowsEach       of each; 1 decodes, more are a chunk of its prompt
 * @param contextTokens  before the rows
 */
record RouterCase(int sequences, int rowsEach, int contextTokens) {
    private static final int[] DECODING = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64};
    private static final int[] CHUNKS = {8, 16, 32, 64, 128, 256, 512};
    private static final int[] CONTEXTS = {16, 128, 480, 2_000};
    /** Decoding batches that are measured at every context; the others at one. */
    private static final List<Integer> EVERYWHERE = List.of(1, 4, 16);

    int rows() {
        return sequences * rowsEach;
    }

    /** As {@code ATTENTION_DECODE} takes it. */
    double contexts() {
        return (double) sequences * (contextTokens + 1);
    }

    /** As {@code ATTENTION_PREFILL} takes it. */
    double chunkWork() {
        return rows() * (contextTokens + (rowsEach + 1) / 2.0);
    }

    /**
     * Steps that the model and the memory have room for.
     *
     * @param maxRows   of a step
     * @param maxTokens in the KV cache
     */
    static List<RouterCase> all(final ModelConfig model, final int maxRows, final long maxTokens) {
        final List<RouterCase> cases = new ArrayList<>();
        for (final int sequences : DECODING) {
            for (final int context : CONTEXTS) {
                if (context == CONTEXTS[1] || EVERYWHERE.contains(sequences)) {
                    cases.add(new RouterCase(sequences, 1, context));
                }
            }
        }
        for (final int rows : CHUNKS) {
            cases.add(new RouterCase(1, rows, 0));
            cases.add(new RouterCase(1, rows, CONTEXTS[1]));
            cases.add(new RouterCase(1, rows, CONTEXTS[CONTEXTS.length - 1]));
        }
        cases.removeIf(each -> each.rows() > maxRows
                || each.contextTokens() + each.rowsEach() > model.maxPositionEmbeddings()
                || (long) each.sequences() * (each.contextTokens() + each.rowsEach()) > maxTokens);
        return cases;
    }

    /** The step, its sequences one after another in the cache. */
    StepBatch batch(final RopeTables ropes, final KvLayout kv, final int vocabSize) {
        final StepBatch batch = new StepBatch(rows(), sequences);
        final int blocksEach = Math.ceilDiv(contextTokens + rowsEach, kv.tokensPerBlock());
        batch.rowCount = rows();
        batch.sequenceCount = sequences;
        for (int slot = 0; slot < sequences; slot++) {
            batch.firstRow[slot] = slot * rowsEach;
            batch.rowsOf[slot] = rowsEach;
            batch.firstPosition[slot] = contextTokens;
            batch.blockTables[slot] = new int[blocksEach];
            for (int block = 0; block < blocksEach; block++) {
                batch.blockTables[slot][block] = slot * blocksEach + block;
            }
            batch.ropeTables[slot] = ropes.forSequence(contextTokens + rowsEach);
            batch.logitsRows[slot] = (slot + 1) * rowsEach - 1;
        }
        for (int row = 0; row < rows(); row++) {
            batch.tokenIds[row] = (17 + 131 * row) % vocabSize;
        }
        batch.logitsRowCount = sequences;
        return batch;
    }
}
