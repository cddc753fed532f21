package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.chaos.runtime.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What ten open pages cost a cluster of sixteen nodes: processor time, heap, and tokens a second in pairs. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIfSystemProperty(
        named = "cheshire.test.long",
        matches = "true",
        disabledReason = "takes minutes: give -Dcheshire.test.long=true")
class ConsoleCostIT {
    private static final int PAGES = 10;
    private static final int PICTURES = 80;
    private static final int PAIRS = 8;
    private static final Duration WINDOW = Duration.ofSeconds(8);

    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.start(
                TestServer.cheshireMini(),
                16,
                Map.of("cheshire.model.precision", "bf16", "cheshire.coordinator.replicas", 2));
        server.awaitReplicas();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    /** Readers of the stream of events, as many pages are. */
    private final class Pages implements AutoCloseable {
        private final AtomicBoolean over = new AtomicBoolean();
        private final List<Thread> readers = new ArrayList<>();

        Pages(final int count) {
            for (int i = 0; i < count; i++) {
                readers.add(Thread.ofVirtual().start(() -> read(Integer.MAX_VALUE, over)));
            }
        }

        @Override
        public void close() {
            over.set(true);
            readers.forEach(reader -> {
                try {
                    reader.join();
                } catch (final InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    private void read(final int pictures, final AtomicBoolean over) {
        try (JsonClient client = new JsonClient(server.process().operations().port());
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(client.open("/admin/v1/events"), StandardCharsets.UTF_8))) {
            int seen = 0;
            while (seen < pictures && !over.get()) {
                seen += lines.readLine().isEmpty() ? 1 : 0;
            }
        } catch (final IOException | InterruptedException broken) {
            throw new IllegalStateException("the stream of events broke", broken);
        }
    }

    /** Processor time of the console's thread and of the operations listener's, which does nothing else here. */
    private static long busyNs() {
        final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(Objects::nonNull)
                .filter(thread -> thread.getThreadName().equals("console")
                        || thread.getThreadName().startsWith("operations"))
                .mapToLong(thread -> threads.getThreadCpuTime(thread.getThreadId()))
                .sum();
    }

    private static long liveHeapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    void shouldTakeLittleOfACoreAndOfTheHeapHoweverManyPagesAreOpen() {
        final AtomicBoolean never = new AtomicBoolean();
        read(PICTURES / 2, never);
        final long heapBefore = liveHeapBytes();
        try (Pages _ = new Pages(PAGES)) {
            read(PICTURES / 2, never);
            final long startNs = System.nanoTime();
            final long before = busyNs();
            read(PICTURES / 2, never);
            final double part = (double) (busyNs() - before) / (System.nanoTime() - startNs);
            // Readers live in the same heap: what is found is theirs, too.
            final double heapMib = (liveHeapBytes() - heapBefore) / (double) (1 << 20);
            System.err.printf(
                    Locale.ROOT, "ten pages take %.2f %% of a core and %.1f MiB of heap%n", part * 100, heapMib);
            assertThat(part).as("of a core").isLessThan(0.05);
            assertThat(heapMib).as("of heap, readers' share included").isLessThan(32);
        }
    }

    @Test
    void shouldLeaveTheRateOfTokensAsItIs() {
        try (ConsoleLoad _ = new ConsoleLoad(server.api(), 8)) {
            tokensPerSecond();
            final List<Double> ratios = new ArrayList<>();
            for (int pair = 0; pair < PAIRS; pair++) {
                // Which comes first changes from pair to pair: a drift then weighs on both alike.
                final boolean isFirst = pair % 2 == 0;
                final double one = isFirst ? withPages() : tokensPerSecond();
                final double other = isFirst ? tokensPerSecond() : withPages();
                ratios.add(isFirst ? one / other : other / one);
            }
            ratios.sort(null);
            final double median = (ratios.get(PAIRS / 2 - 1) + ratios.get(PAIRS / 2)) / 2;
            System.err.printf(
                    Locale.ROOT,
                    "tokens/s with ten pages against none: %.3f, the median of %d pairs from %.3f to %.3f%n",
                    median,
                    PAIRS,
                    ratios.getFirst(),
                    ratios.getLast());
            assertThat(median).isGreaterThan(0.9);
        }
    }

    private double withPages() {
        try (Pages _ = new Pages(PAGES)) {
            return tokensPerSecond();
        }
    }

    private double tokensPerSecond() {
        final long before = server.status().generatedTokens();
        final long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < WINDOW.toNanos()) {
            LockSupport.parkNanos(WINDOW.toNanos() - (System.nanoTime() - startNs));
        }
        return (server.status().generatedTokens() - before) / ((System.nanoTime() - startNs) / 1e9);
    }
}
