package io.cheshire.model.runtime.cuda;

/**
 * How the attention of a step is cut into launches, so that the scratch for its splits is bounded. A matter of memory
 * only: rows share no sums.
 */
final class AttentionParts {
    /** Splits that scratch holds in any case; more only where one group of rows alone sees more. */
    private static final int LEAST_SPLITS = 1024;

    private final int capacity;
    // Of each part: its first group and row, and the number of the last split that one of its rows sees, plus 1.
    private final int[] firstGroup;
    private final int[] firstRow;
    private final int[] splits;
    private int count;
    private int groups;
    private int rows;
    private int used;

    /** @param capacity splits that scratch holds */
    AttentionParts(final int maxRows, final int capacity) {
        this.capacity = capacity;
        firstGroup = new int[maxRows + 1];
        firstRow = new int[maxRows + 1];
        splits = new int[maxRows];
    }

    /** Splits that scratch must hold where a sequence has so many positions. */
    static int mostSplits(final int positions) {
        return Math.max(LEAST_SPLITS, HeadSize.GROUP_ROWS * (Math.ceilDiv(positions, HeadSize.SPLIT_KEYS) + 1));
    }

    void begin() {
        count = 0;
        groups = 0;
        rows = 0;
        used = capacity;
    }

    /**
     * Adds a group of rows, the next ones.
     *
     * @param row       its first row
     * @param rowCount  its rows
     * @param needed    splits that its rows see, together
     * @param lastSplit number of the last one, plus 1
     * @return where its splits begin in scratch
     */
    int add(final int row, final int rowCount, final int needed, final int lastSplit) {
        if (needed > capacity) {
            throw new IllegalStateException(
                    "rows from " + row + " on see " + needed + " splits; scratch holds " + capacity);
        }
        if (used + needed > capacity) {
            firstGroup[count] = groups;
            firstRow[count] = row;
            splits[count] = 0;
            count++;
            used = 0;
        }
        splits[count - 1] = Math.max(splits[count - 1], lastSplit);
        final int place = used;
        used += needed;
        groups++;
        rows = row + rowCount;
        return place;
    }

    void end() {
        firstGroup[count] = groups;
        firstRow[count] = rows;
    }

    int count() {
        return count;
    }

    /** All of the step so far. */
    int groups() {
        return groups;
    }

    int firstGroup(final int part) {
        return firstGroup[part];
    }

    int groupsOf(final int part) {
        return firstGroup[part + 1] - firstGroup[part];
    }

    int firstRow(final int part) {
        return firstRow[part];
    }

    int rowsOf(final int part) {
        return firstRow[part + 1] - firstRow[part];
    }

    int splitsOf(final int part) {
        return splits[part];
    }

    /** The most rows that a group of the part may have: they decide which kernel computes it. */
    int groupRowsOf(final int part) {
        return groupsOf(part) == rowsOf(part) ? 1 : HeadSize.GROUP_ROWS;
    }
}
