package io.cheshire.ops.runtime.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.http.runtime.OpsConfig;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.ShutdownSignal;
import io.cheshire.ops.runtime.batch.BatchFile;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.ops.runtime.process.SingleProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cheshire batch}: answers every line of a file. */
@Command(
        name = "batch",
        mixinStandardHelpOptions = true,
        description = "Answers the requests in a file, one a line as OpenAI's batches have them, by a running server"
                + " (--url) or one of its own. Run again, it goes on where it was.")
final class BatchCommand implements Callable<Integer> {
    private static final long POLL_NS = 5_000_000;
    private static final long SHOW_NS = 1_000_000_000;
    private static final int REFUSED = 1;
    private static final int STOPPED = 130;

    @Parameters(paramLabel = "FILE", description = "{\"custom_id\", \"method\", \"url\", \"body\"}, one a line.")
    private Path file = Path.of("");

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Where answers go, in the order of the lines. Default: FILE with .out.jsonl behind its name.")
    private @Nullable Path output;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "A running server, http://127.0.0.1:8000/v1. Default: one is started, with the flags below,"
                    + " and ended.")
    private @Nullable String url;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            defaultValue = "${env:OPENAI_API_KEY:-}",
            description = "Bearer token (default: $$OPENAI_API_KEY).")
    private String apiKey = "";

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "16",
            description = "Requests at a time (default ${DEFAULT-VALUE}).")
    private int parallel = 16;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "For how long the server may be away or full (default ${DEFAULT-VALUE}).")
    private int patienceSeconds = 600;

    @Option(names = "--json", description = "Print one JSON object at the end, on standard output, and nothing else.")
    private boolean isJson;

    @Mixin
    private ServerOptions server = new ServerOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        final String running = url;
        try (ShutdownSignal signal = ShutdownSignal.install()) {
            return running != null ? answer(running, signal) : withOwnServer(signal);
        }
    }

    private int withOwnServer(final ShutdownSignal signal) throws IOException, InterruptedException {
        final Map<String, Object> flags = new LinkedHashMap<>(server.flags());
        flags.putIfAbsent(ApiConfig.PORT, 0);
        flags.putIfAbsent(OpsConfig.PORT, 0);
        final ProcessConfig config = Settings.load(server.configFile(), flags).read(ProcessConfig::alone);
        try (SingleProcess process =
                SingleProcess.start(config, config.http().checked(), Progress.NONE, new AtomicInteger())) {
            while (!process.ready() && !signal.requested()) {
                LockSupport.parkNanos(POLL_NS);
            }
            final int status = answer(process.router().api().url() + "/v1", signal);
            process.drain(Duration.ZERO);
            return status;
        }
    }

    private int answer(final String base, final ShutdownSignal signal) throws IOException, InterruptedException {
        final Path answers = output != null ? output : Path.of(file + ".out.jsonl");
        final BatchFile batch = new BatchFile(
                base, apiKey.isEmpty() ? null : apiKey, Math.max(1, parallel), Duration.ofSeconds(patienceSeconds));
        final long startNs = System.nanoTime();
        final long[] shownNs = {startNs};
        final BatchFile.Progress end = batch.run(file, answers, signal::requested, progress -> {
            if (!isJson && System.nanoTime() - shownNs[0] >= SHOW_NS) {
                shownNs[0] = System.nanoTime();
                System.err.println(words(progress, startNs));
            }
        });
        if (isJson) {
            System.out.println(new ObjectMapper()
                    .createObjectNode()
                    .put("output", answers.toString())
                    .put("lines", end.lines())
                    .put("answered", end.answeredNow())
                    .put("refused", end.refusedNow())
                    .put("stopped", signal.requested()));
        } else {
            System.err.println(words(end, startNs) + "; in " + answers);
        }
        return signal.requested() ? STOPPED : end.refusedNow() > 0 ? REFUSED : 0;
    }

    private static String words(final BatchFile.Progress progress, final long startNs) {
        final double seconds = (System.nanoTime() - startNs) / 1e9;
        return progress.lines() + " lines are answered, " + progress.answeredNow() + " of them now ("
                + String.format(java.util.Locale.ROOT, "%.1f", progress.answeredNow() / seconds) + " a second), "
                + progress.refusedNow() + " refused";
    }
}
