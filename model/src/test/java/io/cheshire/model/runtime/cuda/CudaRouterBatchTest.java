package io.cheshire.model.runtime.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.core.RopeTable;
import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.onednn.RandomWeights;
import io.cheshire.model.testing.EmulatedCuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Up to 512 sequences at once, which share a long beginning: each row has the same bits in steps of 1 to 512 rows in
 * any order. The scratch for splits holds 1024 of the 1536 that 512 rows see, so attention runs in parts, too.
 */
class CudaRouterBatchTest {
    private static final long SEED = 11;
    private static final int MAX_ROWS = 512;
    private static final int TOKENS = 16;
    private static final int SHARED_BLOCKS = 32;
    private static final ModelConfig CONFIG = RandomWeights.config(96, 32, 16, 1, 2, 1, 16, 4, null);

    private final RopeTable rope = new RopeTables(CONFIG, 1024).forSequence(600);
    private final StepBatch batch = new StepBatch(MAX_ROWS, MAX_ROWS);

    @Test
    void shouldGiveARowTheSameBitsInStepsOfOneToFiveHundredAndTwelveRows() {
        final Random random = new Random(SEED);
        final RandomWeights weights = new RandomWeights(CONFIG, Dtype.BF16, 3);
        try (Arena arena = Arena.ofConfined();
                CudaKernels kernels = EmulatedKernels.open(EmulatedCuda.fresh());
                RouterKernel router = kernels.loadRouter(
                        CONFIG,
                        Precision.BF16,
                        weights.router(),
                        new KvLayout(SHARED_BLOCKS + MAX_ROWS, TOKENS),
                        MAX_ROWS)) {
            final LaneBuffers lane = new LaneBuffers(arena, CONFIG, Precision.BF16, MAX_ROWS, MAX_ROWS);
            beginning(router, lane);
            final List<Integer> all =
                    new ArrayList<>(IntStream.range(0, MAX_ROWS).boxed().toList());
            final List<String> expected = step(router, lane, all);
            for (final int count : new int[] {1, 2, 7, 8, 9, 16, 17, 64, 65, 511, 512}) {
                Collections.shuffle(all, random);
                final List<Integer> some = all.subList(0, count);
                assertThat(step(router, lane, some))
                        .as("%d rows, seed %d", count, SEED)
                        .isEqualTo(some.stream().map(expected::get).toList());
            }
        }
    }

    /** Fills the blocks that all share. */
    private void beginning(final RouterKernel router, final LaneBuffers lane) {
        final int rows = SHARED_BLOCKS * TOKENS;
        batch.rowCount = rows;
        batch.sequenceCount = 1;
        batch.firstRow[0] = 0;
        batch.rowsOf[0] = rows;
        batch.firstPosition[0] = 0;
        batch.blockTables[0] = IntStream.range(0, SHARED_BLOCKS).toArray();
        batch.ropeTables[0] = rope;
        for (int row = 0; row < rows; row++) {
            batch.tokenIds[row] = row * 7 % CONFIG.vocabSize();
        }
        router.embed(batch, lane);
        router.attention(0, batch, lane);
    }

    /** The next token of some sequences: all that a router computes of each, as text. */
    private List<String> step(final RouterKernel router, final LaneBuffers lane, final List<Integer> sequences) {
        batch.rowCount = sequences.size();
        batch.sequenceCount = sequences.size();
        batch.logitsRowCount = sequences.size();
        for (int row = 0; row < sequences.size(); row++) {
            final int sequence = sequences.get(row);
            batch.tokenIds[row] = sequence * 31 % CONFIG.vocabSize();
            batch.firstRow[row] = row;
            batch.rowsOf[row] = 1;
            batch.firstPosition[row] = SHARED_BLOCKS * TOKENS;
            batch.blockTables[row] = IntStream.rangeClosed(0, SHARED_BLOCKS)
                    .map(block -> block < SHARED_BLOCKS ? block : SHARED_BLOCKS + sequence)
                    .toArray();
            batch.ropeTables[row] = rope;
            batch.logitsRows[row] = row;
        }
        router.embed(batch, lane);
        router.attention(0, batch, lane);
        for (int row = 0; row < sequences.size(); row++) {
            final Random experts = new Random(sequences.get(row));
            for (int i = 0; i < 2 * CONFIG.hiddenSize(); i++) {
                lane.results.setAtIndex(JAVA_FLOAT, 2L * row * CONFIG.hiddenSize() + i, experts.nextFloat() - 0.5f);
            }
        }
        router.logits(batch, lane);
        return IntStream.range(0, sequences.size())
                .mapToObj(row -> lane.experts[2 * row] + " " + lane.experts[2 * row + 1] + " " + lane.weights[2 * row]
                        + " " + hash(lane.dispatchRows, row, CONFIG.hiddenSize() * Short.BYTES) + " "
                        + hash(lane.logits, row, CONFIG.vocabSize() * Float.BYTES))
                .toList();
    }

    private static long hash(final MemorySegment rows, final int row, final int rowBytes) {
        final MemorySegment bytes = rows.asSlice((long) row * rowBytes, rowBytes);
        long hash = 17;
        for (long i = 0; i < rowBytes; i++) {
            hash = 31 * hash + bytes.get(JAVA_BYTE, i);
        }
        return hash;
    }
}
