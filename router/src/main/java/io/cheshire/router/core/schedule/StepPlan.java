package io.cheshire.router.core.schedule;

import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.router.core.PooledRow;
import io.cheshire.router.core.TokenScores;
import io.cheshire.router.core.grammar.ForcedRun;
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
        /** Draw the token behind a guessed one, if that was drawn. */
        DRAFT,
        /** Nothing is drawn, but the row must be finite: the prompt of a request for 0 tokens. */
        CHECK,
        /** Score the prompt token that follows. */
        SCORE,
        /** Tell what the head says, of a model whose head scores. */
        POOL
    }

    public final StepBatch batch;
    /** Sequence of each slot of the batch. */
    public final @Nullable Sequence[] sequences;
    /** Slot of each logits row. */
    public final int[] logitsSlot;
    /** Purpose of each logits row. */
    public final Purpose[] purposes;
    /** Of each slot the rows of tokens that were certain before they were drawn: the last of its own. */
    public final int[] certainOf;
    /** Of each slot the rows of guessed tokens, behind those of its own. */
    public final int[] draftsOf;
    /** Of each slot whether its guessed tokens are of a text that must follow. */
    public final boolean[] formOf;
    /** Of each slot what must follow the last token drawn: the device thread's to fill, and then the engine's. */
    public final ForcedRun[] ahead;
    /** Somebody wants {@link #ahead}: it is work on the device's thread. */
    public boolean looksAhead;
    /** Rows of guessed tokens in all slots. */
    public int draftRows;
    /** Units that only guessed rows chose, in all layers so far. */
    public long draftUnits;
    /** Of each slot the guessed rows that count: those behind are taken as never guessed. */
    private final int[] usableDrafts;
    /** Outcome: the token drawn, or {@link #NUMERIC}, {@link #UNMATCHED}, {@link #COMPLETE}, {@link #NOT_REACHED}. */
    public final int[] drawn;
    /** Outcome: scores, where asked for. */
    public final @Nullable TokenScores[] scores;
    /** Outcome: what the head says, where it was asked. */
    public final @Nullable PooledRow[] pooled;

    /** In {@link #drawn}: the row held NaN or infinity, or every token was masked. */
    public static final int NUMERIC = -1;
    /** In {@link #drawn}: no token goes on with the form that was asked for. */
    public static final int UNMATCHED = -2;
    /** In {@link #drawn}: the text is complete, nothing may follow, and no token says so. */
    public static final int COMPLETE = -3;
    /** In {@link #drawn}: a guessed token before it wasn't the one drawn, so there is no such row. */
    public static final int NOT_REACHED = -4;

    public StepPlan(final SchedulerLimits limits) {
        batch = new StepBatch(limits.maxRowsPerStep(), limits.maxSequencesPerLane());
        sequences = new Sequence[limits.maxSequencesPerLane()];
        certainOf = new int[limits.maxSequencesPerLane()];
        draftsOf = new int[limits.maxSequencesPerLane()];
        formOf = new boolean[limits.maxSequencesPerLane()];
        ahead = new ForcedRun[limits.maxSequencesPerLane()];
        for (int slot = 0; slot < ahead.length; slot++) {
            ahead[slot] = new ForcedRun(Sequence.MOST_AHEAD);
        }
        usableDrafts = new int[limits.maxSequencesPerLane()];
        logitsSlot = new int[limits.maxLogitsRows()];
        purposes = new Purpose[limits.maxLogitsRows()];
        drawn = new int[limits.maxLogitsRows()];
        scores = new TokenScores[limits.maxLogitsRows()];
        pooled = new PooledRow[limits.maxLogitsRows()];
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
            pooled[i] = null;
        }
        batch.rowCount = 0;
        batch.sequenceCount = 0;
        batch.logitsRowCount = 0;
        draftRows = 0;
        draftUnits = 0;
    }

    /** Rows of a slot's own tokens, certain ones among them: all but those guessed. */
    public int ownRows(final int slot) {
        return batch.rowsOf[slot] - draftsOf[slot];
    }

    /** Guessed rows from this one on count no more. Call before the step is sampled. */
    public void cutDrafts(final int slot, final int row) {
        usableDrafts[slot] = Math.min(usableDrafts[slot], row - batch.firstRow[slot] - ownRows(slot));
    }

    /** Guessed tokens that were drawn, of the sequence whose next token logits row {@code i} draws. */
    public int acceptedDrafts(final int i) {
        int accepted = 0;
        while (isReached(i + accepted + 1)) {
            accepted++;
        }
        return accepted;
    }

    /** Logits row {@code i} is behind a guessed token that was drawn, once it was sampled. */
    public boolean isReached(final int i) {
        return i < batch.logitsRowCount && purposes[i] == Purpose.DRAFT && drawn[i] != NOT_REACHED;
    }

    /** Logits row {@code i} is there to draw a token. */
    boolean isDrawn(final int i) {
        return purposes[i] == Purpose.SAMPLE || purposes[i] == Purpose.DRAFT;
    }

    /** Of logits row {@code i} in its sequence. */
    int position(final int i) {
        final int slot = logitsSlot[i];
        return batch.firstPosition[slot] + batch.logitsRows[i] - batch.firstRow[slot];
    }

    /** What logits row {@code i} drew had been guessed: the row behind it draws, too. */
    boolean goesOn(final int i) {
        return i + 1 < batch.logitsRowCount && purposes[i + 1] == Purpose.DRAFT && follows(i + 1);
    }

    /** The token guessed before logits row {@code i}, one of purpose DRAFT, is the one drawn before it. */
    boolean follows(final int i) {
        final int slot = logitsSlot[i];
        final int row = batch.logitsRows[i];
        return row < batch.firstRow[slot] + ownRows(slot) + usableDrafts[slot] && drawn[i - 1] == batch.tokenIds[row];
    }

    /** Appends the sequence's next {@code rows} pending tokens. */
    void add(final Sequence sequence, final int rows) {
        add(sequence, rows, 0, 0, false);
    }

    /**
     * Appends the sequence's pending tokens, all of them, and what stands behind them: certain tokens, then guessed
     * ones.
     */
    void add(final Sequence sequence, final int rows, final Drafts drafts) {
        add(sequence, rows, drafts.certain(), drafts.guessed(), drafts.isForm());
    }

    private void add(
            final Sequence sequence, final int pending, final int certain, final int drafts, final boolean isForm) {
        final int slot = batch.sequenceCount++;
        final int first = batch.rowCount;
        final int rows = pending + certain;
        sequences[slot] = sequence;
        batch.firstRow[slot] = first;
        batch.rowsOf[slot] = rows + drafts;
        certainOf[slot] = certain;
        draftsOf[slot] = drafts;
        formOf[slot] = isForm;
        usableDrafts[slot] = drafts;
        draftRows += drafts;
        batch.firstPosition[slot] = sequence.computed;
        batch.blockTables[slot] = sequence.blocks;
        batch.ropeTables[slot] = sequence.ropeTable;
        System.arraycopy(sequence.tokens, sequence.computed, batch.tokenIds, first, rows + drafts);
        batch.rowCount += rows + drafts;
        for (int i = 0; i < rows; i++) {
            final int position = sequence.computed + i;
            if (sequence.pools(position)) {
                wantLogits(slot, first + i, Purpose.POOL);
            } else if (position == sequence.length - 1 + certain) {
                wantLogits(
                        slot,
                        first + i,
                        sequence.generated() < sequence.request.maxTokens() ? Purpose.SAMPLE : Purpose.CHECK);
            } else if (sequence.scores(position)) {
                wantLogits(slot, first + i, Purpose.SCORE);
            }
        }
        for (int i = rows; i < rows + drafts; i++) {
            wantLogits(slot, first + i, Purpose.DRAFT);
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
