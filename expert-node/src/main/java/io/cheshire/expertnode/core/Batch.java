package io.cheshire.expertnode.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of one unit that are computed in one kernel call: slices of shards, in the order they arrived. Reused; the
 * node's thread fills it and reads it.
 *
 * @param <L> the connections that shards come from
 */
public final class Batch<L> {
    private final List<QueuedShard<L>> shards = new ArrayList<>();
    private int[] firstRows = new int[8];
    private int[] rowCounts = new int[8];
    private int[] sentRows = new int[8];
    private int unitIndex;
    private int totalRows;

    void start(final int newUnitIndex) {
        shards.clear();
        unitIndex = newUnitIndex;
        totalRows = 0;
    }

    void add(final QueuedShard<L> shard, final int firstRow, final int rowCount) {
        final int slice = shards.size();
        if (slice == firstRows.length) {
            firstRows = Arrays.copyOf(firstRows, 2 * slice);
            rowCounts = Arrays.copyOf(rowCounts, 2 * slice);
            sentRows = Arrays.copyOf(sentRows, 2 * slice);
        }
        shards.add(shard);
        firstRows[slice] = firstRow;
        rowCounts[slice] = rowCount;
        sentRows[slice] = 0;
        totalRows += rowCount;
    }

    /** The unit that computes it. */
    public int unitIndex() {
        return unitIndex;
    }

    /** Rows of all slices. */
    public int totalRows() {
        return totalRows;
    }

    public int sliceCount() {
        return shards.size();
    }

    public QueuedShard<L> shard(final int slice) {
        return shards.get(slice);
    }

    /** First row of the slice within its shard. */
    public int firstRow(final int slice) {
        return firstRows[slice];
    }

    public int rowCount(final int slice) {
        return rowCounts[slice];
    }

    /** Rows of the slice that are answered. */
    public int sentRows(final int slice) {
        return sentRows[slice];
    }

    /** Notes that rows of a slice are answered, or that nobody waits for them. */
    public void addSentRows(final int slice, final int rowCount) {
        sentRows[slice] += rowCount;
    }
}
