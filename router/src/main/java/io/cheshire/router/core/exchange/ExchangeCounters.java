package io.cheshire.router.core.exchange;

import io.cheshire.coordinator.protocol.AnswerRows;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the exchange's events since start. Written by the engine thread, read by any. */
public final class ExchangeCounters {
    private final LayerLedger layers;
    private final Stragglers stragglers = new Stragglers();
    private final AtomicLong shardsSent = new AtomicLong();
    private final AtomicLong resultRows = new AtomicLong();
    private final AtomicLong duplicateRows = new AtomicLong();
    private final AtomicLong lateRows = new AtomicLong();
    private final AtomicLong rowsAbandoned = new AtomicLong();
    private final AtomicLong resultsAbandoned = new AtomicLong();
    private final AtomicLong poisonedRows = new AtomicLong();
    private final AtomicLong lateResults = new AtomicLong();
    private final AtomicLong unknownShards = new AtomicLong();
    private final AtomicLong invalidResults = new AtomicLong();
    private final AtomicLong nacks = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();
    private final AtomicLong parks = new AtomicLong();
    private final AtomicLong hedges = new AtomicLong();
    private final AtomicLong hedgedRows = new AtomicLong();
    private final AtomicLong hedgesWon = new AtomicLong();
    private final AtomicLong hedgesWasted = new AtomicLong();
    private final AtomicLong hedgesDenied = new AtomicLong();
    private final AtomicLong trickled = new AtomicLong();
    private final AtomicLong answersLost = new AtomicLong();
    private final AtomicLong suspicions = new AtomicLong();
    private final AtomicLong splits = new AtomicLong();
    private final AtomicLong sentAlone = new AtomicLong();

    ExchangeCounters(final int layers) {
        this.layers = new LayerLedger(layers);
    }

    /**
     * A consistent-enough copy for people and tests. When nothing is under way,
     * {@code resultRows - duplicateRows - lateRows + poisonedRows} is {@code expertsPerToken} times the sum of
     * {@code rowsComputed}, plus {@code resultsAbandoned}; and where no connection was lost the nodes served
     * {@code resultRows - duplicateRows} rows.
     *
     * @param rowsComputed per layer, rows whose experts all answered
     * @param shardsSent attempts at shards that went into channels whole
     * @param resultRows result rows that came in, whatever became of them; rows of invalid frames not included
     * @param duplicateRows of these, rows that the same attempt had answered already
     * @param lateRows of these, rows that another attempt had answered, or of attempts and shards that were closed
     * @param rowsAbandoned rows of layers given up because nobody waited for them any more
     * @param resultsAbandoned results that were in their places in those layers
     * @param poisonedRows results given up as not computable
     * @param lateResults result frames and Nacks of closed attempts
     * @param unknownShards result frames and Nacks of closed shards
     * @param invalidResults result frames and Nacks that don't fit their shard
     * @param nacks attempts refused
     * @param retries further attempts after a refusal, a lost node or a lost answer
     * @param parks times that a lane began to wait for a node that holds a unit
     * @param hedges shards sent to a further replica for being late
     * @param hedgedRows rows of these
     * @param hedgesWon shards whose last result came from a further attempt while an earlier one was open
     * @param hedgesWasted hedged shards whose last result came from the attempt before the hedge after all
     * @param hedgesDenied shards not hedged when they were late, since the budget was spent
     * @param trickled shards shown to a slow node that another computes
     * @param answersLost attempts given up for want of an answer
     * @param suspicions times that a node became suspect
     * @param splits units of a layer whose rows were meant for several replicas
     * @param sentAlone shards that go out row by row, since node after node was lost with them
     */
    public record Snapshot(
            List<Long> rowsComputed,
            long shardsSent,
            long resultRows,
            long duplicateRows,
            long lateRows,
            long rowsAbandoned,
            long resultsAbandoned,
            long poisonedRows,
            long lateResults,
            long unknownShards,
            long invalidResults,
            long nacks,
            long retries,
            long parks,
            long hedges,
            long hedgedRows,
            long hedgesWon,
            long hedgesWasted,
            long hedgesDenied,
            long trickled,
            long answersLost,
            long suspicions,
            long splits,
            long sentAlone) {
        public Snapshot {
            rowsComputed = List.copyOf(rowsComputed);
        }
    }

    /** Safe from any thread. */
    public Snapshot snapshot() {
        return new Snapshot(
                rowsByLayer(),
                shardsSent.get(),
                resultRows.get(),
                duplicateRows.get(),
                lateRows.get(),
                rowsAbandoned.get(),
                resultsAbandoned.get(),
                poisonedRows.get(),
                lateResults.get(),
                unknownShards.get(),
                invalidResults.get(),
                nacks.get(),
                retries.get(),
                parks.get(),
                hedges.get(),
                hedgedRows.get(),
                hedgesWon.get(),
                hedgesWasted.get(),
                hedgesDenied.get(),
                trickled.get(),
                answersLost.get(),
                suspicions.get(),
                splits.get(),
                sentAlone.get());
    }

    /** Rows computed, per layer. Safe from any thread. */
    public List<Long> rowsByLayer() {
        return layers.computed();
    }

    /**
     * Counts the rows that weren't combined, per layer, by what became of them; ask for it before {@link #rowsByLayer}.
     * Safe from any thread.
     */
    public AnswerRows answerRows() {
        return layers.answers();
    }

    LayerLedger layers() {
        return layers;
    }

    void shardSent() {
        add(shardsSent, 1);
    }

    void resultRows(final int rows) {
        add(resultRows, rows);
    }

    void duplicateRow() {
        add(duplicateRows, 1);
    }

    void lateRows(final int layer, final int rows) {
        add(lateRows, rows);
        layers.unused(layer, rows);
    }

    /** Rows of an attempt that isn't open any more. */
    void strayRows(final int layer, final int rows) {
        add(lateRows, rows);
        layers.found(layer, rows);
    }

    void abandoned(final int layer, final int rows, final int results) {
        add(rowsAbandoned, rows);
        add(resultsAbandoned, results);
        layers.unused(layer, results);
    }

    void poisoned(final int layer, final int rows) {
        add(poisonedRows, rows);
        layers.givenUp(layer, rows);
    }

    void lateResult() {
        add(lateResults, 1);
    }

    void unknownShard() {
        add(unknownShards, 1);
    }

    void invalidResult() {
        add(invalidResults, 1);
    }

    void nack() {
        add(nacks, 1);
    }

    void retry() {
        add(retries, 1);
    }

    void parked() {
        add(parks, 1);
    }

    void hedged(final int rows) {
        add(hedges, 1);
        add(hedgedRows, rows);
    }

    void hedgeWon() {
        add(hedgesWon, 1);
    }

    void hedgeWasted() {
        add(hedgesWasted, 1);
    }

    /** For which nodes layers waited last. */
    public Stragglers stragglers() {
        return stragglers;
    }

    void hedgeDenied() {
        add(hedgesDenied, 1);
    }

    void trickledShard() {
        add(trickled, 1);
    }

    void answerLost() {
        add(answersLost, 1);
    }

    void suspected() {
        add(suspicions, 1);
    }

    void sentAlone() {
        add(sentAlone, 1);
    }

    void split(final int units) {
        add(splits, units);
    }

    /** One writer: no locked instruction needed. */
    private static void add(final AtomicLong counter, final long amount) {
        counter.setRelease(counter.getPlain() + amount);
    }
}
