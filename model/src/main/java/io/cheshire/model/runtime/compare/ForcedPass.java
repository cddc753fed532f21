package io.cheshire.model.runtime.compare;

import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.model.runtime.checkpoint.MappedPages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A whole model in one process that reads given tokens and says what it would have expected, without transport. The
 * router's half and the experts may be in different precisions whose rows have one format. Device thread.
 */
public final class ForcedPass implements AutoCloseable {
    private static final int TOKENS_PER_BLOCK = 16;
    private static final int ALIGNMENT_BYTES = 64;

    private final ModelConfig config;
    private final RopeTables ropeTables;
    private final int window;
    private final Arena arena = Arena.ofConfined();
    private final List<ExpertKernel> experts = new ArrayList<>();
    private final RouterKernel router;
    private final LaneBuffers lane;
    private final StepBatch batch;
    private final MemorySegment shardRows;
    private final MemorySegment shardResults;
    private final int[] shardPlaces;
    private final long rowBytes;
    private final long resultBytes;

    /**
     * Loads a model.
     *
     * @param routers  precision of attention and head
     * @param ofExpert precision of each unit
     * @param window   the longest sequence; it runs in one step
     */
    public ForcedPass(
            final Kernels kernels,
            final Checkpoint checkpoint,
            final Precision routers,
            final Function<ExpertKey, Precision> ofExpert,
            final int window) {
        this.config = checkpoint.config();
        this.window = window;
        this.ropeTables = new RopeTables(config, window);
        final int blocks = Math.ceilDiv(window, TOKENS_PER_BLOCK);
        router = kernels.loadRouter(
                config, routers, checkpoint.routerWeights(), new KvLayout(blocks, TOKENS_PER_BLOCK), window);
        for (int i = 0; i < config.unitCount(); i++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(i, config.expertCount());
            final var unit = checkpoint.unit(key);
            experts.add(kernels.loadExpert(config, ofExpert.apply(key), unit, window));
            MappedPages.drop(unit);
        }
        lane = new LaneBuffers(arena, config, routers, window, window);
        batch = new StepBatch(window, 1);
        batch.blockTables[0] = new int[blocks];
        Arrays.setAll(batch.blockTables[0], i -> i);
        rowBytes = (long) config.hiddenSize() * routers.rowDtype().bytes();
        resultBytes = (long) config.hiddenSize() * Float.BYTES;
        shardRows = arena.allocate(Math.multiplyExact(rowBytes, window), ALIGNMENT_BYTES);
        shardResults = arena.allocate(Math.multiplyExact(resultBytes, window), ALIGNMENT_BYTES);
        shardPlaces = new int[window];
    }

    /**
     * Logits of every position of a sequence of its own, {@code [tokens][vocab]}.
     *
     * @param tokens 1 .. window of them
     */
    public float[][] logits(final int[] tokens) {
        if (tokens.length < 1 || tokens.length > window) {
            throw new IllegalArgumentException(tokens.length + " tokens are not 1 .. " + window);
        }
        batch.ropeTables[0] = ropeTables.forSequence(tokens.length);
        batch.rowCount = tokens.length;
        batch.sequenceCount = 1;
        System.arraycopy(tokens, 0, batch.tokenIds, 0, tokens.length);
        batch.rowsOf[0] = tokens.length;
        batch.logitsRowCount = tokens.length;
        Arrays.setAll(batch.logitsRows, i -> i);
        router.embed(batch, lane);
        for (int layer = 0; layer < config.layerCount(); layer++) {
            router.attention(layer, batch, lane);
            for (int expert = 0; expert < config.expertCount(); expert++) {
                run(layer, expert);
            }
        }
        router.logits(batch, lane);
        final float[][] logits = new float[tokens.length][config.vocabSize()];
        for (int i = 0; i < tokens.length; i++) {
            final long from = (long) i * config.vocabSize() * Float.BYTES;
            MemorySegment.copy(lane.logits, ValueLayout.JAVA_FLOAT, from, logits[i], 0, config.vocabSize());
        }
        return logits;
    }

    private void run(final int layer, final int expert) {
        final int choices = config.expertsPerToken();
        int count = 0;
        for (int place = 0; place < batch.rowCount * choices; place++) {
            if (lane.experts[place] == expert) {
                final long row = place / choices;
                MemorySegment.copy(lane.dispatchRows, row * rowBytes, shardRows, count * rowBytes, rowBytes);
                shardPlaces[count++] = place;
            }
        }
        if (count == 0) {
            return;
        }
        experts.get(new ExpertKey(layer, expert).unitIndex(config.expertCount()))
                .forward(shardRows, count, shardResults);
        for (int i = 0; i < count; i++) {
            MemorySegment.copy(shardResults, i * resultBytes, lane.results, shardPlaces[i] * resultBytes, resultBytes);
        }
    }

    @Override
    public void close() {
        experts.forEach(ExpertKernel::close);
        router.close();
        arena.close();
    }
}
