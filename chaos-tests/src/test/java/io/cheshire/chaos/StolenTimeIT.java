package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.router.core.exchange.ExchangeCounters;
import io.cheshire.testing.Alone;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * A process whose time is taken away while it streams (F46, F27): forced collections, cores that others keep busy, and
 * stops of the whole process that last longer than a silent peer's time. Tokens stay those of a quiet server, and
 * nobody is taken for dead or suspect: who could not listen has not been met with silence.
 */
@Alone
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "stops itself with SIGSTOP")
class StolenTimeIT {
    private static final long SEED = Long.getLong("cheshire.seed", 46L);
    private static final int CLIENTS = 6;
    private static final int STOPS = 3;
    private static final int TOKENS = 24;

    /** Shorter than a stop; the defaults are 200 ms and 10 s. */
    private static final Map<String, Object> SETTINGS = Map.of(
            "cheshire.threads", "shared",
            "cheshire.transport.heartbeat-interval", "10 ms",
            "cheshire.transport.suspect-after", "100 ms",
            "cheshire.transport.peer-timeout", "300 ms");

    /** The shell that stops this process can't be stopped with it; whatever ends it, the process goes on. */
    private static final String STOPPER = "trap 'kill -CONT $0' EXIT; for i in $(seq " + STOPS
            + "); do kill -STOP $0; sleep 0.7; kill -CONT $0; sleep 0.3; done";

    private final AtomicInteger streams = new AtomicInteger();
    private final AtomicInteger collections = new AtomicInteger();

    @Test
    void shouldStreamTheSameAndSuspectNobodyWhenItsOwnTimeIsTakenAway() throws Exception {
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), 4, SETTINGS)) {
            final List<ObjectNode> requests = new ArrayList<>();
            final List<List<Integer>> expected = new ArrayList<>();
            final Random random = new Random(SEED);
            for (int i = 0; i < CLIENTS; i++) {
                requests.add(Requests.streamed(
                        Requests.greedy(Requests.randomPrompt(random, 1 + random.nextInt(100)), TOKENS)));
                expected.add(Requests.run(server, requests.get(i)).tokenIds());
            }
            final JsonNode epoch = epoch(server);
            final ExchangeCounters.Snapshot before =
                    server.process().router().engine().exchangeCounters();

            stealTimeWhile(server, requests, expected);

            System.out.printf(
                    "stolen time, seed %d: %d streams, %d collections, %d stops%n",
                    SEED, streams.get(), collections.get(), STOPS);
            final ExchangeCounters.Snapshot after =
                    server.process().router().engine().exchangeCounters();
            assertThat(collections.get()).as("forced collections").isPositive();
            assertThat(after.suspicions()).as("nodes suspected").isEqualTo(before.suspicions());
            assertThat(after.retries())
                    .as("shards sent again, as for a lost node")
                    .isEqualTo(before.retries());
            assertThat(after.parks()).as("lanes that waited for a node").isEqualTo(before.parks());
            assertThat(epoch(server)).as("the placement needed no change").isEqualTo(epoch);
            server.awaitQuiet();
            RowLedger.of(server).assertBalanced();
        }
    }

    private static JsonNode epoch(final TestServer server) {
        return server.ops().read("/admin/v1/cluster").get("epoch");
    }

    private void stealTimeWhile(
            final TestServer server, final List<ObjectNode> requests, final List<List<Integer>> expected)
            throws Exception {
        final Process stopper = new ProcessBuilder(
                        "sh",
                        "-c",
                        STOPPER,
                        Long.toString(ProcessHandle.current().pid()))
                .inheritIO()
                .start();
        final List<Future<?>> clients = new ArrayList<>();
        try (ScheduledExecutorService collector = Executors.newSingleThreadScheduledExecutor();
                ExecutorService thieves = Executors.newFixedThreadPool(2);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            final var _ = collector.scheduleWithFixedDelay(
                    () -> {
                        System.gc();
                        collections.incrementAndGet();
                    },
                    0,
                    100,
                    TimeUnit.MILLISECONDS);
            for (int i = 0; i < 2; i++) {
                thieves.execute(() -> {
                    while (stopper.isAlive() && !Thread.currentThread().isInterrupted()) {
                        Thread.onSpinWait();
                    }
                });
            }
            for (int i = 0; i < CLIENTS; i++) {
                final int client = i;
                clients.add(threads.submit(() -> {
                    do {
                        assertThat(Requests.run(server, requests.get(client)).tokenIds())
                                .isEqualTo(expected.get(client));
                        streams.incrementAndGet();
                    } while (stopper.isAlive());
                    return null;
                }));
            }
            for (final Future<?> client : clients) {
                client.get();
            }
            collector.shutdownNow();
        }
        assertThat(stopper.waitFor()).as("the stops").isZero();
    }
}
