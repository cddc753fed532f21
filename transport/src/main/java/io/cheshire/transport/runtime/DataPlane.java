package io.cheshire.transport.runtime;

import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process's access to Aeron: its media driver, unless the host has one, and its client.
 *
 * <p>In mode {@code invoker} the driver and the client have no threads: whoever owns this calls {@link #doWork} in its
 * duty cycle, on one and the same thread. In mode {@code thread} the driver has one thread and the client one; with
 * {@code external} only the client has. Then {@link #doWork} does nothing. Close it after everything that uses
 * {@link #aeron()}.
 */
public final class DataPlane implements Agent, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DataPlane.class);
    private static final long LINGER_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long CONDUCTOR_SLEEP_MS = 16;

    private final ClientTasks tasks = new ClientTasks();
    private final @Nullable MediaDriver driver;
    private final @Nullable DriverDirectory files;
    private final @Nullable AgentInvoker driverInvoker;
    private final @Nullable AgentInvoker clientInvoker;
    private final Aeron aeron;
    private final String directory;

    private DataPlane(
            final @Nullable MediaDriver driver,
            final @Nullable DriverDirectory files,
            final Aeron aeron,
            final String directory) {
        this.driver = driver;
        this.files = files;
        this.driverInvoker = driver == null ? null : driver.sharedAgentInvoker();
        this.clientInvoker = aeron.conductorAgentInvoker();
        this.aeron = aeron;
        this.directory = directory;
    }

    /** Channels of one connection: there and back. */
    public static final int CHANNELS_PER_LINK = 2;

    /** Starts or joins a media driver as the configuration says, for one connection. */
    public static DataPlane launch(final TransportConfig config) {
        return launch(config, CHANNELS_PER_LINK);
    }

    /**
     * Starts or joins a media driver as the configuration says.
     *
     * @param channels buffers that its driver must have room for: publications, and what comes over the network
     * @throws IllegalArgumentException there is no room, or no directory can be made
     */
    public static DataPlane launch(final TransportConfig config, final int channels) {
        final ErrorHandler errors = cause -> LOG.error("Aeron reports an error", cause);
        if (config.driver().mode() == TransportConfig.DriverMode.EXTERNAL) {
            final String directory = config.driver().directory();
            return new DataPlane(null, null, Aeron.connect(clientContext(config, directory, null, errors)), directory);
        }
        final DriverDirectory files = DriverDirectory.make(DriverStorage.fresh(config, channels));
        MediaDriver driver = null;
        try {
            driver = launchDriver(config, driverContext(config, files, errors), channels);
            final String directory = files.driverDirectory().toString();
            LOG.info("the media driver's files are in {}", directory);
            return new DataPlane(
                    driver, files, Aeron.connect(clientContext(config, directory, driver, errors)), directory);
        } catch (final RuntimeException cause) {
            if (driver != null) {
                driver.close();
            }
            files.close();
            throw cause;
        }
    }

    /**
     * A media driver for the other processes of this host, on a thread of its own.
     *
     * @param config   names in {@code driver.directory} what {@link #freshDirectory} gave
     * @param channels as {@link #launch} has them, of all processes together
     * @throws IllegalArgumentException as there, or something is there already
     */
    public static HostDriver launchHostDriver(final TransportConfig config, final int channels) {
        final ErrorHandler errors = cause -> LOG.error("The media driver reports an error", cause);
        final DriverDirectory files =
                DriverDirectory.make(Path.of(config.driver().directory()));
        try {
            final MediaDriver.Context context = driverContext(config, files, errors);
            final DriverLoss loss = config.driver().lossRate() > 0
                    ? new DriverLoss(config.driver().lossRate(), config.driver().lossSeed())
                    : null;
            if (loss != null) {
                loss.applyTo(context);
            }
            return new HostDriver(
                    launchDriver(config, context.threadingMode(ThreadingMode.SHARED), channels), files, loss);
        } catch (final RuntimeException cause) {
            files.close();
            throw cause;
        }
    }

    private static MediaDriver launchDriver(
            final TransportConfig config, final MediaDriver.Context context, final int channels) {
        final String directory = context.aeronDirectoryName();
        DriverStorage.require(config, directory, channels);
        try {
            return MediaDriver.launch(context);
        } catch (final RuntimeException cause) {
            throw new IllegalArgumentException(
                    "the media driver can't start in " + directory + ": " + cause.getMessage(), cause);
        }
    }

    private static MediaDriver.Context driverContext(
            final TransportConfig config, final DriverDirectory files, final ErrorHandler errors) {
        final IdleStrategy idle = IdleStrategies.of(config.idle());
        return new MediaDriver.Context()
                .aeronDirectoryName(files.driverDirectory().toString())
                // Its own way of deleting follows links and asks nobody: DriverDirectory deletes.
                .dirDeleteOnStart(false)
                .dirDeleteOnShutdown(false)
                .warnIfDirectoryExists(false)
                .threadingMode(
                        config.driver().mode() == TransportConfig.DriverMode.INVOKER
                                ? ThreadingMode.INVOKER
                                : ThreadingMode.SHARED)
                .sharedIdleStrategy(idle)
                .termBufferSparseFile(true)
                .ipcTermBufferLength(config.termBufferBytes())
                .publicationTermBufferLength(config.termBufferBytes())
                .publicationLingerTimeoutNs(LINGER_NS)
                .clientLivenessTimeoutNs(config.driver().clientLivenessTimeoutNs())
                // Aeron asks that a blocked publication isn't unblocked before its client is known to be dead.
                .publicationUnblockTimeoutNs(config.driver().clientLivenessTimeoutNs() + TimeUnit.SECONDS.toNanos(10))
                .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(config.driver().timeoutNs()))
                .errorHandler(errors);
    }

    private static Aeron.Context clientContext(
            final TransportConfig config,
            final String directory,
            final @Nullable MediaDriver driver,
            final ErrorHandler errors) {
        final Aeron.Context context = new Aeron.Context()
                .aeronDirectoryName(directory)
                .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(config.driver().timeoutNs()))
                // The client's conductor only keeps the driver informed; no row waits for it.
                .idleStrategy(new SleepingMillisIdleStrategy(CONDUCTOR_SLEEP_MS))
                .errorHandler(errors);
        if (driver != null && driver.sharedAgentInvoker() != null) {
            context.useConductorAgentInvoker(true).driverAgentInvoker(driver.sharedAgentInvoker());
        }
        return context;
    }

    /**
     * A directory for a media driver that doesn't exist yet: in memory, or on disk where memory has no room for so many
     * channels. What processes that were killed have left is swept first.
     *
     * @param channels as {@link #launch} has them
     */
    public static String freshDirectory(final int termBufferBytes, final int channels) {
        return DriverStorage.fresh("", termBufferBytes, channels).toString();
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
     * Runs something that makes or closes channels, and waits for it. In mode {@code invoker} Aeron's client belongs to
     * the thread that runs {@link #doWork}, so it happens there; else here. Not to be called by that thread.
     *
     * @throws IllegalStateException this is closed, or becomes so before it happened
     */
    public <T> T call(final Supplier<T> work) {
        return clientInvoker == null ? work.get() : tasks.call(work);
    }

    @Override
    public int doWork() {
        int work = tasks.runNext();
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

    /** Nobody runs {@link #doWork} any more, so nobody need wait for that. */
    @Override
    public void onClose() {
        tasks.close();
    }

    @Override
    public void close() {
        tasks.close();
        aeron.close();
        if (driver != null) {
            driver.close();
        }
        if (files != null) {
            files.close();
        }
    }
}
