package io.cheshire.model.core.kernel;

import io.cheshire.model.core.RopeTables;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The whole model in one process and one thread: one sequence at a time, no transport, any {@link Kernels}. With
 * {@link ReferenceKernels} it is the oracle that served output is compared with; with a device's kernels it is that
 * device without the cluster.
 *
 * <p>Loads every unit at construction. Owns its kernels, KV cache and buffers, not the {@link Kernels}. Not
 * thread-safe.
 */
public final class SingleProcessModel implements AutoCloseable {
    private static final int TOKENS_PER_BLOCK = 16;
    private static final int ALIGNMENT_BYTES = 64;

    /** Sees the lane after the experts of a layer have run and before their results are combined. */
    @FunctionalInterface
    public interface LayerObserver {
        /** {@code lane} holds residual, dispatched rows, routing and results of {@code layer}; don't keep it. */
        void layerDone(int layer, StepBatch batch, LaneBuffers lane);
    }

    private final ModelConfig config;
    private final int maxContext;
    private final int maxRows;
    private final RopeTables ropeTables;
    private final Arena arena = Arena.ofConfined();
    private final RouterKernel router;
    private final List<ExpertKernel> experts = new ArrayList<>();
    private final LaneBuffers lane;
    private final StepBatch batch;
    private final MemorySegment shardRows;
    private final MemorySegment shardResults;
    private final int[] shardPlaces;
    private final long rowBytes;
    private final long resultBytes;

