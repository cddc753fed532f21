package io.cheshire.router.runtime.engine;

import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.router.core.exchange.FailoverPolicy;
import io.cheshire.router.core.exchange.SplitPolicy;
import io.cheshire.router.core.schedule.LaneFill;
import io.cheshire.router.core.schedule.SchedulerLimits;
import io.cheshire.router.core.speculate.JumpForward;
import io.cheshire.router.core.speculate.Speculation;
import io.cheshire.settings.SettingReader;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The engine's limits; {@code reference.conf} has units, defaults and reasons.
 *
 * @param lanes               micro-batches in flight
 * @param laneFill            how sequences are dealt to lanes
 * @param maxRowsPerStep      rows of one step of one lane
 * @param maxSequencesPerLane sequences one lane runs at a time
 * @param maxPromptScoreRows  rows of one step whose logits only score a prompt
 * @param maxShardRows        rows of one shard
 * @param queueLimit          sequences that wait for their first step
 * @param contextLimit        longest sequence, prompt and output together; the model's own limit if lower
 * @param kv                  the KV cache
 * @param speculation         whether and how far tokens are guessed ahead
 * @param jumpForward         whether and how far sequences jump over what their grammar leaves no choice of
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
        KvConfig kv,
        Speculation speculation,
        JumpForward jumpForward,
        FailoverPolicy failover,
        SplitPolicy split,
        long reconnectNs,
        long abandonNs) {
    /** The section. */
    public static final String SECTION = "cheshire.router.engine";

    /** For whom decides what {@code auto} means. */
    public static final String LANE_FILL = SECTION + ".lane-fill";

    private static final int MAX_LANES = 64;
    private static final Duration LEAST = Duration.ofNanos(1);
    private static final Duration MOST = Duration.ofDays(1);

    /**
     * The KV cache.
     *
     * @param bytes       its size
     * @param blockTokens positions in a block; a power of two
     * @param prefixCache share the blocks of equal prefixes
     */
    public record KvConfig(long bytes, int blockTokens, boolean prefixCache) {
        private static KvConfig from(final SettingReader kv) {
            final KvConfig config = new KvConfig(
                    kv.bytes("bytes", 1, Long.MAX_VALUE),
                    kv.number("block-tokens", 1, Integer.MAX_VALUE),
                    kv.flag("prefix-cache"));
            kv.require(Integer.bitCount(config.blockTokens) == 1, "block-tokens", "must be a power of two");
            return config;
        }
    }

    /** Reads {@code cheshire.router.engine} of a whole configuration. */
    public static EngineConfig from(final SettingReader root) {
        final SettingReader engine = root.section(SECTION);
        final EngineConfig config = new EngineConfig(
                engine.number("lanes", 1, MAX_LANES),
                laneFill(engine),
                engine.number("max-rows-per-step", 1, Integer.MAX_VALUE),
                engine.number("max-sequences-per-lane", 1, Integer.MAX_VALUE),
                engine.number("max-prompt-score-rows", 1, Integer.MAX_VALUE),
                engine.number("max-shard-rows", 1, Integer.MAX_VALUE),
                engine.number("queue-limit", 1, Integer.MAX_VALUE),
                engine.number("context-limit", 1, Integer.MAX_VALUE),
                KvConfig.from(engine.section("kv")),
                Speculation.from(engine),
                JumpForward.from(engine),
                FailoverPolicy.from(engine),
                SplitPolicy.from(engine.section("split")),
                engine.durationNs("reconnect-interval", LEAST, MOST),
                engine.durationNs("abandon-after", LEAST, MOST));
        engine.require(
                config.maxRowsPerStep >= config.maxSequencesPerLane,
                "max-rows-per-step",
                "must not be less than " + engine.key("max-sequences-per-lane") + " (" + config.maxSequencesPerLane
                        + "), since every running sequence needs a row; raise the one or lower the other");
        return config;
    }

    /** The same but for what is guessed. */
    public EngineConfig with(final Speculation guessing) {
        return with(guessing, jumpForward);
    }

    /** The same but for what is jumped over. */
    public EngineConfig with(final JumpForward jumps) {
        return with(speculation, jumps);
    }

    private EngineConfig with(final Speculation guessing, final JumpForward jumps) {
        return new EngineConfig(
                lanes,
                laneFill,
                maxRowsPerStep,
                maxSequencesPerLane,
                maxPromptScoreRows,
                maxShardRows,
                queueLimit,
                contextLimit,
                kv,
                guessing,
                jumps,
                failover,
                split,
                reconnectNs,
                abandonNs);
    }

    private static LaneFill laneFill(final SettingReader engine) {
        final Map<String, LaneFill> words = new LinkedHashMap<>();
        words.put("auto", LaneFill.EVEN);
        words.put("even", LaneFill.EVEN);
        words.put("packed", LaneFill.PACKED);
        return engine.choice("lane-fill", words);
    }

    /** The longest sequence of a model under this configuration, the pool's size not considered. */
    public int contextTokens(final ModelConfig model) {
        return Math.min(contextLimit, model.maxPositionEmbeddings());
    }

    /**
     * The KV cache to allocate: as many blocks as {@code kv.bytes} hold, but no more than all lanes could ever use.
     *
     * @param kernels whose cache it will be: they differ in precision and padding
     */
    public KvLayout kvLayout(final ModelConfig model, final Precision precision, final Kernels kernels) {
        final long blockBytes = kernels.kvBlockBytes(model, precision, kv.blockTokens);
        final long affordable = kv.bytes / blockBytes;
        final long usable = Math.multiplyExact(
                (long) lanes * maxSequencesPerLane, Math.ceilDiv(contextTokens(model), kv.blockTokens));
        final long blocks = Math.min(Math.min(affordable, usable), Integer.MAX_VALUE);
        if (blocks < 1) {
            throw new IllegalArgumentException(SECTION + ".kv.bytes = " + kv.bytes
                    + ": must be at least one block of this model, " + blockBytes + " bytes");
        }
        return new KvLayout((int) blocks, kv.blockTokens);
    }

    /** Of a head that scores every row of a step may be asked: its outputs are few. */
    SchedulerLimits schedulerLimits(final KvLayout layout, final ModelConfig model) {
        return new SchedulerLimits(
                lanes,
                laneFill,
                maxRowsPerStep,
                maxSequencesPerLane,
                model.scoreHead() == null ? maxPromptScoreRows : maxRowsPerStep,
                layout.tokensPerBlock(),
                kv.prefixCache,
                draftRows());
    }

    /** Guessed rows of one step, each with logits. */
    private int draftRows() {
        final int lookups = speculation.isOn() ? speculation.maxRowsPerStep() : 0;
        final int jumps = jumpForward.isOn() ? jumpForward.maxRowsPerStep() : 0;
        return Math.min(lookups + jumps, maxRowsPerStep);
    }
}
