package io.cheshire.benchmarks.engine;

import io.cheshire.benchmarks.engine.core.Guessing;
import io.cheshire.benchmarks.engine.runtime.GuessingBench;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.text.TextLimits;
import io.cheshire.model.runtime.text.TextSupport;
import io.cheshire.model.runtime.text.TokenizerFiles;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.router.core.speculate.Speculation;
import io.cheshire.router.runtime.engine.EngineConfig;
import java.io.IOException;
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
import picocli.CommandLine.Option;

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
    @Mixin
    private ComparedOptions options = new ComparedOptions();

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

    @Override
    public Integer call() throws InterruptedException, IOException {
        return options.run((place, progress) -> {
            final Speculation guessing = place.settings()
                    .with(Map.of(EngineConfig.SECTION + "." + Speculation.KEY, "prompt-lookup"))
                    .read(ProcessConfig::alone)
                    .engine()
                    .speculation();
            final List<Guessing> all = new GuessingBench(
                            place.config(), guessing, options.engine.cases(), options.engine.repeat, progress)
                    .run(texts(place.shape(), place.model()), options.temperatures);
            return options.json ? Guessing.json(all) : Guessing.table(all);
        });
    }

    private Map<String, List<Integer>> texts(final ModelConfig config, final Path model) throws IOException {
        final int longest =
                options.engine.prompt.stream().mapToInt(Integer::intValue).max().orElse(1);
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
