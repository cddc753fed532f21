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
import io.cheshire.planner.core.watch.Assumption;
import io.cheshire.planner.core.watch.Look;
import io.cheshire.planner.core.watch.PlanWatch;
import io.cheshire.planner.core.watch.WatchText;
import io.cheshire.planner.runtime.plan.PlanReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A plan against a running server: its load doubles, and the watch says so. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PlanWatchIT {
    /** Low enough for a machine that has other things to do, and enough to judge by in one window. */
    private static final double RATE = 10;

    private static final int PROMPT = 16;
    private static final int OUTPUT = 2;
    private static final int NODES = 2;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration WINDOW = Duration.ofSeconds(4);
    private static final String REQUEST_RATE = "request rate";

    @Test
    void shouldNameTheRateWithinAMinuteAfterTheLoadOfARunningServerDoubled() throws Exception {
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), NODES, Map.of());
                ClusterScraper scraper = new ClusterScraper(
                        List.of(server.process().operations().url()), null, null)) {
            final PlanWatch watch = new PlanWatch(
                    PlanReader.read(
                            null,
                            Map.of(
                                    "model", TestServer.cheshireMini().toString(),
                                    "workload.rate", Double.toString(RATE),
                                    "workload.prompt", (double) PROMPT,
                                    "workload.output", (double) OUTPUT,
                                    "fleet.node-class", "cpu",
                                    "fleet.expert-nodes", List.of(NODES),
                                    "fleet.replicas", List.of(1),
                                    "fleet.routers", List.of(1)),
                            1),
                    WINDOW,
                    1);

            lookWhile(server, RATE, scraper, watch, look -> holds(look, REQUEST_RATE) && holds(look, "prompt tokens"));
            final Look doubled = lookWhile(server, 2 * RATE, scraper, watch, look -> breaks(look, REQUEST_RATE));

            assertThat(WatchText.of(doubled)).contains("THE PLAN NO LONGER HOLDS", "request rate ", "x the plan's");
            assertThat(holds(doubled, "prompt tokens")).as("only the rate doubled").isTrue();
            assertThat(holds(doubled, "expert nodes")).isTrue();
            server.awaitQuiet();
        }
    }

    private static boolean holds(final Look look, final String name) {
        return look.assumptions().stream().anyMatch(each -> each.name().equals(name) && each.holds());
    }

    private static boolean breaks(final Look look, final String name) {
        return look.broken().stream().map(Assumption::name).anyMatch(name::equals);
    }

    /** Load until a look is as wanted: a window that is judged may still have the load before in it. */
    private static Look lookWhile(
            final TestServer server,
            final double rate,
            final ClusterScraper scraper,
            final PlanWatch watch,
            final Predicate<Look> wanted)
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
                        Await.CLUSTER_POLL,
                        () -> {
                            last.set(watch.look(scraped(scraper)));
                            return wanted.test(last.get());
                        },
                        () -> WatchText.of(last.get()));
            } finally {
                load.interrupt();
                load.join();
            }
        }
        return last.get();
    }

    private static io.cheshire.planner.core.watch.Scraped scraped(final ClusterScraper scraper) {
        try {
            return scraper.scrape();
        } catch (final IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }
}
