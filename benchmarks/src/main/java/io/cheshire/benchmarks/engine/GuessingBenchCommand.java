package io.cheshire.benchmarks.engine;

import io.cheshire.benchmarks.engine.core.Guessing;
import io.cheshire.benchmarks.engine.runtime.GuessingBench;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.model.runtime.text.TextLimits;
import io.cheshire.model.runtime.text.TextSupport;
import io.cheshire.model.runtime.text.TokenizerFiles;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.process.ModelSettings;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.router.core.speculate.Speculation;
import io.cheshire.router.runtime.engine.EngineConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cheshire bench guessing}: what prompt-lookup speculation gives on a text. */
@Command(
        name = "guessing",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Measures decode with and without guessed tokens (speculative = prompt-lookup), in turn, on a text"
                        + " and on a passage of it that is repeated; both must give the same tokens. Exit status: 0"
                        + " measured; 1 the run failed, or tokens differed; 2 wrong usage.")
public final class GuessingBenchCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
    private CommandSpec spec;

    @Mixin
    private EngineOptions options = new EngineOptions();

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description = "UTF-8 text whose beginning is the prompt; --prompt tokens of it are needed, and more for"
                    + " sequences that differ (default: random tokens)")
    private @Nullable Path text;

    @Option(
            names = "--passage",
            paramLabel = "TOKENS",
            defaultValue = "24",
            description = "of the text that the repetitive prompt repeats (default ${DEFAULT-VALUE})")
    private int passage;

    @Option(
            names = "--temperature",
            split = ",",
            paramLabel = "T",
            defaultValue = "0,0.8",
            description = "how tokens are drawn; several are measured in turn (default ${DEFAULT-VALUE})")
    private List<Double> temperatures = List.of();

    @Option(names = "--json", description = "print one JSON object and nothing else")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException, IOException {
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        try {
            options.check();
            final Settings asked = options.settings();
            final Path model = asked.read(ModelSettings::from).directory();
            final Settings settings = options.roomFor(asked, Checkpoint.readConfig(model));
            final ProcessConfig config = settings.read(ProcessConfig::alone);
            final Speculation guessing = settings.with(
                            Map.of(EngineConfig.SECTION + "." + Speculation.KEY, "prompt-lookup"))
                    .read(ProcessConfig::alone)
                    .engine()
                    .speculation();
            final List<Guessing> all = new GuessingBench(config, guessing, options.cases(), options.repeat, line -> {
                        err.println(line);
                        err.flush();
                    })
                    .run(texts(Checkpoint.readConfig(model), model), temperatures);
            out.println(json ? Guessing.json(all) : Guessing.table(all));
            return 0;
        } catch (final BenchException problem) {
            err.println("cheshire bench guessing: " + problem.getMessage());
            return 1;
        } finally {
            out.flush();
            err.flush();
        }
    }

    private Map<String, List<Integer>> texts(final ModelConfig config, final Path model) throws IOException {
        final int longest =
                options.prompt.stream().mapToInt(Integer::intValue).max().orElse(1);
        final Path file = text;
        final List<Integer> ids = file == null
                ? new Random(1)
                        .ints(2L * longest, 0, config.vocabSize())
                        .boxed()
                        .toList()
                : encoded(file, config, model);
        if (ids.size() < longest || passage < 1) {
            throw new BenchException("--text has " + ids.size() + " tokens and --passage is " + passage
                    + "; the one must be --prompt (" + longest + ") at least, the other 1");
        }
        final Map<String, List<Integer>> texts = new LinkedHashMap<>();
        texts.put("repetitive", GuessingBench.again(ids, passage, longest));
        texts.put("free", ids);
        return texts;
    }

    private static List<Integer> encoded(final Path file, final ModelConfig config, final Path model)
            throws IOException {
        try (TextSupport support = TokenizerFiles.load(model, config.vocabSize(), TextLimits.defaults())) {
            if (!(support instanceof TextSupport.Available available)) {
                throw new BenchException(model + " has no tokenizer: leave --text out, and tokens are random");
            }
            return Arrays.stream(available.codec().encode(Files.readString(file), false, false))
                    .boxed()
                    .toList();
        }
    }
}
