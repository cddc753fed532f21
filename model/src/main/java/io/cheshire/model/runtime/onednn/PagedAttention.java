package io.cheshire.model.runtime.onednn;

import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.simd.AttentionTiles;
import io.cheshire.model.runtime.onednn.simd.Lanes;
import io.cheshire.model.runtime.onednn.simd.Rows;

/**
 * Attention of all rows of a step over the paged cache (docs/model.md §3, §3.3), in fp32 whatever the cache's format.
 *
 * <p>The work is cut into units of a few neighbouring rows of one sequence and one key head. Per row and query head:
 * all scores, their softmax, then the weighted values in ascending position. A row's own chain of operations is the
 * same in every unit, so decode, prefill and any cut of a prompt give the same bits.
 */
final class PagedAttention implements AutoCloseable {
    /** Rows that share one conversion of a page to fp32. */
    private static final int MAX_TILE_ROWS = 16;
    /** Scores of a unit should stay in a core's second-level cache. */
    private static final long SCORE_CACHE_BYTES = 512 * 1024;
    /** Multiply-adds below which waking the team costs more than it saves. */
    private static final long OPERATIONS_PER_PART = 200_000;

    private final OpenMpTeam team;
    private final KvCache cache;
    private final boolean bf16Out;
    private final int headDim;
    private final int kvHeads;
    private final int groupHeads;
    private final int groupStride;
    private final int window;
    private final float scale;
    private final int tokensPerBlock;
    private final long longestSpan;
    private final Worker[] workers;
    private final OpenMpTeam.RangeTask task = this::units;

    private final int[] tileSlot;
    private final int[] tileRow;
    private final int[] tileRows;
    private int tileCount;
    private int layer;
    private StepBatch batch;
    private long queries;
    private long queryRowBytes;
    private long out;

    /** Scratch of one thread of the team. */
    private static final class Worker {
        private final NativeBuffer scores;
        private final NativeBuffer sums;
        private final NativeBuffer page;
        private final float[] divisors;

        Worker(final long scoreBytes, final long sumBytes, final long pageBytes, final int heads) {
            scores = NativeBuffer.allocate(scoreBytes);
            sums = NativeBuffer.allocate(sumBytes);
            page = NativeBuffer.allocate(pageBytes);
            divisors = new float[heads];
        }
    }

