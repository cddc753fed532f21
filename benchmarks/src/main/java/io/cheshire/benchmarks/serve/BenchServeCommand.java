package io.cheshire.benchmarks.serve;

import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.benchmarks.serve.core.BenchReport;
import io.cheshire.benchmarks.serve.core.LoadPlan;
import io.cheshire.benchmarks.serve.core.PlannedRequest;
import io.cheshire.benchmarks.serve.core.PromptTokens;
import io.cheshire.benchmarks.serve.core.ReportJson;
import io.cheshire.benchmarks.serve.core.ReportTable;
import io.cheshire.benchmarks.serve.core.RequestFile;
import io.cheshire.benchmarks.serve.core.RequestShape;
import io.cheshire.benchmarks.serve.core.RunStatistics;
import io.cheshire.benchmarks.serve.core.Slo;
import io.cheshire.benchmarks.serve.core.Sweep;
import io.cheshire.benchmarks.serve.runtime.BenchProgress;
import io.cheshire.benchmarks.serve.runtime.CompletionClient;
import io.cheshire.benchmarks.serve.runtime.LoadRunner;
import io.cheshire.benchmarks.serve.runtime.ServerInfo;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cheshire bench serve}: puts load on an OpenAI-compatible server and reports what its users would see. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Puts load on any server with POST /v1/completions (streaming) and reports latency, throughput and"
                        + " goodput. Exit status: 0 served; 1 nothing was served, or the run could not "
                        + "start; 2 wrong usage.")
public final class BenchServeCommand implements Callable<Integer> {
    private static final String SEED_HELP = "seeds prompts, gaps and hang-ups (default: drawn and printed)";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
    private CommandSpec spec;

    @Option(
            names = "--url",
            required = true,
            paramLabel = "URL",
            description = "the server, e.g. http://127.0.0.1:8000")
    private URI url = URI.create("http://127.0.0.1:8000");

    @Mixin
    private LoadOptions load = new LoadOptions();

    @Option(names = "--model", paramLabel = "NAME", description = "model to ask for (default: the first of /v1/models)")
    private String model = "";

