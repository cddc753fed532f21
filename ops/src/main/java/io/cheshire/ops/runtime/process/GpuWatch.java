package io.cheshire.ops.runtime.process;

import io.cheshire.model.runtime.cuda.nvml.GpuHealth;
import io.cheshire.model.runtime.cuda.nvml.GpuReading;
import io.cheshire.model.runtime.cuda.nvml.Nvml;
import io.cheshire.model.runtime.cuda.nvml.NvmlException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a GPU's health now and then, on a thread of its own, since a look may take long and hang with a broken GPU.
 * Once the GPU is lost it isn't looked at any more. {@link #latest} is safe from any thread.
 */
final class GpuWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GpuWatch.class);

    private final Supplier<GpuHealth> opening;
    private final long intervalNs;
    private final BooleanSupplier lost;
    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable GpuReading latest;

    private GpuWatch(final Supplier<GpuHealth> opening, final long intervalNs, final BooleanSupplier lost) {
        this.opening = opening;
        this.intervalNs = intervalNs;
        this.lost = lost;
        this.thread = Thread.ofPlatform().daemon().name("gpu-health").unstarted(this::watch);
    }

    /**
     * Begins to look at a GPU.
     *
     * @param config by which library, and how often
     * @param uuid   of the GPU
     * @param lost   whether the GPU is lost
     */
    static GpuWatch start(final GpuHealthConfig config, final String uuid, final BooleanSupplier lost) {
        return start(() -> Nvml.open(config.library(), uuid), config.intervalNs(), lost);
    }

    /** The same, by something else that knows the GPU. */
    static GpuWatch start(final Supplier<GpuHealth> opening, final long intervalNs, final BooleanSupplier lost) {
        final GpuWatch watch = new GpuWatch(opening, intervalNs, lost);
        watch.thread.start();
        return watch;
    }

    /** How the GPU was when it was last looked at; null: nobody knows, or it is lost. */
    @Nullable
    GpuReading latest() {
        return lost.getAsBoolean() ? null : latest;
    }

    private void watch() {
        try {
            final GpuHealth health = opening.get();
            while (!closed && !lost.getAsBoolean()) {
                latest = health.read();
                pause();
            }
            latest = null;
            if (!lost.getAsBoolean()) {
                health.close();
            }
        } catch (final NvmlException nothing) {
            latest = null;
            LOG.info("no figures of the GPU's health from now on: {}", nothing.getMessage());
        }
    }

    private void pause() {
        final long untilNs = System.nanoTime() + intervalNs;
        while (!closed && untilNs - System.nanoTime() > 0) {
            LockSupport.parkNanos(this, untilNs - System.nanoTime());
        }
    }

    /** For tests: until nobody looks any more. */
    void awaitEnd() {
        try {
            thread.join();
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Doesn't wait: a look may be stuck. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
