package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.protocol.Dtype;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tiles that a matmul of one shape runs in. None runs before its rows were found to have the bits that they have
 * in the smallest tile: at the start as many as are cheap are compared, the largest first; each other at its first
 * use, before its results count. A tile that differs never runs: its rows run in smaller ones.
 *
 * <p>Device thread only.
 */
final class CheckedTiles {
    private static final Logger LOG = LoggerFactory.getLogger(CheckedTiles.class);
    /**
     * After the largest tile others are compared for as long again as that took, and for so long at least: code for
     * the dozens of tiles of a small matmul takes a millisecond each, and many processes may start at once.
     */
    private static final long LEAST_START_NS = 20_000_000;

    private final MatmulShape shape;
    private final Dtype dtype;
    private final RowTiles kind;
    private final BitSet agreed = new BitSet();
    private final BitSet refused = new BitSet();

    private CheckedTiles(final MatmulShape shape, final Dtype dtype, final RowTiles kind) {
        this.shape = shape;
        this.dtype = dtype;
        this.kind = kind;
    }

    /**
     * The first of {@code preferred} and its fall-backs whose rows are independent, as far as is seen at the start.
     *
     * @param dtype    what {@code matmul} reads
     * @param mostRows the most rows that will run at once
     */
    static CheckedTiles choose(
            final MatmulShape shape,
            final Dtype dtype,
            final TileMatmul matmul,
            final RowTiles preferred,
            final int mostRows) {
        CheckedTiles candidate = new CheckedTiles(shape, dtype, preferred);
        while (!candidate.passStart(matmul, mostRows)) {
            final RowTiles next = candidate.kind == RowTiles.FREE ? RowTiles.FIXED_16 : RowTiles.FIXED_1;
            LOG.warn(
                    "Rows of the {} matmul depend on the batch with {} tiles on this processor; using {}, which is"
                            + " slower",
                    shape,
                    candidate.kind,
                    next);
            candidate = new CheckedTiles(shape, dtype, next);
        }
        return candidate;
    }

    RowTiles kind() {
        return kind;
    }

    /**
     * Rows of the tile that the next of {@code rows} rows run in, all of them if it is as large.
     *
     * @param matmul what tiles not met so far are compared with
     */
    int tile(final int rows, final TileMatmul matmul) {
        int tile = kind.tile(Math.min(rows, kind.largest()));
        while (!agreed.get(tile)) {
            if (!refused.get(tile)) {
                compare(tile, matmul);
            } else {
                tile = kind.tile(Math.max(1, tile / 2));
            }
        }
        return tile;
    }

    /** Whether {@link #tile} of so many rows is known, and so needs no matmul. */
    boolean knows(final int rows) {
        return agreed.get(kind.tile(Math.min(rows, kind.largest())));
    }

    private boolean passStart(final TileMatmul matmul, final int mostRows) {
        if (kind == RowTiles.FIXED_1) {
            agreed.set(1);
            return true;
        }
        final int[] sizes = kind.sizes(mostRows);
        final int base = sizes[sizes.length - 1];
        final long start = System.nanoTime();
        try (BatchInvarianceCheck check = new BatchInvarianceCheck(shape, dtype, matmul, base)) {
            if (!check.agrees(base, 1) || !check.agrees(base, base / 2)) {
                return false;
            }
            agreed.set(base);
            long limitNs = Long.MAX_VALUE;
            for (final int size : largestThenSmallFirst(sizes)) {
                final long before = System.nanoTime();
                if (before - start > limitNs) {
                    break;
                }
                if (!check.agrees(size, 1)) {
                    LOG.warn("Tiles of {} rows of the {} matmul have other bits than tiles of {}", size, shape, base);
                    return false;
                }
                agreed.set(size);
                if (limitNs == Long.MAX_VALUE) {
                    final long now = System.nanoTime();
                    limitNs = now - start + Math.max(LEAST_START_NS, now - before);
                }
            }
        }
        LOG.info(
                "{} matmul: the same bits in tiles of {} rows, compared in {} ms; {} other sizes at their first use",
                shape,
                agreed,
                (System.nanoTime() - start) / 1_000_000,
                sizes.length - agreed.cardinality());
        return true;
    }

    /** The largest differs first, if any does; small ones run first. */
    private static int[] largestThenSmallFirst(final int[] largestFirst) {
        final int others = largestFirst.length - 1;
        return IntStream.concat(
                        Arrays.stream(largestFirst).limit(1),
                        IntStream.range(0, others).map(i -> largestFirst[others - i]))
                .toArray();
    }

    private void compare(final int tile, final TileMatmul matmul) {
        final int base = kind.tile(1);
        try (BatchInvarianceCheck check = new BatchInvarianceCheck(shape, dtype, matmul, base)) {
            if (check.agrees(tile, 1)) {
                agreed.set(tile);
                LOG.info("{} matmul: the same bits in tiles of {} rows", shape, tile);
                return;
            }
        }
        refused.set(tile);
        LOG.warn(
                "Tiles of {} rows of the {} matmul have other bits than tiles of {} on this processor; they run in"
                        + " smaller ones, which is slower",
                tile,
                shape,
                base);
    }
}