    /**
     * @param units      the weights of each unit
     * @param maxContext the longest sequence
     * @param maxRows    the longest chunk of a prompt
     */
    public SingleProcessModel(
            final ModelConfig config,
            final Precision precision,
            final Kernels kernels,
            final RouterWeights weights,
            final Function<ExpertKey, UnitWeights> units,
            final int maxContext,
            final int maxRows) {
        this.config = config;
        this.maxContext = maxContext;
        this.maxRows = maxRows;
        ropeTables = new RopeTables(config, maxContext);
        final int blockCount = Math.ceilDiv(maxContext, TOKENS_PER_BLOCK);
        router = kernels.loadRouter(config, precision, weights, new KvLayout(blockCount, TOKENS_PER_BLOCK), maxRows);
        for (int unit = 0; unit < config.unitCount(); unit++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, config.expertCount());
            experts.add(kernels.loadExpert(config, precision, units.apply(key), maxRows));
        }
        lane = new LaneBuffers(arena, config, precision, maxRows, maxRows);
        batch = new StepBatch(maxRows, 1);
        batch.blockTables[0] = blocksInReverse(blockCount);
        rowBytes = (long) config.hiddenSize() * precision.rowDtype().bytes();
        resultBytes = (long) config.hiddenSize() * Float.BYTES;
        shardRows = arena.allocate(Math.multiplyExact(rowBytes, maxRows), ALIGNMENT_BYTES);
        shardResults = arena.allocate(Math.multiplyExact(resultBytes, maxRows), ALIGNMENT_BYTES);
        shardPlaces = new int[maxRows];
    }

    /** Not the identity, so that a kernel which ignores the block table gives wrong answers. */
    private static int[] blocksInReverse(final int blockCount) {
        final int[] table = new int[blockCount];
        Arrays.setAll(table, i -> blockCount - 1 - i);
        return table;
    }

    /**
     * {@link #logits(int[], int, int[], LayerObserver)} in chunks of {@code maxRows}, for a sequence that ends here.
     */
    public float[][] logits(final int[] tokens) {
        return logits(tokens, tokens.length, new int[] {maxRows}, (layer, b, l) -> {});
    }

    /**
     * Logits of every position, {@code [tokens.length][vocab]}, of a fresh sequence.
     *
     * @param tokens      the whole sequence
     * @param totalTokens the length the sequence may grow to: decides its RoPE table; at least {@code tokens.length}
     * @param chunks      rows of each step; the last entry is repeated until the sequence ends. {@code {1}} is
     *                    token-by-token decode
     * @param observer    called after each layer of each step
     */
    public float[][] logits(
            final int[] tokens, final int totalTokens, final int[] chunks, final LayerObserver observer) {
        begin(tokens.length, totalTokens);
        final float[][] logits = new float[tokens.length][];
        int position = 0;
        for (int step = 0; position < tokens.length; step++) {
            final int chunk = chunks[Math.min(step, chunks.length - 1)];
            final int rows = Math.min(chunk, tokens.length - position);
            step(tokens, position, rows, true, observer);
            for (int i = 0; i < rows; i++) {
                logits[position + i] = logitsRow(i);
            }
            position += rows;
        }
        return logits;
    }

    /**
     * The greedy continuation of {@code prompt}: at most {@code maxNewTokens} ids, the last of them a stop id if one
     * came. Ties go to the lowest id. The RoPE table is that of {@code prompt.length + maxNewTokens}.
     */
    public int[] greedy(final int[] prompt, final int maxNewTokens, final Set<Integer> stopIds) {
        final int totalTokens = Math.addExact(prompt.length, maxNewTokens);
        begin(prompt.length, totalTokens);
        final int[] tokens = Arrays.copyOf(prompt, totalTokens);
        int length = prompt.length;
        int position = 0;
        while (length < totalTokens) {
            final int rows = Math.min(maxRows, length - position);
            step(tokens, position, rows, false, (layer, b, l) -> {});
            position += rows;
            if (position == length) {
                tokens[length++] = argmax(logitsRow(0));
                if (stopIds.contains(tokens[length - 1])) {
                    break;
                }
            }
        }
        return Arrays.copyOfRange(tokens, prompt.length, length);
    }

    /** The largest entry's index; the lowest of equals. */
    public static int argmax(final float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    private void begin(final int tokenCount, final int totalTokens) {
        if (tokenCount < 1 || totalTokens < tokenCount || totalTokens > maxContext) {
            throw new IllegalArgumentException(
                    tokenCount + " tokens that may grow to " + totalTokens + " do not fit a context of " + maxContext);
        }
        batch.ropeTables[0] = ropeTables.forSequence(totalTokens);
    }

    private void step(
            final int[] tokens,
            final int position,
            final int rows,
            final boolean allLogits,
            final LayerObserver observer) {
        if (rows < 1 || rows > maxRows) {
            throw new IllegalArgumentException("a chunk of " + rows + " rows is not in 1 .. " + maxRows);
        }
        batch.rowCount = rows;
        batch.sequenceCount = 1;
        System.arraycopy(tokens, position, batch.tokenIds, 0, rows);
        batch.firstRow[0] = 0;
        batch.rowsOf[0] = rows;
        batch.firstPosition[0] = position;
        batch.logitsRowCount = allLogits ? rows : 1;
        for (int i = 0; i < batch.logitsRowCount; i++) {
            batch.logitsRows[i] = allLogits ? i : rows - 1;
        }
        router.embed(batch, lane);
        for (int layer = 0; layer < config.layerCount(); layer++) {
            router.attention(layer, batch, lane);
            for (int expert = 0; expert < config.expertCount(); expert++) {
                runExpert(layer, expert);
            }
            observer.layerDone(layer, batch, lane);
        }
        router.logits(batch, lane);
    }

    /** Gathers the rows routed to one expert, runs it and scatters the results to their places. */
    private void runExpert(final int layer, final int expert) {
        final int expertsPerToken = config.expertsPerToken();
        int count = 0;
        for (int place = 0; place < batch.rowCount * expertsPerToken; place++) {
            if (lane.experts[place] == expert) {
                final long row = place / expertsPerToken;
                MemorySegment.copy(lane.dispatchRows, row * rowBytes, shardRows, count * rowBytes, rowBytes);
                shardPlaces[count++] = place;
            }
        }
        if (count == 0) {
            return;
        }
        final int unit = new ExpertKey(layer, expert).unitIndex(config.expertCount());
        experts.get(unit).forward(shardRows, count, shardResults);
        for (int i = 0; i < count; i++) {
            MemorySegment.copy(shardResults, i * resultBytes, lane.results, shardPlaces[i] * resultBytes, resultBytes);
        }
    }

    private float[] logitsRow(final int index) {
        final float[] row = new float[config.headWidth()];
        MemorySegment.copy(
                lane.logits, ValueLayout.JAVA_FLOAT, (long) index * row.length * Float.BYTES, row, 0, row.length);
        return row;
    }

    /** Closes the kernels and frees the buffers. */
    @Override
    public void close() {
        experts.forEach(ExpertKernel::close);
        router.close();
        arena.close();
    }
}
