package io.cheshire.benchmarks.engine;

import io.cheshire.benchmarks.engine.core.EngineCase;
import io.cheshire.benchmarks.engine.core.Mode;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.process.DeviceConfig;
import io.cheshire.ops.runtime.process.ModelSettings;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.router.runtime.engine.EngineConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what to measure, and the settings that follow from them. */
final class EngineOptions {
    private static final int MAX_BATCH = 4096;
    private static final int MAX_ROUNDS = 1000;
    private static final int VECTOR_ELEMENTS = 16;
    /** Sequences that decode already go on a little while the last ones are stopped. */
    private static final int SPARE_TOKENS = 16;

    @Option(names = "--model", paramLabel = "DIR", description = "checkpoint directory (default: models/cheshire-mini)")
    @Nullable
    Path model;

    @Option(
            names = "--prompt",
            split = ",",
            paramLabel = "TOKENS",
            defaultValue = "512",
            description = "length of every prompt; several are measured in turn (default ${DEFAULT-VALUE})")
    List<Integer> prompt = List.of();

    @Option(
            names = "--generate",
            paramLabel = "TOKENS",
            defaultValue = "64",
            description =
                    "tokens of every sequence that are counted, once all of them decode (default ${DEFAULT-VALUE})")
    int generate;

    @Option(
            names = "--batch",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,16",
            description = "sequences at once; several are measured in turn (default ${DEFAULT-VALUE})")
    List<Integer> batch = List.of();

    @Option(
            names = "--repeat",
            paramLabel = "N",
            defaultValue = "3",
            description = "counted rounds of every case, after one that warms up (default ${DEFAULT-VALUE})")
    int repeat;

    @Option(
            names = "--no-transport",
            description = "only the engine that calls the experts' kernels directly (default: both, in turn)")
    boolean noTransport;

    @Option(names = "--nodes", paramLabel = "N", description = "expert nodes (default 16)")
    @Nullable
    Integer nodes;

    @Option(
            names = "--precision",
            paramLabel = "bf16|fp32|int8|int4",
            description = "how matmuls are computed (default bf16)")
    @Nullable
    String precision;

    @Option(names = "--threads", paramLabel = "N", description = "threads of a kernel call (default: all cores)")
    @Nullable
    Integer threads;

    @Option(names = "--config", paramLabel = "FILE", description = "HOCON file; flags win over it")
    @Nullable
    Path config;

    @Option(
            names = "-D",
            paramLabel = "KEY=VALUE",
            description = "any configuration key, for example -Dcheshire.router.engine.lanes=1")
    Map<String, String> overrides = new LinkedHashMap<>();

    /** The cases asked for, smallest first as given. */
    List<EngineCase> cases() {
        final List<EngineCase> cases = new ArrayList<>();
        for (final int promptTokens : prompt) {
            for (final int sequences : batch) {
                cases.add(new EngineCase(promptTokens, generate, sequences));
            }
        }
        return cases;
    }

    /** The modes to compare. */
    List<Mode> modes() {
        return noTransport ? List.of(Mode.DIRECT) : List.of(Mode.TRANSPORT, Mode.DIRECT);
    }

    /** @throws BenchException names every option that makes no sense by itself */
    void check() {
        final List<String> problems = new ArrayList<>();
        prompt.forEach(tokens -> range(problems, "--prompt", tokens, 1, Integer.MAX_VALUE));
        batch.forEach(sequences -> range(problems, "--batch", sequences, 1, MAX_BATCH));
        range(problems, "--generate", generate, 1, Integer.MAX_VALUE);
        range(problems, "--repeat", repeat, 1, MAX_ROUNDS);
        if (nodes != null) {
            range(problems, "--nodes", nodes, 1, MAX_BATCH);
        }
        if (threads != null) {
            range(problems, "--threads", threads, 1, Runtime.getRuntime().availableProcessors());
        }
        if (!problems.isEmpty()) {
            throw new BenchException(String.join("\n", problems));
        }
    }