    /** @param bf16Out whether what it computes is rounded to bf16 */
    PagedAttention(
            final OpenMpTeam team,
            final ModelConfig config,
            final KvCache cache,
            final boolean bf16Out,
            final int maxRows) {
        this.bf16Out = bf16Out;
        this.team = team;
        this.cache = cache;
        this.headDim = config.headDim();
        this.kvHeads = config.kvHeadCount();
        this.groupHeads = config.headCount() / kvHeads;
        this.groupStride = Math.ceilDiv(groupHeads, AttentionTiles.QUERIES) * AttentionTiles.QUERIES;
        final Integer slidingWindow = config.slidingWindow();
        this.window = slidingWindow == null ? Integer.MAX_VALUE : slidingWindow;
        this.scale = (float) (1 / Math.sqrt(headDim));
        this.tokensPerBlock = cache.layout().tokensPerBlock();
        final long pool = (long) cache.layout().blockCount() * tokensPerBlock;
        this.longestSpan = Math.min(pool, config.maxPositionEmbeddings() + (long) tokensPerBlock);
        this.tileSlot = new int[maxRows];
        this.tileRow = new int[maxRows];
        this.tileRows = new int[maxRows];
        this.batch = new StepBatch(0, 0);
        this.workers = new Worker[team.threads()];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = worker();
        }
    }

    private Worker worker() {
        final int heads = MAX_TILE_ROWS * groupStride;
        final long longestRow = Math.multiplyExact(scoreStride(longestSpan), (long) groupStride);
        final long page = Math.max((long) headDim * cache.keyStride(), (long) tokensPerBlock * cache.valueStride());
        return new Worker(
                Math.max(SCORE_CACHE_BYTES, longestRow) + (long) Lanes.COUNT * Float.BYTES,
                (long) heads * cache.valueStride() * Float.BYTES,
                page * Float.BYTES,
                heads);
    }

    /** One vector of slack, since a page narrower than a vector is scored as a whole vector. */
    private static long scoreStride(final long span) {
        return Math.multiplyExact(span + Lanes.COUNT, (long) Float.BYTES);
    }

    /**
     * @param queryAddress  {@code [rows, ...]} fp32, rotated queries first in each row
     * @param rowBytes      bytes from one row of queries to the next
     * @param outAddress    {@code [rows, headCount * headDim]} in the cache's format
     */
    void run(
            final int ofLayer,
            final StepBatch step,
            final long queryAddress,
            final long rowBytes,
            final long outAddress) {
        layer = ofLayer;
        batch = step;
        queries = queryAddress;
        queryRowBytes = rowBytes;
        out = outAddress;
        final long operations = cutIntoTiles();
        final int units = tileCount * kvHeads;
        final long parts = Math.clamp(operations / OPERATIONS_PER_PART, 1, units);
        team.run(units, (int) Math.ceilDiv(units, parts), task);
    }

    /** Fills the tile list and returns the multiply-adds of the step, about. */
    private long cutIntoTiles() {
        tileCount = 0;
        long operations = 0;
        for (int s = 0; s < batch.sequenceCount; s++) {
            final int end = batch.firstPosition[s] + batch.rowsOf[s];
            final long rowScores =
                    scoreStride(end - (long) firstBlock(batch.firstPosition[s]) * tokensPerBlock + tokensPerBlock)
                            * groupStride;
            final int most = Math.clamp(SCORE_CACHE_BYTES / rowScores, 1, MAX_TILE_ROWS);
            for (int row = 0; row < batch.rowsOf[s]; row += most) {
                tileSlot[tileCount] = s;
                tileRow[tileCount] = row;
                tileRows[tileCount] = Math.min(most, batch.rowsOf[s] - row);
                tileCount++;
            }
            operations += 2L * batch.rowsOf[s] * Math.min(end, window) * groupHeads * kvHeads * headDim;
        }
        return operations;
    }

    private void units(final int worker, final int begin, final int end) {
        for (int unit = begin; unit < end; unit++) {
            unit(workers[worker], unit % tileCount, unit / tileCount);
        }
    }

    private void unit(final Worker worker, final int tile, final int head) {
        final int slot = tileSlot[tile];
        final int rows = tileRows[tile];
        final int firstPosition = batch.firstPosition[slot] + tileRow[tile];
        final int firstRow = batch.firstRow[slot] + tileRow[tile];
        final int firstBlock = firstBlock(firstPosition);
        final int lastBlock = (firstPosition + rows - 1) / tokensPerBlock;
        final long stride = scoreStride((long) (lastBlock - firstBlock + 1) * tokensPerBlock);
        final int[] table = batch.blockTables[slot];

        for (int block = firstBlock; block <= lastBlock; block++) {
            final long keys = keys(worker, table[block], head);
            for (int row = 0; row < rows; row++) {
                if (keyCount(firstPosition + row, block) > 0) {
                    scoreRow(worker, firstRow + row, row, head, keys, (long) (block - firstBlock), stride);
                }
            }
        }
        softmax(worker, firstPosition, rows, firstBlock, stride);
        for (int block = firstBlock; block <= lastBlock; block++) {
            final long values = values(worker, table[block], head);
            for (int row = 0; row < rows; row++) {
                sumRow(worker, firstPosition + row, row, values, block, firstBlock, stride);
            }
        }
        writeOut(worker, firstRow, rows, head);
    }

    private void scoreRow(
            final Worker worker,
            final int batchRow,
            final int row,
            final int head,
            final long keys,
            final long block,
            final long stride) {
        final long headBytes = (long) headDim * Float.BYTES;
        final long query = queries + batchRow * queryRowBytes + (long) head * groupHeads * headBytes;
        final long at =
                worker.scores.address() + (long) row * groupStride * stride + block * tokensPerBlock * Float.BYTES;
        for (int g = 0; g < groupHeads; g += AttentionTiles.QUERIES) {
            AttentionTiles.scores(query + g * headBytes, headDim, keys, cache.keyStride(), at + g * stride, stride);
        }
    }

    private void softmax(
            final Worker worker, final int firstPosition, final int rows, final int firstBlock, final long stride) {
        for (int row = 0; row < rows; row++) {
            final int position = firstPosition + row;
            final int visible = firstVisible(position);
            final long at = worker.scores.address()
                    + (long) row * groupStride * stride
                    + (visible - (long) firstBlock * tokensPerBlock) * Float.BYTES;
            for (int g = 0; g < groupHeads; g++) {
                worker.divisors[row * groupStride + g] =
                        AttentionTiles.softmaxNumerators(at + g * stride, position - visible + 1, scale);
            }
        }
        AttentionTiles.clear(worker.sums.address(), rows * groupStride * cache.valueStride());
    }

    private void sumRow(
            final Worker worker,
            final int position,
            final int row,
            final long values,
            final int block,
            final int firstBlock,
            final long stride) {
        final int count = keyCount(position, block);
        if (count <= 0) {
            return;
        }
        final int width = cache.valueStride();
        final int first = Math.max(0, firstVisible(position) - block * tokensPerBlock);
        final long weights = worker.scores.address()
                + (long) row * groupStride * stride
                + ((long) (block - firstBlock) * tokensPerBlock + first) * Float.BYTES;
        final long sums = worker.sums.address() + (long) row * groupStride * width * Float.BYTES;
        for (int g = 0; g < groupHeads; g += AttentionTiles.QUERIES) {
            AttentionTiles.weightedSum(
                    weights + g * stride,
                    stride,
                    values + (long) first * width * Float.BYTES,
                    count,
                    sums + (long) g * width * Float.BYTES,
                    width);
        }
    }

    private void writeOut(final Worker worker, final int firstRow, final int rows, final int head) {
        final int elementBytes = bf16Out ? Short.BYTES : Float.BYTES;
        final long headBytes = (long) headDim * elementBytes;
        for (int row = 0; row < rows; row++) {
            final long to = out + ((long) (firstRow + row) * kvHeads + head) * groupHeads * headBytes;
            for (int g = 0; g < groupHeads; g++) {
                final int place = row * groupStride + g;
                AttentionTiles.divide(
                        worker.sums.address() + (long) place * cache.valueStride() * Float.BYTES,
                        worker.divisors[place],
                        to + g * headBytes,
                        bf16Out,
                        headDim);
            }
        }
    }

    /** The page's keys in fp32. */
    private long keys(final Worker worker, final int block, final int head) {
        final long keys = cache.keys(layer, block, head);
        return cache.bf16() ? widen(worker, keys, headDim * cache.keyStride()) : keys;
    }

    private long values(final Worker worker, final int block, final int head) {
        final long values = cache.values(layer, block, head);
        return cache.bf16() ? widen(worker, values, tokensPerBlock * cache.valueStride()) : values;
    }

    private static long widen(final Worker worker, final long from, final int count) {
        Rows.fromBf16(from, worker.page.address(), count);
        return worker.page.address();
    }

    private int firstVisible(final int position) {
        return Math.max(0, position - window);
    }

    private int firstBlock(final int position) {
        return firstVisible(position) / tokensPerBlock;
    }

    /** How many keys of a block a position sees; none if zero or less. */
    private int keyCount(final int position, final int block) {
        final int begin = Math.max(firstVisible(position), block * tokensPerBlock);
        final int end = Math.min(position + 1, (block + 1) * tokensPerBlock);
        return end - begin;
    }

    @Override
    public void close() {
        for (final Worker worker : workers) {
            worker.scores.close();
            worker.sums.close();
            worker.page.close();
        }
    }
}
