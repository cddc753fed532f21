package io.cheshire.ops.runtime.local;

import io.cheshire.ops.core.ClusterPlan;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.TransportConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The processes of a local cluster and the media driver they share. A process that ends is reported and the cluster goes
 * on without it: that is what it is for. Used by one thread.
 */
public final class LocalCluster implements AutoCloseable {
    private static final long ROUTER_DRAIN_MS = 60_000;
    private static final long END_MS = 5_000;
    private static final long START_NS = 20_000_000_000L;
    private static final long POLL_NS = 20_000_000;

    private final AutoCloseable driver;
    private final List<ChildProcess> children = new ArrayList<>();
    private final Set<String> reported = new HashSet<>();
    private final Consumer<String> events;

    private LocalCluster(final AutoCloseable driver, final Consumer<String> events) {
        this.driver = driver;
        this.events = events;
    }

    /**
     * Starts the driver and every process of the plan.
     *
     * @param transport    with the directory that the plan names
     * @param logDirectory gets one log a process; made if need be
     * @param events       told of starts and ends, a line each
     */
    public static LocalCluster start(
            final ClusterPlan plan,
            final TransportConfig transport,
            final Path logDirectory,
            final Consumer<String> events) {
        try {
            Files.createDirectories(logDirectory);
        } catch (final IOException cause) {
            throw new UncheckedIOException("cannot make " + logDirectory, cause);
        }
        final LocalCluster cluster = new LocalCluster(DataPlane.launchHostDriver(transport), events);
        final JvmCommand jvm = JvmCommand.current();
        final int jvms = Runtime.getRuntime().availableProcessors();
        try {
            for (final ClusterPlan.RoleProcess process : plan.processes()) {
                cluster.awaitStarting(jvms);
                final ChildProcess child = ChildProcess.start(process, jvm, logDirectory);
                cluster.children.add(child);
                events.accept(child.name() + ": pid " + child.pid() + ", log " + child.log());
                if (process.role().equals("coordinator")) {
                    cluster.awaitStarting(1);
                }
            }
        } catch (final RuntimeException failure) {
            cluster.close();
            throw failure;
        }
        return cluster;
    }

    /**
     * Waits until fewer than {@code limit} processes are on their way up: JVMs that all start at once on few cores keep each
     * other from answering in time. Bounded; a process that takes longer just isn't waited for.
     */
    private void awaitStarting(final int limit) {
        final long deadlineNs = System.nanoTime() + START_NS;
        while (children.stream().filter(ChildProcess::starting).count() >= limit
                && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** Reports processes that ended since the last call; false once the router is among them. */
    public boolean watch() {
        boolean routerAlive = true;
        for (final ChildProcess child : children) {
            if (!child.alive()) {
                if (reported.add(child.name())) {
                    events.accept(child.name() + " ended with status " + child.exitStatus() + "; see " + child.log());
                }
                routerAlive &= !child.name().equals("router");
            }
        }
        return routerAlive;
    }

    /** Router first, which finishes its requests; then all others at once. */
    @Override
    public void close() {
        try {
            for (final ChildProcess child : children) {
                if (child.name().equals("router")) {
                    child.terminate();
                    child.awaitOrKill(ROUTER_DRAIN_MS);
                }
            }
            children.forEach(ChildProcess::abandon);
            for (final ChildProcess child : children) {
                if (!child.awaitOrKill(END_MS)) {
                    events.accept(child.name() + " did not end by itself and was killed");
                }
            }
            driver.close();
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (final Exception failure) {
            events.accept("the media driver did not close: " + failure.getMessage());
        }
    }
}