    private static void range(
            final List<String> problems, final String option, final int value, final int least, final int most) {
        if (value < least || value > most) {
            problems.add(option + " is " + value + "; it must be " + least
                    + (most == Integer.MAX_VALUE ? " or more" : " to " + most));
        }
    }

    /** What the flags set, over files and defaults. */
    Settings settings() {
        final Map<String, Object> flags = new LinkedHashMap<>(overrides);
        put(flags, ModelSettings.DIRECTORY, model == null ? null : model.toString());
        put(flags, ModelSettings.PRECISION, precision);
        put(flags, ProcessConfig.NODES, nodes);
        put(flags, DeviceConfig.THREADS, threads);
        return Settings.load(config, flags);
    }

    private static void put(final Map<String, Object> flags, final String key, final @Nullable Object value) {
        if (value != null) {
            flags.put(key, value);
        }
    }

    /**
     * Settings with room for every case: contexts, sequences and KV cache as large as needed and no larger, so that
     * memory can be compared with need. The prefix cache is off, since no prompt may be answered from an earlier
     * round's.
     *
     * @param model sets the longest context
     */
    Settings roomFor(final Settings settings, final ModelConfig model) {
        final Map<String, Object> room = new LinkedHashMap<>();
        final String engine = EngineConfig.SECTION + ".";
        final ProcessConfig asked = settings.read(ProcessConfig::alone);
        final int lanes = asked.engine().lanes();
        final int rows = asked.engine().maxRowsPerStep();
        final int sequences = cases().stream().mapToInt(EngineCase::batch).max().orElse(1);
        room.put(engine + "kv.prefix-cache", false);
        room.put(engine + "max-sequences-per-lane", sequences);
        room.put(engine + "max-rows-per-step", Math.max(rows, sequences));
        room.put(engine + "queue-limit", sequences);
        final int contextTokens = contextTokens(model, lanes, rows);
        room.put(engine + "context-limit", contextTokens);
        room.put(engine + "kv.bytes", kvBytes(asked, model, sequences, contextTokens));
        return settings.with(room);
    }

    /** For so many sequences of full length; layouts pad to whole vectors. */
    private static long kvBytes(
            final ProcessConfig asked, final ModelConfig model, final int sequences, final int contextTokens) {
        final int blockTokens = roundUp(asked.engine().kv().blockTokens());
        final boolean reference = asked.device().kernels() == DeviceConfig.KernelKind.REFERENCE;
        final int elementBytes =
                reference ? Float.BYTES : asked.model().precision().rowDtype().bytes();
        final long positions = (long) sequences * Math.ceilDiv(contextTokens, blockTokens) * blockTokens;
        final long positionBytes =
                2L * model.layerCount() * model.kvHeadCount() * roundUp(model.headDim()) * elementBytes;
        return Math.multiplyExact(positions, positionBytes);
    }

    private static int roundUp(final int elements) {
        return Math.ceilDiv(elements, VECTOR_ELEMENTS) * VECTOR_ELEMENTS;
    }

    /** The longest sequence: the prompt, what is counted, and what the first may generate while others' prompts run. */
    private int contextTokens(final ModelConfig model, final int lanes, final int rowsPerStep) {
        long longest = 1;
        for (final EngineCase each : cases()) {
            final long counted = (long) each.promptTokens() + each.generatedTokens() + 1;
            if (counted > model.maxPositionEmbeddings()) {
                throw new BenchException("--prompt " + each.promptTokens() + " and --generate " + each.generatedTokens()
                        + " need " + counted + " positions; this model has " + model.maxPositionEmbeddings()
                        + ": lower one of them");
            }
            final long promptRows = (long) Math.ceilDiv(each.batch(), lanes) * each.promptTokens();
            final long promptSteps = Math.ceilDiv(2 * promptRows, rowsPerStep) + each.batch();
            longest = Math.max(longest, counted + promptSteps + SPARE_TOKENS);
        }
        return (int) Math.min(longest, model.maxPositionEmbeddings());
    }
}
