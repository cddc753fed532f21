package io.cheshire.chaos.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How busy the host's processors were, and how long one thread of a process was ready to run and had none, as Linux
 * counts both ({@code /proc/stat}, {@code schedstat}): what of a gap between tokens is contention and not the cluster's
 * doing. Samples on a thread of its own, every 10 ms, until closed; asked by one thread.
 */
public final class CpuWatch implements AutoCloseable {
    /** The thread that runs a process's agents where all share one. */
    public static final String AGENTS = "cheshire-agents";

    private static final long INTERVAL_NS = 10_000_000;
    private static final double NS_PER_MS = 1e6;
    private static final int IDLE_FIELD = 4;
    private static final int IOWAIT_FIELD = 5;
    private static final int STEAL_FIELD = 8;
    private static final Path HOST = Path.of("/proc/stat");

    private final @Nullable Path threadStatistics;
    private final List<Sample> samples = new ArrayList<>();
    private final Thread sampler;
    private volatile boolean closed;

    /** Totals since the host's and the thread's start. */
    private record Sample(long atNs, long busyTicks, long allTicks, long waitedNs) {}

    /**
     * What was seen in a window of time.
     *
     * @param busyShare of all processors, 0 to 1; NaN where the host doesn't say
     * @param waitedMs  the thread was ready and had no processor; NaN where the host doesn't say
     */
    public record Look(double busyShare, double waitedMs) {}

    /** Watches this thread of the process, the first of that name. */
    public CpuWatch(final ProcessHandle process, final String threadName) {
        threadStatistics = statisticsOf(process.pid(), threadName);
        sampler = Thread.ofPlatform().daemon().name("cpu-watch").start(this::run);
    }

    private void run() {
        while (!closed) {
            final Sample sample = sample();
            synchronized (samples) {
                samples.add(sample);
            }
            LockSupport.parkNanos(INTERVAL_NS);
        }
    }

    /** Between the samples that enclose the window: at 10 ms each, a window of less than 50 ms is told roughly. */
    public Look between(final long fromNs, final long toNs) {
        synchronized (samples) {
            if (samples.isEmpty()) {
                return new Look(Double.NaN, Double.NaN);
            }
            Sample first = samples.getFirst();
            Sample last = samples.getLast();
            for (final Sample sample : samples) {
                if (sample.atNs - fromNs <= 0) {
                    first = sample;
                }
                if (sample.atNs - toNs >= 0) {
                    last = sample;
                    break;
                }
            }
            final long ticks = last.allTicks - first.allTicks;
            return new Look(
                    ticks > 0 ? (double) (last.busyTicks - first.busyTicks) / ticks : Double.NaN,
                    first.waitedNs < 0 || last.waitedNs < 0
                            ? Double.NaN
                            : (last.waitedNs - first.waitedNs) / NS_PER_MS);
        }
    }

    private Sample sample() {
        long idle = 0;
        long all = 0;
        try (Stream<String> lines = Files.lines(HOST)) {
            final String[] fields = lines.findFirst().orElse("").split("\\s+", -1);
            for (int field = 1; field <= STEAL_FIELD && field < fields.length; field++) {
                final long ticks = Long.parseLong(fields[field]);
                all += ticks;
                idle += field == IDLE_FIELD || field == IOWAIT_FIELD ? ticks : 0;
            }
        } catch (final IOException noSuchSystem) {
            all = 0;
        }
        return new Sample(System.nanoTime(), all - idle, all, waitedNs());
    }

    private long waitedNs() {
        if (threadStatistics == null) {
            return -1;
        }
        try {
            return Long.parseLong(Files.readString(threadStatistics).trim().split(" ", -1)[1]);
        } catch (final IOException ended) {
            return -1;
        }
    }

    private static @Nullable Path statisticsOf(final long pid, final String threadName) {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (final Path thread : threads) {
                if (Files.readString(thread.resolve("comm")).trim().equals(threadName)) {
                    return thread.resolve("schedstat");
                }
            }
            return null;
        } catch (final IOException noSuchSystem) {
            return null;
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(sampler);
    }
}
