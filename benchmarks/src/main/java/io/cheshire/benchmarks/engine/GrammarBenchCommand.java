package io.cheshire.benchmarks.engine;

import io.cheshire.benchmarks.engine.core.FormRates;
import io.cheshire.benchmarks.engine.runtime.GrammarBench;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.checkpoint.ModelDirectory;
import io.cheshire.model.runtime.text.StopIds;
import io.cheshire.model.runtime.text.TextCodec;
import io.cheshire.model.runtime.text.TextLimits;
import io.cheshire.model.runtime.text.TextSupport;
import io.cheshire.model.runtime.text.TokenizerFiles;
import io.cheshire.router.core.grammar.GrammarCompiler;
import io.cheshire.router.core.grammar.GrammarException;
import io.cheshire.router.core.grammar.GrammarLimits;
import io.cheshire.router.core.grammar.GrammarSource;
import io.cheshire.router.core.grammar.TokenVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cheshire bench grammar}: what a form costs, and what jumping forward gives. */
@Command(
        name = "grammar",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures answers of a form (a JSON schema) without and with jumping forward, and free text of"
                + " the same lengths, in turn; the first two must have the same tokens. Exit status: 0 measured;"
                + " 1 the run failed, or tokens differed; 2 wrong usage.")
public final class GrammarBenchCommand implements Callable<Integer> {
    /** Eight records of three fields: as long whatever the model says. */
    private static final String RECORDS = "{\"type\":\"array\",\"minItems\":8,\"maxItems\":8,\"items\":{\"type\":"
            + "\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"pattern\":\"^[a-z]{3,8}$\"},\"age\":{"
            + "\"type\":\"integer\",\"minimum\":10,\"maximum\":99},\"member\":{\"type\":\"boolean\"}},"
            + "\"required\":[\"name\",\"age\",\"member\"],\"additionalProperties\":false}}";

    private static final String PROMPT = "Eight people of the village, as JSON:\n";

    @Mixin
    private ComparedOptions options = new ComparedOptions();

    @Option(
            names = "--schema",
            paramLabel = "FILE",
            description = "JSON schema of the answers, which --generate tokens must have room for (default: eight"
                    + " records of three fields)")
    private @Nullable Path schema;

    @Override
    public Integer call() throws InterruptedException, IOException {
        return options.run((place, progress) -> {
            final List<FormRates> all = new GrammarBench(
                            place.config(), subject(place.shape(), place.model()), options.engine.repeat, progress)
                    .run(options.engine.batch, options.temperatures);
            return options.json ? FormRates.json(all) : FormRates.table(all);
        });
    }

    private GrammarBench.Subject subject(final ModelConfig config, final Path model) throws IOException {
        final String form = schema == null ? RECORDS : Files.readString(schema);
        try (TextSupport support = TokenizerFiles.load(model, config.vocabSize(), TextLimits.defaults())) {
            if (!(support instanceof TextSupport.Available available)) {
                throw new BenchException(model + " has no tokenizer, so nothing is known of its texts' form");
            }
            final Set<Integer> stops = StopIds.of(config, ModelDirectory.open(model), available);
            final TextCodec codec = available.codec();
            final TokenVocabulary vocabulary = new TokenVocabulary(
                    config.vocabSize(), codec::tokenBytes, id -> codec.isSpecial(id) || stops.contains(id));
            final List<Integer> prompt = Arrays.stream(codec.encode(PROMPT, false, true))
                    .boxed()
                    .limit(options.engine.prompt.getFirst())
                    .toList();
            return new GrammarBench.Subject(
                    new GrammarCompiler(vocabulary, GrammarLimits.DEFAULT)
                            .compile(new GrammarSource.Schema(form, false)),
                    prompt,
                    stops,
                    options.engine.generate);
        } catch (final GrammarException refused) {
            throw new BenchException("--schema isn't served: " + refused.place() + " " + refused.getMessage());
        }
    }
}
