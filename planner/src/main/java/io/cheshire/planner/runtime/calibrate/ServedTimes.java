package io.cheshire.planner.runtime.calibrate;

import io.cheshire.benchmarks.serve.core.Outcome;
import io.cheshire.benchmarks.serve.core.PlannedRequest;
import io.cheshire.benchmarks.serve.core.PromptTokens;
import io.cheshire.benchmarks.serve.core.RequestResult;
import io.cheshire.benchmarks.serve.core.RequestShape;
import io.cheshire.benchmarks.serve.runtime.CompletionClient;
import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.http.runtime.OpsConfig;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.ops.runtime.process.SingleProcess;
import io.cheshire.planner.core.calibrate.Sample;
import io.cheshire.planner.core.calibrate.Statistics;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code serve} with a client beside it: what lies between the client and the engine. The server's own times of the
 * first and last token are subtracted from the client's, so it doesn't matter how long kernels take. The last token
 * tells how long a request takes on its way to the engine; what the first one takes beyond that is the start of the
 * answer, during which the engine goes on.
 */
final class ServedTimes {
    private static final int[] PROMPTS = {8, 64, 256, 1_024, 4_096};
    /** Tokens of an answer: enough that the last isn't read together with the first. */
    private static final int OUTPUT = 48;
    /** Requests before any counts, as many times as there are of each length: compilers need some. */
    private static final int WARM = 8;

    private static final int NODES = 2;
    private static final long READY_NS = TimeUnit.MINUTES.toNanos(2);
    private static final long POLL_NS = 2_000_000;
    private static final double HALF = 0.5;

    private final Samples ingest = new Samples();
    private final List<Double> streamNs = new ArrayList<>();
    private final List<Double> firstNs = new ArrayList<>();
    private long kvBlocks;

    private ServedTimes() {}

    static ServedTimes measure(final Settings settings, final CalibrationBudget budget)
            throws IOException, InterruptedException {
        final ProcessConfig config = settings.with(
                        Map.of(ApiConfig.PORT, 0, OpsConfig.PORT, 0, ProcessConfig.NODES, NODES))
                .read(ProcessConfig::alone);
        final ServedTimes times = new ServedTimes();
        try (SingleProcess server = SingleProcess.start(config, config.http(), Progress.NONE, new AtomicInteger())) {
            final long deadlineNs = System.nanoTime() + READY_NS;
            while (!server.ready()) {
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new IllegalStateException("the server has not loaded its units within two minutes");
                }
                LockSupport.parkNanos(POLL_NS);
            }
            times.kvBlocks = server.router().engine().status().kvBlocksTotal();
            times.stream(server, budget);
            times.ingest(server, budget);
        }
        return times;
    }

    private void stream(final SingleProcess server, final CalibrationBudget budget)
            throws IOException, InterruptedException {
        final HttpRequest models = HttpRequest.newBuilder(
                        URI.create("http://localhost:" + server.router().api().port() + "/v1/models"))
                .build();
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (int i = 0; i < 4 * budget.requests(); i++) {
                final long beganNs = System.nanoTime();
                client.send(models, HttpResponse.BodyHandlers.discarding());
                if (i >= budget.requests()) {
                    streamNs.add((System.nanoTime() - beganNs) * HALF);
                }
            }
        }
    }

    private void ingest(final SingleProcess server, final CalibrationBudget budget) {
        final URI url = URI.create("http://localhost:" + server.router().api().port());
        final int vocabulary = server.model().config().vocabSize();
        final int context = server.router().engine().status().contextTokens();
        final Timer first =
                server.operations().registry().get("cheshire.http.ttft").timer();
        final Timer next =
                server.operations().registry().get("cheshire.http.inter.token").timer();
        final double backNs = Statistics.quantile(streamNs, HALF);
        try (CompletionClient client = new CompletionClient(
                new CompletionClient.Target(url, "", server.model().name(), 0, Duration.ofMinutes(1), false),
                new PromptTokens(1, vocabulary))) {
            int index = 0;
            for (int warm = 0; warm < WARM * budget.requests(); warm++) {
                request(client, PROMPTS[0], index++);
            }
            for (int round = 0; round < budget.requests(); round++) {
                for (final int prompt : PROMPTS) {
                    if (prompt + OUTPUT <= context) {
                        final double firstBefore = first.totalTime(TimeUnit.NANOSECONDS);
                        final double nextBefore = next.totalTime(TimeUnit.NANOSECONDS);
                        final RequestResult result = request(client, prompt, index++);
                        final double serverFirstNs = first.totalTime(TimeUnit.NANOSECONDS) - firstBefore;
                        final double serverLastNs = serverFirstNs + next.totalTime(TimeUnit.NANOSECONDS) - nextBefore;
                        note(prompt, result, new Told(serverFirstNs, serverLastNs), backNs);
                    }
                }
            }
        }
    }

    /**
     * What the server says of an answer.
     *
     * @param firstNs from admission to its first token
     * @param lastNs  to its last
     */
    private record Told(double firstNs, double lastNs) {}

    private void note(final int prompt, final RequestResult result, final Told told, final double backNs) {
        final double lastNs = result.tokens().timeNs(result.tokens().count() - 1) - result.sentNs();
        final double here = Math.max(1, lastNs - told.lastNs - backNs);
        ingest.add(prompt, 0, here);
        firstNs.add(Math.max(backNs, result.timeToFirstTokenNs(result.sentNs()) - told.firstNs - here));
    }

    private static RequestResult request(final CompletionClient client, final int prompt, final int index) {
        final RequestResult result = client.send(
                        new PlannedRequest(index, 0, RequestShape.of(prompt, OUTPUT), 0), System.nanoTime())
                .join();
        if (result.outcome() != Outcome.OK || result.tokens().count() == 0) {
            throw new IllegalStateException(
                    "a request of " + prompt + " tokens ended with " + result.kind() + ": " + result.message());
        }
        return result;
    }

    /** By prompt tokens, given as ids. */
    List<Sample> ingest() {
        return ingest.all();
    }

    /** Of an answer's first token, and of any other. */
    List<Sample> stream() {
        return List.of(new Sample(1, 0, firstNs), new Sample(2, 0, streamNs));
    }

    long kvBlocks() {
        return kvBlocks;
    }
}
