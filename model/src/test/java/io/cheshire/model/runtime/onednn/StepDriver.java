package io.cheshire.model.runtime.onednn;

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
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Runs steps of several sequences at once over any kernels, with KV blocks dealt out as a test wishes. */
public final class StepDriver implements AutoCloseable {
    public static final int MAX_ROWS = 256;

    /** A sequence and how far it has come. */
    public static final class Sequence {
        private final int[] tokens;
        private final int[] blocks;
        private int position;
        /** Logits of every position so far. */
        public final float[][] logits;

        public Sequence(final int[] tokens, final int... blocks) {
            this.tokens = tokens;
            this.blocks = blocks;
            this.logits = new float[tokens.length][];
        }

        public int left() {
            return tokens.length - position;
        }
    }

    private final ModelConfig config;
    private final Arena arena = Arena.ofConfined();
    private final RouterKernel router;
    private final List<ExpertKernel> experts = new ArrayList<>();
    private final LaneBuffers lane;
    private final StepBatch batch = new StepBatch(MAX_ROWS, 16);
    private final RopeTables rope;
    private final MemorySegment rows;
    private final MemorySegment results;
    private final long rowBytes;
    private final long resultBytes;

    public StepDriver(
            final Kernels kernels, final RandomWeights weights, final Precision precision, final KvLayout kv) {
        config = weights.config();
        router = kernels.loadRouter(config, precision, weights.router(), kv, MAX_ROWS);
        for (int unit = 0; unit < config.unitCount(); unit++) {
            experts.add(kernels.loadExpert(
                    config, precision, weights.unit(ExpertKey.ofUnitIndex(unit, config.expertCount())), MAX_ROWS));
        }
        lane = new LaneBuffers(arena, config, precision, MAX_ROWS, MAX_ROWS);
        rope = new RopeTables(config, 1024);
        rowBytes = (long) config.hiddenSize() * precision.rowDtype().bytes();
        resultBytes = (long) config.hiddenSize() * Float.BYTES;
        rows = arena.allocate(rowBytes * MAX_ROWS, 64);
        results = arena.allocate(resultBytes * MAX_ROWS, 64);
    }

    /** One step: {@code counts[i]} rows of {@code sequences[i]}. */
    public void step(final Sequence[] sequences, final int[] counts) {
        batch.rowCount = 0;
        batch.sequenceCount = 0;
        for (int i = 0; i < sequences.length; i++) {
            add(sequences[i], counts[i]);
        }
        batch.logitsRowCount = batch.rowCount;
        for (int i = 0; i < batch.rowCount; i++) {
            batch.logitsRows[i] = i;
        }
        router.embed(batch, lane);
        for (int layer = 0; layer < config.layerCount(); layer++) {
            router.attention(layer, batch, lane);
            for (int expert = 0; expert < config.expertCount(); expert++) {
                runExpert(layer, expert);
            }
        }
        router.logits(batch, lane);
        int row = 0;
        for (int i = 0; i < sequences.length; i++) {
            for (int n = 0; n < counts[i]; n++) {
                sequences[i].logits[sequences[i].position + n] = logits(row++);
            }
            sequences[i].position += counts[i];
        }
    }

    private void add(final Sequence sequence, final int count) {
        if (count == 0) {
            return;
        }
        final int slot = batch.sequenceCount++;
        System.arraycopy(sequence.tokens, sequence.position, batch.tokenIds, batch.rowCount, count);
        batch.firstRow[slot] = batch.rowCount;
        batch.rowsOf[slot] = count;
        batch.firstPosition[slot] = sequence.position;
        batch.blockTables[slot] = sequence.blocks;
        batch.ropeTables[slot] = rope.forSequence(512);
        batch.rowCount += count;
    }

    private void runExpert(final int layer, final int expert) {
        final List<Integer> places = new ArrayList<>();
        for (int place = 0; place < 2 * batch.rowCount; place++) {
            if (lane.experts[place] == expert) {
                MemorySegment.copy(lane.dispatchRows, place / 2 * rowBytes, rows, places.size() * rowBytes, rowBytes);
                places.add(place);
            }
        }
        if (places.isEmpty()) {
            return;
        }
        experts.get(layer * config.expertCount() + expert).forward(rows, places.size(), results);
        for (int i = 0; i < places.size(); i++) {
            MemorySegment.copy(results, i * resultBytes, lane.results, places.get(i) * resultBytes, resultBytes);
        }
    }

    private float[] logits(final int row) {
        final float[] values = new float[config.vocabSize()];
        MemorySegment.copy(
                lane.logits, ValueLayout.JAVA_FLOAT, (long) row * values.length * 4, values, 0, values.length);
        return values;
    }

    /** The whole sequence in one step, by itself. */
    public float[][] alone(final int[] tokens, final int... blocks) {
        final Sequence sequence = new Sequence(tokens, blocks);
        step(new Sequence[] {sequence}, new int[] {tokens.length});
        return sequence.logits;
    }

    @Override
    public void close() {
        experts.forEach(ExpertKernel::close);
        router.close();
        arena.close();
    }
}
