package io.cheshire.model.runtime.onednn.matmul;

import java.util.stream.IntStream;

/**
 * Which row counts a matmul is run with. oneDNN generates code per row count, about a millisecond each, so the counts
 * in use are few: rows are padded up a little where a step is long, and long blocks are cut.
 *
 * <p>Up to {@link #LEAST_ROWS} rows cost nothing: the weights' bytes are the limit. Further padding costs at most 6 %.
 */
public enum RowTiles {
    /** Rows don't depend on the row count from two rows on; fewer than four are padded to four. The usual case. */
    FREE(512) {
        @Override
        int tile(final int rows) {
            if (rows <= EXACT_ROWS) {
                return Math.max(LEAST_ROWS, rows);
            }
            return rows <= FINE_ROWS ? roundUp(rows, FINE_STEP) : roundUp(rows, COARSE_STEP);
        }
    },
    /** Always sixteen rows at a time: for a machine whose rows depend on the row count. */
    FIXED_16(16) {
        @Override
        int tile(final int rows) {
            return 16;
        }
    },
    /** Always one row: the last resort, where even the place in the tile matters. */
    FIXED_1(1) {
        @Override
        int tile(final int rows) {
            return 1;
        }
    };

    /**
     * oneDNN's code for one and two rows reads weights slower than the code for three and more: 28 against 37 GB/s on a
     * Zen 4 of two cores.
     */
    private static final int LEAST_ROWS = 4;

    private static final int EXACT_ROWS = 32;
    private static final int FINE_ROWS = 128;
    private static final int FINE_STEP = 4;
    private static final int COARSE_STEP = 16;

    private final int largest;

    RowTiles(final int largest) {
        this.largest = largest;
    }

    /** Rows of the tile that runs {@code rows} rows; {@code rows} is at most {@link #largest}. */
    abstract int tile(int rows);

    /** The most rows of one tile. */
    int largest() {
        return largest;
    }

    /** Every tile that can run where up to {@code mostRows} rows come at once, largest first. */
    int[] sizes(final int mostRows) {
        final int most = Math.min(mostRows, largest);
        return IntStream.rangeClosed(1, most)
                .map(i -> tile(most + 1 - i))
                .distinct()
                .toArray();
    }

    /** Rows that a buffer must hold so that {@code rows} rows can be padded in place, whatever the tiles. */
    public static int capacity(final int rows) {
        return roundUp(rows, COARSE_STEP);
    }

    private static int roundUp(final int rows, final int step) {
        return Math.multiplyExact(Math.ceilDiv(rows, step), step);
    }
}