    @Option(
            names = "--vocab-size",
            paramLabel = "N",
            description = "prompts are random token ids below N (default: what /v1/models says)")
    private int vocabularySize;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0",
            description = "0 is greedy (default ${DEFAULT-VALUE})")
    private double temperature;

    @Option(names = "--seed", paramLabel = "N", description = SEED_HELP)
    private @Nullable Long seed;

    @Option(names = "--slo-ttft-ms", paramLabel = "MS", description = "goodput: most time to first token")
    private double sloTtftMs = Double.POSITIVE_INFINITY;

    @Option(names = "--slo-tpot-ms", paramLabel = "MS", description = "goodput: most mean time per output token")
    private double sloTpotMs = Double.POSITIVE_INFINITY;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "most time a request may take (default ${DEFAULT-VALUE})")
    private double timeoutSeconds = 600;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "0",
            description = "send N requests first, one after the other, and don't count them (default ${DEFAULT-VALUE})")
    private int warmUp;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            defaultValue = "${env:OPENAI_API_KEY:-}",
            description = "bearer token (default: $$OPENAI_API_KEY)")
    private String apiKey = "";

    @Option(
            names = "--request-file",
            paramLabel = "FILE",
            description =
                    "write a line a request: arrival, tokens, first token and every gap, in CSV (docs/measuring.md)")
    private @Nullable Path requestFile;

    @Option(
            names = "--sweep",
            description = "look for the largest rate at which 99 %% of the requests keep the promises (--slo-...), from"
                    + " --rate on, --duration at each")
    private boolean sweep;

    @Option(
            names = "--no-continuous-usage",
            description = "don't ask for the count of tokens in every chunk (stream_options.continuous_usage_stats),"
                    + " for servers that refuse the field; then a chunk counts as one token")
    private boolean noContinuousUsage;

    @Option(names = "--json", description = "print one JSON object and nothing else")
    private boolean json;

    @Option(names = "--quiet", description = "no progress bar")
    private boolean quiet;

    @Override
    public Integer call() throws IOException, InterruptedException {
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        try {
            final long runSeed = seed == null ? RandomGenerator.getDefault().nextInt(Integer.MAX_VALUE) : seed;
            final LoadPlan plan = load.plan(runSeed);
            final ServerInfo server = ServerInfo.of(url, apiKey, model, vocabularySize);
            final Map<String, String> settings = settings(server, runSeed);
            if (!json) {
                out.println("cheshire bench serve, " + settings);
                out.flush();
            }
            if (sweep) {
                return sweep(server, settings, runSeed, out);
            }
            final BenchReport report = run(plan, server, runSeed);
            out.println(json ? ReportJson.write(settings, report) : ReportTable.write(report));
            return verdict(report, err);
        } catch (final BenchException problem) {
            err.println(problem.getMessage());
            return 1;
        } finally {
            out.flush();
            err.flush();
        }
    }

    private int sweep(
            final ServerInfo server, final Map<String, String> settings, final long runSeed, final PrintWriter out)
            throws IOException, InterruptedException {
        if (load.rate <= 0 || requestFile != null) {
            throw new BenchException("--sweep needs --rate, where it begins, and writes no --request-file");
        }
        final Sweep steps = new Sweep(load.rate);
        for (OptionalDouble rate = steps.next(); rate.isPresent(); rate = steps.next()) {
            load.rate = rate.getAsDouble();
            // Other prompts at every rate, so that no cache answers them.
            final long seedOfStep = runSeed + steps.steps().size() + 1;
            final Sweep.Step step = Sweep.Step.of(load.rate, run(load.plan(seedOfStep), server, seedOfStep));
            steps.ran(step);
            if (!json) {
                out.printf(Locale.ROOT, "%.2f requests a second: %s%n", step.rate(), steps.state(step));
                out.flush();
            }
        }
        out.println(json ? ReportJson.write(settings, steps) : steps.table());
        return steps.knee() > 0 ? 0 : 1;
    }

    private static int verdict(final BenchReport report, final PrintWriter err) {
        if (report.servedAnything()) {
            return 0;
        }
        err.println("Nothing was served: none of " + report.requests() + " requests was answered to its end, "
                + report.outputTokens() + " tokens came. Ends by kind: " + report.kinds());
        return 1;
    }

    private BenchReport run(final LoadPlan plan, final ServerInfo server, final long runSeed)
            throws IOException, InterruptedException {
        final PromptTokens prompts = new PromptTokens(runSeed, server.vocabularySize());
        final CompletionClient.Target target = new CompletionClient.Target(
                url,
                apiKey,
                server.model(),
                temperature,
                Duration.ofNanos(Math.round(timeoutSeconds * 1e9)),
                !noContinuousUsage);
        final RunStatistics statistics = new RunStatistics(load.openLoop(), new Slo(sloTtftMs, sloTpotMs));
        try (Writer file = requestFile == null ? Writer.nullWriter() : Files.newBufferedWriter(requestFile);
                CompletionClient client = new CompletionClient(target, prompts);
                BenchProgress progress = new BenchProgress(
                        plan.requestLimit() == Integer.MAX_VALUE ? -1 : plan.requestLimit(), quiet || json)) {
            warmUp(client, runSeed);
            final RequestFile lines = new RequestFile(file, load.openLoop());
            final LoadRunner runner = new LoadRunner(plan, client::send, result -> {
                statistics.add(result);
                lines.note(result);
                progress.step(result);
            });
            if (load.openLoop()) {
                runner.runOpenLoop(load.maxInFlight);
            } else {
                runner.runClosedLoop(load.clientCount());
            }
            return statistics.report(runner.mostInFlight());
        }
    }

    /** Request numbers from the far end, so that no cache answers the run itself. */
    private void warmUp(final CompletionClient client, final long runSeed) throws IOException {
        final LoadPlan plan = load.plan(runSeed);
        final long originNs = System.nanoTime();
        for (int i = 0; i < warmUp && plan.hasNext(); i++) {
            final RequestShape shape = plan.next().shape();
            client.send(new PlannedRequest(Integer.MAX_VALUE - i, 0, shape, 0), originNs)
                    .join();
        }
    }

    private Map<String, String> settings(final ServerInfo server, final long runSeed) {
        final Map<String, String> settings = new LinkedHashMap<>();
        settings.put("url", url.toString());
        settings.put("model", server.model());
        settings.put("vocab-size", Integer.toString(server.vocabularySize()));
        settings.put("seed", Long.toString(runSeed));
        settings.putAll(load.settings());
        return settings;
    }
}
