package io.cheshire.router.core.exchange;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One lane's layer in progress: which results are in, and what is still on its way. */
final class LaneExchange {
    private final MemorySegment results;
    private final int choices;
    private final long resultBytes;
    /** Results that are in, {@code [row, choice]}. */
    private final boolean[] arrived;

    final boolean[] poisoned;
    /** Shards whose results aren't all in. */
    final List<OpenShard> shards = new ArrayList<>();
    /** Those of them that no node has. */
    final List<OpenShard> pending = new ArrayList<>();
    /** Attempts of them that are partly in a channel. */
    final List<Attempt> sending = new ArrayList<>();

    int layer;
    int rowCount;
    int missingResults;
    /** A pending shard has no node. */
    boolean parked;
    /** When to look for late shards again. */
    long nextLookNs;
    /** Nodes or placement changed: look at once. */
    boolean lookNow;

    LaneExchange(final MemorySegment results, final int maxRows, final int choices, final long resultBytes) {
        this.results = results;
        this.choices = choices;
        this.resultBytes = resultBytes;
        arrived = new boolean[Math.multiplyExact(maxRows, choices)];
        poisoned = new boolean[maxRows];
    }

    void beginLayer(final int newLayer, final int rows) {
        layer = newLayer;
        rowCount = rows;
        missingResults = Math.multiplyExact(rows, choices);
        parked = false;
        lookNow = true;
        Arrays.fill(arrived, 0, missingResults, false);
    }

    void add(final OpenShard shard) {
        shard.laneIndex = shards.size();
        shards.add(shard);
    }

    /** The shard's results are in, or given up. */
    void remove(final OpenShard shard) {
        final OpenShard last = shards.removeLast();
        if (last != shard) {
            shards.set(shard.laneIndex, last);
            last.laneIndex = shard.laneIndex;
        }
        if (shard.pending) {
            shard.pending = false;
            pending.remove(shard);
        }
        for (int i = sending.size() - 1; i >= 0; i--) {
            if (sending.get(i).shard.shardId == shard.shardId) {
                sending.remove(i); // its node gives up the half that it has
            }
        }
    }

    void addPending(final OpenShard shard) {
        if (!shard.pending) {
            shard.pending = true;
            pending.add(shard);
        }
    }

    boolean hasArrived(final int row, final int choice) {
        return arrived[row * choices + choice];
    }

    /** Leaves {@code keep} missing rows to a shard that no node has, and gives the others to another. */
    void moveMissing(final OpenShard from, final int keep, final OpenShard to) {
        int kept = 0;
        for (int i = 0; i < from.rowCount; i++) {
            if (hasArrived(from.rows[i], from.choices[i])) {
                continue;
            }
            if (kept < keep) {
                from.rows[kept] = from.rows[i];
                from.choices[kept] = from.choices[i];
                kept++;
            } else {
                to.addRow(from.rows[i], from.choices[i]);
            }
        }
        from.rowCount = kept;
        from.rowsMissing = kept;
    }

    /** Puts a result in its place; false if it is there. */
    boolean arrive(final int row, final int choice, final MemorySegment rows, final long offset) {
        if (!mark(row, choice)) {
            return false;
        }
        MemorySegment.copy(rows, offset, results, place(row, choice), resultBytes);
        return true;
    }

    /** Gives up a result: every float of it a NaN. False if it is there. */
    boolean poison(final int row, final int choice) {
        if (!mark(row, choice)) {
            return false;
        }
        results.asSlice(place(row, choice), resultBytes).fill((byte) 0xFF);
        poisoned[row] = true;
        return true;
    }

    /** Results of the layer that are in their places. */
    int resultsIn() {
        return rowCount * choices - missingResults;
    }

    /** Gives up the layer. */
    void clear() {
        missingResults = 0;
        shards.clear();
        pending.clear();
        sending.clear();
        parked = false;
    }

    private boolean mark(final int row, final int choice) {
        final int at = row * choices + choice;
        if (arrived[at]) {
            return false;
        }
        arrived[at] = true;
        missingResults--;
        return true;
    }

    private long place(final int row, final int choice) {
        return ((long) row * choices + choice) * resultBytes;
    }
}
