package io.cheshire.transport.runtime;

import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.io.File;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process's access to Aeron: its media driver, unless the host has one, and its client.
 *
 * <p>In mode {@code invoker} the driver and the client have no threads: whoever owns this calls {@link #doWork} in its duty
 * cycle, on one and the same thread. In mode {@code thread} the driver has one thread and the client one; with
 * {@code external} only the client has. Then {@link #doWork} does nothing. Close it after everything that uses
 * {@link #aeron()}.
 */
public final class DataPlane implements Agent, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DataPlane.class);
    private static final long LINGER_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int TASK_LIMIT = 64;
    private static final long CONDUCTOR_SLEEP_MS = 16;

    private final ManyToOneConcurrentArrayQueue<Runnable> tasks = new ManyToOneConcurrentArrayQueue<>(TASK_LIMIT);
    private final @Nullable MediaDriver driver;
    private final @Nullable AgentInvoker driverInvoker;
    private final @Nullable AgentInvoker clientInvoker;
    private final Aeron aeron;
    private final String directory;

    private DataPlane(final @Nullable MediaDriver driver, final Aeron aeron, final String directory) {
        this.driver = driver;
        this.driverInvoker = driver == null ? null : driver.sharedAgentInvoker();
        this.clientInvoker = aeron.conductorAgentInvoker();
        this.aeron = aeron;
        this.directory = directory;
    }

    /** Starts or joins a media driver as the configuration says. */
    public static DataPlane launch(final TransportConfig config) {
        final ErrorHandler errors = cause -> LOG.error("Aeron reports an error", cause);
        final String directory = config.driverDirectory().isEmpty() ? freshDirectory() : config.driverDirectory();
        final MediaDriver driver = config.driverMode() == TransportConfig.DriverMode.EXTERNAL
                ? null
                : MediaDriver.launch(driverContext(config, directory, errors));
        try {
            return new DataPlane(driver, Aeron.connect(clientContext(config, directory, driver, errors)), directory);
        } catch (final RuntimeException cause) {
            if (driver != null) {
                driver.close();
            }
            throw cause;
        }
    }

    /** A media driver for the other processes of this host, on a thread of its own, in the configured directory. */
    public static HostDriver launchHostDriver(final TransportConfig config) {
        final ErrorHandler errors = cause -> LOG.error("The media driver reports an error", cause);
        final MediaDriver.Context context = driverContext(config, config.driverDirectory(), errors);
        final DriverLoss loss = config.lossRate() > 0 ? new DriverLoss(config.lossRate(), config.lossSeed()) : null;
        if (loss != null) {
            loss.applyTo(context);
        }
        return new HostDriver(MediaDriver.launch(context.threadingMode(ThreadingMode.SHARED)), loss);
    }

    private static MediaDriver.Context driverContext(
            final TransportConfig config, final String directory, final ErrorHandler errors) {
        final IdleStrategy idle = IdleStrategies.of(config.idle());
        return new MediaDriver.Context()
                .aeronDirectoryName(directory)
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .warnIfDirectoryExists(false)
                .threadingMode(
                        config.driverMode() == TransportConfig.DriverMode.INVOKER
                                ? ThreadingMode.INVOKER
                                : ThreadingMode.SHARED)
                .sharedIdleStrategy(idle)
                .termBufferSparseFile(true)
                .ipcTermBufferLength(config.termBufferBytes())
                .publicationTermBufferLength(config.termBufferBytes())
                .publicationLingerTimeoutNs(LINGER_NS)
                .clientLivenessTimeoutNs(config.clientLivenessTimeoutNs())
                // Aeron asks that a blocked publication isn't unblocked before its client is known to be dead.
                .publicationUnblockTimeoutNs(config.clientLivenessTimeoutNs() + TimeUnit.SECONDS.toNanos(10))
                .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(config.driverTimeoutNs()))
                .errorHandler(errors);
    }

    private static Aeron.Context clientContext(
            final TransportConfig config,
            final String directory,
            final @Nullable MediaDriver driver,
            final ErrorHandler errors) {
        final Aeron.Context context = new Aeron.Context()
                .aeronDirectoryName(directory)
                .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(config.driverTimeoutNs()))
                // The client's conductor only keeps the driver informed; no row waits for it.
                .idleStrategy(new SleepingMillisIdleStrategy(CONDUCTOR_SLEEP_MS))
                .errorHandler(errors);
        if (driver != null && driver.sharedAgentInvoker() != null) {
            context.useConductorAgentInvoker(true).driverAgentInvoker(driver.sharedAgentInvoker());
        }
        return context;
    }

    private static String freshDirectory() {
        final File memory = new File("/dev/shm");
        final String parent =
                memory.isDirectory() && memory.canWrite() ? memory.getPath() : System.getProperty("java.io.tmpdir");
        return parent + "/cheshire-" + ProcessHandle.current().pid() + "-" + UUID.randomUUID();
    }

    /** The client that channels are made with. */
    public Aeron aeron() {
        return aeron;
    }

    /** Directory of the media driver, for tools and for other processes of the host. */
    public String directory() {
        return directory;
    }

    /**
     * Runs something that makes or closes channels, and waits for it. In mode {@code invoker} Aeron's client belongs to the
     * thread that runs {@link #doWork}, so it happens there; else here. Not to be called by that thread.
     */
    public <T> T call(final Supplier<T> work) {
        if (clientInvoker == null) {
            return work.get();
        }
        final CompletableFuture<T> done = new CompletableFuture<>();
        final Runnable task = () -> {
            try {
                done.complete(work.get());
            } catch (final RuntimeException cause) {
                done.completeExceptionally(cause);
            }
        };
        if (!tasks.offer(task)) {
            throw new IllegalStateException("more than " + TASK_LIMIT + " threads open channels at once");
        }
        return done.join();
    }

    @Override
    public int doWork() {
        int work = 0;
        final Runnable task = tasks.poll();
        if (task != null) {
            task.run();
            work++;
        }
        if (driverInvoker != null) {
            work += driverInvoker.invoke();
        }
        if (clientInvoker != null) {
            work += clientInvoker.invoke();
        }
        return work;
    }

    @Override
    public String roleName() {
        return "data-plane";
    }

    @Override
    public void close() {
        aeron.close();
        if (driver != null) {
            driver.close();
        }
    }
}
