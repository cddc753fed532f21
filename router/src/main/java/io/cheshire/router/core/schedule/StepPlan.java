package io.cheshire.router.core.schedule;

import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.router.core.TokenScores;
import org.jspecify.annotations.Nullable;

/**
 * One step of one lane: its rows, whose they are, and what the logits rows are for. Allocated once a lane. The engine
 * thread fills it; the device thread runs {@link #batch} and fills the outcomes; the job queue orders the two.
 */
public final class StepPlan {
    /** The use of a logits row. */
    public enum Purpose {
        /** Draw the next token. */
        SAMPLE,
        /** Nothing is drawn, but the row must be finite: the prompt of a request for 0 tokens. */
        CHECK,
        /** Score the prompt token that follows. */
        SCORE
    }

    public final StepBatch batch;
    /** Sequence of each slot of the batch. */
    public final @Nullable Sequence[] sequences;
    /** Slot of each logits row. */
    public final int[] logitsSlot;
    /** Purpose of each logits row. */
    public final Purpose[] purposes;
    /** Outcome: the token drawn, or {@link #NUMERIC}, {@link #UNMATCHED}, {@link #COMPLETE}. */
    public final int[] drawn;
    /** Outcome: scores, where asked for. */
    public final @Nullable TokenScores[] scores;

    /** In {@link #drawn}: the row held NaN or infinity, or every token was masked. */
    public static final int NUMERIC = -1;
    /** In {@link #drawn}: no token goes on with the form that was asked for. */
    public static final int UNMATCHED = -2;
    /** In {@link #drawn}: the text is complete, nothing may follow, and no token says so. */
    public static final int COMPLETE = -3;

    public StepPlan(final SchedulerLimits limits) {
        batch = new StepBatch(limits.maxRowsPerStep(), limits.maxSequencesPerLane());
        sequences = new Sequence[limits.maxSequencesPerLane()];
        logitsSlot = new int[limits.maxLogitsRows()];
        purposes = new Purpose[limits.maxLogitsRows()];
        drawn = new int[limits.maxLogitsRows()];
        scores = new TokenScores[limits.maxLogitsRows()];
    }

    /** The sequence of a slot in use. */
    public Sequence sequence(final int slot) {
        final Sequence sequence = sequences[slot];
        if (sequence == null) {
            throw new IllegalStateException("slot " + slot + " is empty");
        }
        return sequence;
    }

    void clear() {
        for (int slot = 0; slot < batch.sequenceCount; slot++) {
            sequences[slot] = null;
        }
        for (int i = 0; i < batch.logitsRowCount; i++) {
            scores[i] = null;
        }
        batch.rowCount = 0;
        batch.sequenceCount = 0;
        batch.logitsRowCount = 0;
    }

    /** Appends the sequence's next {@code rows} pending tokens. */
    void add(final Sequence sequence, final int rows) {
        final int slot = batch.sequenceCount++;
        final int first = batch.rowCount;
        sequences[slot] = sequence;
        batch.firstRow[slot] = first;
        batch.rowsOf[slot] = rows;
        batch.firstPosition[slot] = sequence.computed;
        batch.blockTables[slot] = sequence.blocks;
        batch.ropeTables[slot] = sequence.ropeTable;
        System.arraycopy(sequence.tokens, sequence.computed, batch.tokenIds, first, rows);
        batch.rowCount += rows;
        for (int i = 0; i < rows; i++) {
            final int position = sequence.computed + i;
            if (position == sequence.length - 1) {
                wantLogits(
                        slot,
                        first + i,
                        sequence.generated() < sequence.request.maxTokens() ? Purpose.SAMPLE : Purpose.CHECK);
            } else if (sequence.scores(position)) {
                wantLogits(slot, first + i, Purpose.SCORE);
            }
        }
        sequence.inFlight = true;
    }

    private void wantLogits(final int slot, final int row, final Purpose purpose) {
        final int i = batch.logitsRowCount++;
        batch.logitsRows[i] = row;
        logitsSlot[i] = slot;
        purposes[i] = purpose;
        drawn[i] = NUMERIC;
    }
}
