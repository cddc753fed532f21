package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.testing.Alone;
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
@Alone
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIfSystemProperty(
        named = "cheshire.test.long",
        matches = "true",
        disabledReason = "takes minutes: give -Dcheshire.test.long=true")
class ConsoleCostIT {
    private static final int PAGES = 10;
    private static final int PICTURES = 80;
    private static final int PAIRS = 24;
    private static final int WARM_UP_WINDOWS = 5;
    private static final Duration WINDOW = Duration.ofSeconds(2);
    /** Ten readers are in this process, too, and the machine may be anybody's: far above what was seen. */
    private static final double MOST_COST = 1.25;

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

    /**
     * Others on the same machine weigh on one window or the other by chance: what tells is the median of many pairs of
     * short ones, and processor time, which they don't spend.
     */
    @Test
    void shouldLeaveTheRateOfTokensAsItIs() {
        try (ConsoleLoad _ = new ConsoleLoad(server.api(), 8)) {
            for (int second = 0; second < WARM_UP_WINDOWS; second++) {
                measure();
            }
            final List<Double> rates = new ArrayList<>();
            final List<Double> costs = new ArrayList<>();
            for (int pair = 0; pair < PAIRS; pair++) {
                // Which comes first changes from pair to pair: a drift then weighs on both alike.
                final boolean isFirst = pair % 2 == 0;
                final Rate one = isFirst ? withPages() : measure();
                final Rate other = isFirst ? measure() : withPages();
                final Rate with = isFirst ? one : other;
                final Rate without = isFirst ? other : one;
                rates.add(with.tokensPerSecond / without.tokensPerSecond);
                costs.add(with.cpuNsPerToken / without.cpuNsPerToken);
            }
            say("tokens/s with ten pages against none", rates);
            say("processor time a token, the pages' readers included", costs);
            assertThat(median(costs)).isLessThan(MOST_COST);
        }
    }

    /** Of one window. */
    private record Rate(double tokensPerSecond, double cpuNsPerToken) {}

    private static double median(final List<Double> values) {
        final List<Double> sorted = values.stream().sorted().toList();
        return (sorted.get((PAIRS - 1) / 2) + sorted.get(PAIRS / 2)) / 2;
    }

    private static void say(final String what, final List<Double> ratios) {
        final List<Double> sorted = ratios.stream().sorted().toList();
        System.err.printf(
                Locale.ROOT,
                "%s: %.3f, the median of %d pairs; half of them from %.3f to %.3f%n",
                what,
                median(ratios),
                PAIRS,
                sorted.get(PAIRS / 4),
                sorted.get(PAIRS - 1 - PAIRS / 4));
    }

    private Rate withPages() {
        try (Pages _ = new Pages(PAGES)) {
            read(2, new AtomicBoolean());
            return measure();
        }
    }

    private Rate measure() {
        final long tokens = server.status().generatedTokens();
        final long cpuNs = cpuNs();
        final long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < WINDOW.toNanos()) {
            LockSupport.parkNanos(WINDOW.toNanos() - (System.nanoTime() - startNs));
        }
        final double made = Math.max(1, server.status().generatedTokens() - tokens);
        return new Rate(made / ((System.nanoTime() - startNs) / 1e9), (cpuNs() - cpuNs) / made);
    }

    private static long cpuNs() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
