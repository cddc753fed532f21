package io.cheshire.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.router.core.exchange.Exchange;
import io.cheshire.router.core.exchange.FailoverPolicy;
import io.cheshire.router.core.exchange.GrayPolicy;
import io.cheshire.router.core.exchange.HedgePolicy;
import io.cheshire.router.core.exchange.RetryPolicy;
import io.cheshire.router.core.exchange.ShardSender;
import io.cheshire.router.core.exchange.SplitPolicy;
import io.cheshire.router.core.sample.Sampler;
import io.cheshire.router.core.sample.SamplingPlan;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rows in steady flow leave no garbage behind. */
class TokenPathGarbageTest {
    private static final int WARM_UP = 3000;
    private static final int MEASURED = 3000;
    private static final int ROWS = 32;
    private static final ModelConfig MODEL = GoldenModel.config();
    private static final FailoverPolicy POLICY = new FailoverPolicy(
            new RetryPolicy(1, 1, 1, 2),
            new HedgePolicy(3, 1, 1000, 16, 0.05, 8, 1000),
            new GrayPolicy(3, 1.5, 1, 16, 1.5));

    @Test
    void shouldNotAllocatePerRowInTheExchange() {
        final MemorySegment results = MemorySegment.ofArray(new float[ROWS * 2 * MODEL.hiddenSize()]);
        final Exchange exchange = new Exchange(MODEL, List.of(results), ROWS, ROWS, POLICY, new SplitPolicy(true, 2));
        exchange.placement(new Placement(
                1,
                8,
                IntStream.range(0, 16)
                        .mapToObj(u -> List.of(u % 8, (u + 1) % 8))
                        .toList()));
        IntStream.range(0, 8).forEach(node -> exchange.nodeReady(node, 0));
        final Random random = new Random(1);
        final int[] experts =
                IntStream.range(0, 2 * ROWS).map(i -> random.nextInt(8)).toArray();
        final MemorySegment answer = MemorySegment.ofArray(new float[ROWS * MODEL.hiddenSize()]);
        final Answering sender = new Answering();
        assertNoGarbage(ROWS, () -> {
            exchange.beginStep(0);
            exchange.beginLayer(0, 1, 0, ROWS, experts);
            sender.count = 0;
            exchange.pump(0, 0, sender);
            for (int i = 0; i < sender.count; i++) {
                exchange.onResult(sender.nodes[i], sender.shards[i], 0, 0, 0, sender.rows[i], answer, 0);
            }
            if (!exchange.layerComplete(0)) {
                throw new AssertionError("a result is missing");
            }
        });
    }

    private static final class Answering implements ShardSender {
        final int[] nodes = new int[64];
        final long[] shards = new long[64];
        final int[] rows = new int[64];
        int count;

        @Override
        public int creditRows(final int nodeId) {
            return 1000;
        }

        @Override
        public SendOutcome dispatch(final Shard shard) {
            shard.rowsSent = shard.rowCount;
            nodes[count] = shard.nodeId;
            shards[count] = shard.shardId;
            rows[count++] = shard.rowCount;
            return SendOutcome.SENT;
        }
    }

    @Test
    void shouldNotAllocateWhenSampling() {
        final int vocab = 64;
        final Sampler sampler = new Sampler(vocab, null);
        final float[] logits = new float[vocab];
        final Random random = new Random(2);
        for (int i = 0; i < vocab; i++) {
            logits[i] = (float) random.nextGaussian();
        }
        final MemorySegment row = MemorySegment.ofArray(logits);
        final SamplingParams params = new SamplingParams(0.8, 40, 0.9, 0.01, 0.1, 0.1, 1.1, Map.of(3, 1.0), 9);
        final SamplingPlan plan = new SamplingPlan(
                new GenerationRequest(List.of(1), 8, 0, Set.of(), params, -1, -1, "", 0, TokenRules.NONE), vocab);
        final int[] tokens = {1, 2, 3, 4};
        assertNoGarbage(1, () -> {
            sampler.load(row, 0);
            sampler.sample(plan, tokens, 1, 4);
        });
    }

    /** Less than a byte a row: what is left is the measurement's own. */
    private static void assertNoGarbage(final int rows, final Runnable action) {
        for (int i = 0; i < WARM_UP; i++) {
            action.run();
        }
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < MEASURED; i++) {
            action.run();
        }
        final double bytesPerRow = (threads.getCurrentThreadAllocatedBytes() - before) / ((double) MEASURED * rows);
        System.out.println("bytes a row: " + bytesPerRow);
        assertThat(bytesPerRow).isLessThan(1);
    }
}
