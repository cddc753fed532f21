package io.cheshire.planner.runtime.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.benchmarks.serve.core.Arrivals;
import io.cheshire.benchmarks.serve.core.LoadPlan;
import io.cheshire.benchmarks.serve.core.PromptTokens;
import io.cheshire.benchmarks.serve.core.RequestShape;
import io.cheshire.benchmarks.serve.runtime.CompletionClient;
import io.cheshire.benchmarks.serve.runtime.LoadRunner;
import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.model.runtime.calibration.CalibrationStore;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.model.testing.SampleCalibration;
import io.cheshire.ops.runtime.process.DeviceConfig;
import io.cheshire.planner.core.watch.Assumption;
import io.cheshire.planner.core.watch.Look;
import io.cheshire.planner.core.watch.PlanMetrics;
import io.cheshire.planner.core.watch.PlanWatch;
import io.cheshire.planner.runtime.plan.PlanReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plan against a running server whose kernels are paced: its load doubles, and the watch says so. */
class PlanWatchIT {
    private static final double RATE = 10;
    private static final int PROMPT = 16;
    private static final int OUTPUT = 2;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    @Test
    void shouldNameTheRateWithinAMinuteAfterTheLoadOfARunningServerDoubled() throws Exception {
        final Path file = directory.resolve("calibration.json");
        CalibrationStore.write(SampleCalibration.of(Checkpoint.readConfig(TestServer.cheshireMini())), file);
        final Map<String, Object> paced = Map.of(DeviceConfig.KERNELS, "paced", DeviceConfig.PACED_BY, file.toString());
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), 2, paced);
                ClusterScraper scraper =
                        new ClusterScraper(List.of(server.process().operations().url()), null, null);
                PlanListener listener = new PlanListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            shouldSayThatNothingIsComputed(server);
            final PlanWatch watch = new PlanWatch(
                    PlanReader.read(
                            null,
                            Map.of(
                                    "workload.rate", Double.toString(RATE),
                                    "workload.prompt", (double) PROMPT,
                                    "workload.output", (double) OUTPUT),
                            1),
                    Duration.ofSeconds(5),
                    1);

            final Look planned = lookWhile(
                    server, RATE, scraper, watch, look -> !look.assumptions().isEmpty());
            assertThat(planned.assumptions())
                    .filteredOn(each -> each.name().equals("request rate"))
                    .allMatch(Assumption::holds);
            final Look doubled = lookWhile(server, 2 * RATE, scraper, watch, PlanWatchIT::rateIsBroken);
            assertThat(rateIsBroken(doubled)).isTrue();

            listener.show(PlanMetrics.of(doubled));
            assertThat(get(listener.port())).contains("cheshire_plan_assumption_holds{assumption=\"request rate\"} 0");
            server.awaitQuiet();
        }
    }

    private static boolean rateIsBroken(final Look look) {
        return look.broken().stream().anyMatch(each -> each.name().equals("request rate"));
    }

    private static void shouldSayThatNothingIsComputed(final TestServer server)
            throws IOException, InterruptedException {
        assertThat(server.api()
                        .post("/v1/completions", Map.of("prompt", List.of(5, 6, 7), "max_tokens", 2))
                        .ok()
                        .path("system_fingerprint")
                        .asText())
                .startsWith("cheshire-paced-");
        assertThat(server.ops().get("/admin/v1/self").text()).contains("PACED by", "paced calls, late by");
        assertThat(server.ops().get("/metrics").text()).contains("cheshire_paced_valid");
    }

    private interface Wanted {
        boolean is(Look look);
    }

    /** Load until a look is as wanted. */
    private static Look lookWhile(
            final TestServer server,
            final double rate,
            final ClusterScraper scraper,
            final PlanWatch watch,
            final Wanted wanted)
            throws InterruptedException {
        final AtomicReference<Look> last = new AtomicReference<>();
        final CompletionClient.Target target = new CompletionClient.Target(
                URI.create("http://localhost:" + server.port()), "", "cheshire-mini", 0, MINUTE, true);
        try (CompletionClient client = new CompletionClient(target, new PromptTokens(Math.round(rate), 4_096))) {
            final LoadPlan plan = new LoadPlan(
                    new Arrivals.Constant(rate),
                    List.of(RequestShape.of(PROMPT, OUTPUT)),
                    new LoadPlan.Limits(Integer.MAX_VALUE, MINUTE.toNanos()),
                    0,
                    1);
            final LoadRunner runner = new LoadRunner(plan, client::send, result -> {});
            final Thread load = Thread.ofVirtual().start(() -> {
                try {
                    runner.runOpenLoop(64);
                } catch (final InterruptedException enough) {
                    Thread.currentThread().interrupt();
                }
            });
            try {
                Await.until(
                        "a look at " + rate + " requests a second that is as wanted",
                        MINUTE,
                        () -> {
                            try {
                                last.set(watch.look(scraper.scrape()));
                                return wanted.is(last.get());
                            } catch (final IOException failure) {
                                throw new java.io.UncheckedIOException(failure);
                            } catch (final InterruptedException interrupted) {
                                Thread.currentThread().interrupt();
                                throw new IllegalStateException(interrupted);
                            }
                        },
                        () -> String.valueOf(last.get()));
            } finally {
                load.interrupt();
                load.join();
            }
        }
        return last.get();
    }

    private static String get(final int port) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
