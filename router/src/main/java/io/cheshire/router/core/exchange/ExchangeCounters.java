package io.cheshire.router.core.exchange;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.LongStream;

/** What the exchange has seen since start. Written by the engine thread, read by any. */
public final class ExchangeCounters {
    private final AtomicLongArray rowsComputed;
    private final AtomicLong shardsSent = new AtomicLong();
    private final AtomicLong rowsAbandoned = new AtomicLong();
    private final AtomicLong duplicateRows = new AtomicLong();
    private final AtomicLong lateResults = new AtomicLong();
    private final AtomicLong unknownShards = new AtomicLong();
    private final AtomicLong invalidResults = new AtomicLong();
    private final AtomicLong nacks = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();
    private final AtomicLong parks = new AtomicLong();
    private final AtomicLong poisonedRows = new AtomicLong();

    ExchangeCounters(final int layers) {
        rowsComputed = new AtomicLongArray(layers);
    }

    /**
     * A consistent-enough copy for people and tests.
     *
     * @param rowsComputed   per layer, rows whose experts all answered; the nodes served {@code expertsPerToken} times that
     * @param shardsSent     shards handed to channels, further attempts included
     * @param rowsAbandoned  rows of layers given up because nobody waited for them any more
     * @param duplicateRows  result rows that had arrived already
     * @param lateResults    result frames and Nacks of an earlier attempt
     * @param unknownShards  result frames and Nacks of shards that are closed
     * @param invalidResults result frames that don't fit their shard
     * @param nacks          shards refused
     * @param retries        further attempts
     * @param parks          times that a lane began to wait for a node that holds a unit
     * @param poisonedRows   result rows given up as not computable
     */
    public record Snapshot(
            List<Long> rowsComputed,
            long shardsSent,
            long rowsAbandoned,
            long duplicateRows,
            long lateResults,
            long unknownShards,
            long invalidResults,
            long nacks,
            long retries,
            long parks,
            long poisonedRows) {
        public Snapshot {
            rowsComputed = List.copyOf(rowsComputed);
        }
    }

    /** Safe from any thread. */
    public Snapshot snapshot() {
        return new Snapshot(
                rowsByLayer(),
                shardsSent.get(),
                rowsAbandoned.get(),
                duplicateRows.get(),
                lateResults.get(),
                unknownShards.get(),
                invalidResults.get(),
                nacks.get(),
                retries.get(),
                parks.get(),
                poisonedRows.get());
    }

    /** Rows computed, per layer. Safe from any thread. */
    public List<Long> rowsByLayer() {
        return LongStream.range(0, rowsComputed.length())
                .mapToObj(layer -> rowsComputed.get((int) layer))
                .toList();
    }

    void layerComputed(final int layer, final int rows) {
        rowsComputed.setRelease(layer, rowsComputed.getPlain(layer) + rows);
    }

    void shardSent() {
        add(shardsSent, 1);
    }

    void abandoned(final int rows) {
        add(rowsAbandoned, rows);
    }

    void duplicateRow() {
        add(duplicateRows, 1);
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

    void poisoned(final int rows) {
        add(poisonedRows, rows);
    }

    /** One writer: no locked instruction needed. */
    private static void add(final AtomicLong counter, final long amount) {
        counter.setRelease(counter.getPlain() + amount);
    }
}
