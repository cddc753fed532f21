package io.cheshire.model.runtime.text;

import io.cheshire.model.protocol.ModelException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long a tokenizer has taken for its probe: the time for which its thread had a core, and, with much more patience,
 * the clock's, which also ends what waits for ever. Used by one thread.
 */
final class ProbeTime {
    private static final Logger LOG = LoggerFactory.getLogger(ProbeTime.class);
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(100);
    /** A host on which a thread gets less than a twentieth of a core serves nobody. */
    private static final int PATIENCE = 20;

    private static final long UNKNOWN = -1;

    private final Duration budget;
    private final LongSupplier cpuNs;
    private final LongSupplier nanoClock;
    private final long startNs;
    private boolean warned;

    /** Of a thread that is about to start. */
    ProbeTime(final Duration budget, final long threadId) {
        this(budget, () -> cpuNs(threadId), System::nanoTime);
    }

    /** @param cpuNs that the thread has had so far; negative: the system doesn't say */
    ProbeTime(final Duration budget, final LongSupplier cpuNs, final LongSupplier nanoClock) {
        this.budget = budget;
        this.cpuNs = cpuNs;
        this.nanoClock = nanoClock;
        this.startNs = nanoClock.getAsLong();
    }

    private static long cpuNs(final long threadId) {
        final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return threads.isThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled()
                ? threads.getThreadCpuTime(threadId)
                : UNKNOWN;
    }

    /** Longest wait before the next {@link #look}. */
    long nextLookNs() {
        return Math.min(LOOK_NS, budget.toNanos());
    }

    /** @throws ModelException it has taken too long */
    void look() {
        final long passedNs = nanoClock.getAsLong() - startNs;
        final long ranNs = cpuNs.getAsLong();
        if (ranNs > budget.toNanos()) {
            throw new ModelException(
                    "tokenizer.json: encoding the probe texts of " + TokenizerFiles.PROBE_CHARS
                            + " characters took more than " + budget.toMillis()
                            + " ms of a core; its regex or normaliser is too slow to serve",
                    List.of());
        }
        if (passedNs > PATIENCE * budget.toNanos()) {
            throw new ModelException(
                    "tokenizer.json: encoding the probe texts of " + TokenizerFiles.PROBE_CHARS
                            + " characters took longer than " + PATIENCE * budget.toMillis() + " ms, " + ran(ranNs)
                            + "; it waits for something, or is too slow on a host as busy as this",
                    List.of());
        }
        if (passedNs > budget.toNanos() && !warned) {
            warned = true;
            LOG.warn(
                    "encoding the probe texts of tokenizer.json has taken {} ms, {}: this host is busy; it may take up"
                            + " to {} ms",
                    TimeUnit.NANOSECONDS.toMillis(passedNs),
                    ran(ranNs),
                    PATIENCE * budget.toMillis());
        }
    }

    private static String ran(final long ranNs) {
        return ranNs < 0
                ? "and the system doesn't say how much of it on a core"
                : TimeUnit.NANOSECONDS.toMillis(ranNs) + " ms of it on a core";
    }
}
