package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.runtime.EventStream;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.router.runtime.engine.EngineMetrics;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many streaming clients, a third of whom hang up midway: nothing of theirs stays behind. Two minutes with 64 clients:
 * {@code -Dcheshire.soak.seconds=120 -Dcheshire.soak.clients=64}.
 */
class HangUpIT {
    private static final long SECONDS = Long.getLong("cheshire.soak.seconds", 15L);
    private static final int CLIENTS = Integer.getInteger("cheshire.soak.clients", 32);
    private static final long SEED = Long.getLong("cheshire.seed", 4L);

    private static final int LONG_ANSWER_TOKENS = 250;

    /**
     * What live heap may grow by: classes, compiled code's data, pools of Netty and the meters' histograms settle at a
     * few MiB. One leaked answer a request (a sequence, its text, its chunks: about 10 KiB) would pass it within the
     * two minutes' thousands of requests.
     */
    private static final long HEAP_GROWTH_LIMIT_BYTES = 32L << 20;

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void shouldLeaveNothingBehindWhenAThirdOfTheClientsHangsUp() throws Exception {
        final AtomicInteger hungUp = new AtomicInteger();
        final AtomicInteger finished = new AtomicInteger();
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), 16, Map.of())) {
            runClients(server, 2, finished, hungUp);
            server.awaitQuiet();
            final long baselineBytes = liveHeapBytes();
            finished.set(0);
            hungUp.set(0);

            runClients(server, SECONDS, finished, hungUp);

            server.awaitQuiet();
            assertThat(hungUp.get()).as("streams left midway").isGreaterThanOrEqualTo(CLIENTS / 3);
            assertThat(finished.get()).as("streams read to their end").isGreaterThanOrEqualTo(CLIENTS / 3);
            assertThat(cancelled(server))
                    .as("sequences ended early, for %s streams left", hungUp)
                    .isGreaterThan(hungUp.get() / 2);
            RowLedger.of(server).assertBalanced();
            assertThat(server.process().agentErrors()).isZero();
            assertThat(server.errors()).isEmpty();
            final long grownBytes = liveHeapBytes() - baselineBytes;
            assertThat(grownBytes)
                    .as("growth of the live heap over %s + %s streams", finished, hungUp)
                    .isLessThan(HEAP_GROWTH_LIMIT_BYTES);
            System.out.printf(
                    "%d streams finished, %d hung up, live heap %d KiB + %d KiB, rows abandoned %d%n",
                    finished.get(),
                    hungUp.get(),
                    baselineBytes >> 10,
                    grownBytes >> 10,
                    server.process().router().engine().exchangeCounters().rowsAbandoned());
        }
    }

    private static void runClients(
            final TestServer server, final long seconds, final AtomicInteger finished, final AtomicInteger hungUp)
            throws Exception {
        final long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        final List<Future<?>> running = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CLIENTS; i++) {
                final int client = i;
                running.add(clients.submit(() -> {
                    runClient(server, client, endNs, finished, hungUp);
                    return null;
                }));
            }
        }
        for (final Future<?> client : running) {
            client.get();
        }
    }

    private static void runClient(
            final TestServer server,
            final int client,
            final long endNs,
            final AtomicInteger finished,
            final AtomicInteger hungUp)
            throws Exception {
        final Random random = new Random(SEED + client);
        for (int request = 0; System.nanoTime() - endNs < 0; request++) {
            final ObjectNode body = Requests.streamed(Requests.random(random, 200, 48));
            final boolean isLeaving = (client + request) % 3 == 0;
            // Before the first token or some way into an answer that would go on for long.
            final int chunksRead = isLeaving ? random.nextInt(20) : Integer.MAX_VALUE;
            if (isLeaving) {
                body.put("max_tokens", LONG_ANSWER_TOKENS);
            }
            if (isLeaving) {
                // With a connection of its own: the answer may have come whole, and its connection may serve another by
                // now.
                try (JsonClient own = new JsonClient(server.port())) {
                    read(own, body, chunksRead, finished, hungUp);
                }
            } else {
                read(server.api(), body, chunksRead, finished, hungUp);
            }
        }
    }

    private static void read(
            final JsonClient client,
            final ObjectNode body,
            final int chunksRead,
            final AtomicInteger finished,
            final AtomicInteger hungUp)
            throws Exception {
        try (EventStream stream = client.stream("/v1/completions", body)) {
            int read = 0;
            while (read < chunksRead && stream.next() != null) {
                read++;
            }
            (read == chunksRead ? hungUp : finished).incrementAndGet();
        }
    }

    private static long cancelled(final TestServer server) {
        return server.process().router().engine().metrics().get(EngineMetrics.Counter.SEQUENCES_CANCELLED);
    }

    private static long liveHeapBytes() {
        final MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }
}
