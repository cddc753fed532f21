package io.cheshire.router.runtime.engine;

import com.typesafe.config.Config;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.router.core.exchange.FailoverPolicy;
import io.cheshire.router.core.exchange.GrayPolicy;
import io.cheshire.router.core.exchange.HedgePolicy;
import io.cheshire.router.core.exchange.RetryPolicy;
import io.cheshire.router.core.exchange.SplitPolicy;
import io.cheshire.router.core.schedule.LaneFill;
import io.cheshire.router.core.schedule.SchedulerLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The engine's limits; {@code reference.conf} has units, defaults and reasons. Cross-checked here, all problems at once.
 *
 * @param lanes               micro-batches in flight
 * @param laneFill            how sequences are dealt to lanes
 * @param maxRowsPerStep      rows of one step of one lane
 * @param maxSequencesPerLane sequences one lane runs at a time
 * @param maxPromptScoreRows  rows of one step whose logits only score a prompt
 * @param maxShardRows        rows of one shard
 * @param queueLimit          sequences that wait for their first step
 * @param contextLimit        longest sequence, prompt and output together; the model's own limit if lower
 * @param kvBytes             size of the KV cache
 * @param blockTokens         positions in a KV block; a power of two
 * @param prefixCache         share the KV blocks of equal prefixes
 * @param failover            what happens to shards that are refused or late, and to nodes that are slow
 * @param split               how a unit's rows are shared by its replicas
 * @param reconnectNs         how often to try nodes that aren't connected
 * @param abandonNs           how long a layer may hang on when nobody waits for its step any more
 */
public record EngineConfig(
        int lanes,
        LaneFill laneFill,
        int maxRowsPerStep,
        int maxSequencesPerLane,
        int maxPromptScoreRows,
        int maxShardRows,
        int queueLimit,
        int contextLimit,
        long kvBytes,
        int blockTokens,
        boolean prefixCache,
        FailoverPolicy failover,
        SplitPolicy split,
        long reconnectNs,
        long abandonNs) {
    private static final String PATH = "cheshire.router.engine";

    public EngineConfig {
        final List<String> problems = new ArrayList<>();
        positive(problems, "lanes", lanes);
        positive(problems, "max-rows-per-step", maxRowsPerStep);
        positive(problems, "max-sequences-per-lane", maxSequencesPerLane);
        positive(problems, "max-prompt-score-rows", maxPromptScoreRows);
        positive(problems, "max-shard-rows", maxShardRows);
        positive(problems, "queue-limit", queueLimit);
        positive(problems, "context-limit", contextLimit);
        positive(problems, "kv.bytes", kvBytes);
        positive(problems, "reconnect-interval", reconnectNs);
        positive(problems, "abandon-after", abandonNs);
        if (blockTokens < 1 || Integer.bitCount(blockTokens) != 1) {
            problems.add("kv.block-tokens is " + blockTokens + "; it must be a power of two");
        }
        if (maxRowsPerStep < maxSequencesPerLane) {
            problems.add("max-rows-per-step is " + maxRowsPerStep + ", less than max-sequences-per-lane "
                    + maxSequencesPerLane + ": every running sequence needs a row; raise the one or lower the other");
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(PATH + ": " + String.join("; ", problems));
        }
    }

    private static void positive(final List<String> problems, final String key, final long value) {
        if (value < 1) {
            problems.add(key + " is " + value + "; it must be positive");
        }
    }

    /** Reads {@code cheshire.router.engine} of a whole configuration. */
    public static EngineConfig from(final Config root) {
        final Config config = root.getConfig(PATH);
        return new EngineConfig(
                config.getInt("lanes"),
                laneFill(config.getString("lane-fill")),
                config.getInt("max-rows-per-step"),
                config.getInt("max-sequences-per-lane"),
                config.getInt("max-prompt-score-rows"),
                config.getInt("max-shard-rows"),
                config.getInt("queue-limit"),
                config.getInt("context-limit"),
                config.getBytes("kv.bytes"),
                config.getInt("kv.block-tokens"),
                config.getBoolean("kv.prefix-cache"),
                failover(config),
                new SplitPolicy(config.getBoolean("split.enabled"), config.getInt("split.ridge-rows")),
                nanos(config, "reconnect-interval"),
                nanos(config, "abandon-after"));
    }

    private static FailoverPolicy failover(final Config config) {
        return new FailoverPolicy(
                new RetryPolicy(
                        nanos(config, "retry.first-backoff"),
                        nanos(config, "retry.max-backoff"),
                        config.getInt("retry.max-compute-failures"),
                        config.getInt("retry.max-nodes-lost")),
                new HedgePolicy(
                        config.getDouble("hedge.deadline-multiple"),
                        nanos(config, "hedge.min-deadline"),
                        nanos(config, "hedge.max-deadline"),
                        config.getInt("hedge.min-samples"),
                        config.getDouble("hedge.budget-share"),
                        config.getInt("hedge.budget-burst"),
                        nanos(config, "hedge.answer-timeout")),
                new GrayPolicy(
                        config.getDouble("slow-node.from-multiple"),
                        config.getDouble("slow-node.until-multiple"),
                        nanos(config, "slow-node.base"),
                        config.getInt("slow-node.trickle"),
                        config.getDouble("slow-node.preference")));
    }

    private static long nanos(final Config config, final String path) {
        return config.getDuration(path, TimeUnit.NANOSECONDS);
    }

    private static LaneFill laneFill(final String value) {
        return switch (value) {
            case "auto", "even" -> LaneFill.EVEN;
            case "packed" -> LaneFill.PACKED;
            default ->
                throw new IllegalArgumentException(
                        PATH + ".lane-fill is '" + value + "'; it must be auto, even or packed");
        };
    }

    /** The longest sequence of a model under this configuration, the pool's size not considered. */
    public int contextTokens(final ModelConfig model) {
        return Math.min(contextLimit, model.maxPositionEmbeddings());
    }

    /**
     * The KV cache to allocate: as many blocks as {@code kvBytes} hold, but no more than all lanes could ever use.
     *
     * @param kernels whose cache it will be: they differ in precision and padding
     */
    public KvLayout kvLayout(final ModelConfig model, final Precision precision, final Kernels kernels) {
        final long blockBytes = kernels.kvBlockBytes(model, precision, blockTokens);
        final long affordable = kvBytes / blockBytes;
        final long usable =
                Math.multiplyExact((long) lanes * maxSequencesPerLane, Math.ceilDiv(contextTokens(model), blockTokens));
        final long blocks = Math.min(Math.min(affordable, usable), Integer.MAX_VALUE);
        if (blocks < 1) {
            throw new IllegalArgumentException(PATH + ".kv.bytes is " + kvBytes + ", less than one block of "
                    + blockBytes + " bytes for this model; raise it");
        }
        return new KvLayout((int) blocks, blockTokens);
    }

    SchedulerLimits schedulerLimits(final KvLayout kv) {
        return new SchedulerLimits(
                lanes,
                laneFill,
                maxRowsPerStep,
                maxSequencesPerLane,
                maxPromptScoreRows,
                kv.tokensPerBlock(),
                prefixCache);
    }
}
