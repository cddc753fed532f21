package io.cheshire.ops.runtime.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.cheshire.model.core.compare.Divergence;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.model.runtime.compare.PrecisionComparison;
import io.cheshire.model.runtime.onednn.OneDnnKernels;
import io.cheshire.model.runtime.text.TextLimits;
import io.cheshire.model.runtime.text.TextSupport;
import io.cheshire.model.runtime.text.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cheshire compare}: what a precision costs in answers. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = "Reads a text in two precisions and says how far what they expect is apart.")
final class PrecisionCompareCommand implements Callable<Integer> {
    private static final double PERCENT = 100;
    private static final long MAX_TEXT_BYTES = 16L << 20;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Checkpoint directory.")
    private Path directory = Path.of("");

    @Option(names = "--precision", defaultValue = "int8", description = "What is looked at. Default: ${DEFAULT-VALUE}.")
    private String precision = "int8";

    @Option(names = "--against", defaultValue = "bf16", description = "The reference. Default: ${DEFAULT-VALUE}.")
    private String against = "bf16";

    @Option(names = "--text", required = true, paramLabel = "FILE", description = "UTF-8 text.")
    private Path text = Path.of("");

    @Option(
            names = "--max-tokens",
            defaultValue = "2048",
            description = "So much of the text is read; logits of all are kept. Default: ${DEFAULT-VALUE}.")
    private int maxTokens;

    @Option(
            names = "--window",
            defaultValue = "512",
            description = "Tokens that are read as one sequence. Default: ${DEFAULT-VALUE}.")
    private int window;

    @Option(names = "--threads", description = "Threads of the kernels. Default: all processors.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--by-layer", description = "Also with the experts of one layer only; a run each.")
    private boolean byLayer;

    @Option(names = "--json", description = "For machines.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        final Precision other = precision(precision, "--precision");
        final Precision reference = precision(against, "--against");
        if (window < 2 || maxTokens < 2) {
            throw new IllegalArgumentException("--window and --max-tokens must be at least 2");
        }
        try (Checkpoint checkpoint = Checkpoint.open(directory);
                OneDnnKernels kernels = new OneDnnKernels(threads)) {
            checkpoint.require(other);
            final int[] tokens = tokens(checkpoint);
            final Map<String, Divergence.Result> results =
                    new PrecisionComparison(kernels, checkpoint, reference, tokens, window).of(other, byLayer);
            System.out.print(json ? json(results) : table(results));
        }
        return 0;
    }

    private int[] tokens(final Checkpoint checkpoint) throws IOException {
        final long bytes = Files.size(text);
        if (bytes > MAX_TEXT_BYTES) {
            throw new IllegalArgumentException(text + " has " + bytes + " bytes; at most " + MAX_TEXT_BYTES
                    + " are read: cut it, only --max-tokens of it count");
        }
        try (TextSupport support = TokenizerFiles.load(
                checkpoint.modelDirectory(), checkpoint.config().vocabSize(), TextLimits.defaults())) {
            if (!(support instanceof TextSupport.Available available)) {
                throw new IllegalArgumentException(directory + " has no tokenizer.json, so no text can be read");
            }
            final int[] all = available.codec().encode(Files.readString(text), false, true);
            return Arrays.copyOf(all, Math.min(all.length, maxTokens));
        }
    }

    private static Precision precision(final String word, final String option) {
        return Arrays.stream(Precision.values())
                .filter(each -> each.word().equals(word.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(option + " is '" + word + "'; it must be one of "
                        + String.join(
                                ", ",
                                Arrays.stream(Precision.values())
                                        .map(Precision::word)
                                        .toList())));
    }

    private String table(final Map<String, Divergence.Result> results) {
        final StringBuilder lines = new StringBuilder();
        final Divergence.Result first = results.values().iterator().next();
        lines.append(String.format(
                Locale.ROOT,
                "%d tokens, perplexity in %s: %.4f%n%-24s %10s %10s %10s %10s %7s %9s%n",
                first.positions(),
                against,
                first.referencePerplexity(),
                "in " + precision,
                "perplexity",
                "KL mean",
                "KL median",
                "KL p99",
                "top-1 %",
                "max |dlp|"));
        results.forEach((what, result) -> lines.append(String.format(
                Locale.ROOT,
                "%-24s %10.4f %10.2e %10.2e %10.2e %7.2f %9.4f%n",
                what,
                result.perplexity(),
                result.meanKl(),
                result.medianKl(),
                result.p99Kl(),
                result.topAgreement() * PERCENT,
                result.largestLogprobGap())));
        return lines.toString();
    }

    private String json(final Map<String, Divergence.Result> results) throws JsonProcessingException {
        final Map<String, Object> report = new LinkedHashMap<>();
        report.put("model", directory.toString());
        report.put("precision", precision);
        report.put("against", against);
        report.put("results", results);
        return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(report) + "\n";
    }
}
