package io.cheshire.ops.runtime.local;

import io.cheshire.ops.core.ClusterPlan;
import io.cheshire.ops.core.LocalProcess;
import io.cheshire.ops.core.RestartPause;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.HostDriver;
import io.cheshire.transport.runtime.TransportConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import java.util.stream.Collectors;

/**
 * The processes of a local cluster and the media driver they share. A process that ends is reported and the cluster
 * goes on without it: that is what it is for. Where asked to, it is started again after a while ({@link RestartPause}),
 * the router excepted: without one there is nobody to serve. Used by one thread.
 */
public final class LocalCluster implements AutoCloseable {
    private static final long ROUTER_DRAIN_MS = 60_000;
    private static final long END_MS = 5_000;
    private static final long START_NS = 20_000_000_000L;
    private static final long POLL_NS = 20_000_000;

    private final HostDriver driver;
    private final List<ChildProcess> children = new ArrayList<>();
    private final Map<ChildProcess, Long> endedNs = new HashMap<>();
    private final Map<ChildProcess, Long> startedNs = new HashMap<>();
    /** By name of the process. */
    private final Map<String, RestartPause> pauses = new HashMap<>();

    private final JvmCommand jvm = JvmCommand.current();
    private final Path logDirectory;
    private final Optional<Duration> restartAfter;
    private final Consumer<String> events;
    private final Consumer<List<LocalProcess>> observer;
    /** By name of the process. */
    private final Map<String, Integer> starts = new HashMap<>();

    private LocalCluster(
            final HostDriver driver,
            final Path logDirectory,
            final Optional<Duration> restartAfter,
            final Consumer<String> events,
            final Consumer<List<LocalProcess>> observer) {
        this.driver = driver;
        this.logDirectory = logDirectory;
        this.restartAfter = restartAfter;
        this.events = events;
        this.observer = observer;
    }

    /**
     * Starts the driver, and no process yet.
     *
     * @param transport    with the directory that the plan will name
     * @param channels     what the driver must have room for ({@link DataPlane#launch})
     * @param logDirectory gets one log a process; made if need be
     * @param restartAfter how long after its end a process that had lived long is started again; empty: never
     * @param events       told of starts and ends, a line each
     * @param observer     told of all processes whenever one has started or ended
     */
    public static LocalCluster open(
            final TransportConfig transport,
            final int channels,
            final Path logDirectory,
            final Optional<Duration> restartAfter,
            final Consumer<String> events,
            final Consumer<List<LocalProcess>> observer) {
        try {
            Files.createDirectories(logDirectory);
        } catch (final IOException cause) {
            throw new IllegalArgumentException(
                    "can't make the directory of the processes' logs, " + logDirectory + " (" + cause
                            + "); name one that can be written (--log-dir)",
                    cause);
        }
        return new LocalCluster(
                DataPlane.launchHostDriver(transport, channels), logDirectory, restartAfter, events, observer);
    }

    /**
     * Starts every process of the plan, one after another; those that were started are ended by {@link #close}.
     *
     * @param stopping asked before each: no further one is started, nor waited for, once it is true
     */
    public void start(final ClusterPlan plan, final BooleanSupplier stopping) {
        final int jvms = Runtime.getRuntime().availableProcessors();
        for (final ClusterPlan.RoleProcess process : plan.processes()) {
            awaitStarting(jvms, stopping);
            if (stopping.getAsBoolean()) {
                return;
            }
            children.add(launch(process, process.arguments()));
            tellObserver();
            if (process.role().equals("coordinator")) {
                awaitStarting(1, stopping);
            }
        }
    }

    private ChildProcess launch(final ClusterPlan.RoleProcess plan, final List<String> arguments) {
        final ChildProcess child = ChildProcess.start(plan, arguments, jvm, logDirectory);
        startedNs.put(child, System.nanoTime());
        starts.merge(plan.name(), 1, Integer::sum);
        events.accept(
                child.name() + ": pid " + child.pid() + ", log " + child.log() + ", operations port " + plan.opsPort());
        return child;
    }

    /**
     * Waits until fewer than {@code limit} processes are on their way up: JVMs that all start at once on few cores keep
     * each other from answering in time. Bounded; a process that takes longer just isn't waited for.
     */
    private void awaitStarting(final int limit, final BooleanSupplier stopping) {
        final long deadlineNs = System.nanoTime() + START_NS;
        while (!stopping.getAsBoolean()
                && children.stream().filter(ChildProcess::starting).count() >= limit
                && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /**
     * Reports processes that ended since the last call, and starts again what is due; false once the router has ended.
     *
     * @param ended told of each by name and exit status
     */
    public boolean watch(final ObjIntConsumer<String> ended) {
        boolean routerAlive = true;
        for (final ListIterator<ChildProcess> each = children.listIterator(); each.hasNext(); ) {
            final ChildProcess child = each.next();
            if (child.alive()) {
                continue;
            }
            if (endedNs.putIfAbsent(child, System.nanoTime()) == null) {
                tellObserver();
                events.accept(child.name() + " ended with status " + child.exitStatus() + "; see " + child.log());
                ended.accept(child.name(), child.exitStatus());
                restartAfter.ifPresent(first -> pauseAfter(child, first));
            }
            if (child.name().equals("router")) {
                routerAlive = false;
            } else if (restartIsDue(child)) {
                endedNs.remove(child);
                startedNs.remove(child);
                each.set(launch(child.plan(), child.plan().again()));
                tellObserver();
            }
        }
        return routerAlive;
    }

    private void tellObserver() {
        observer.accept(children.stream()
                .map(child -> child.state(starts.getOrDefault(child.name(), 1)))
                .toList());
    }

    /** What a process wrote last, at most so many lines; for people. */
    public String lastLines(final String name, final int count) {
        return children.stream()
                .filter(child -> child.name().equals(name))
                .map(child -> child.lastLines(count))
                .collect(Collectors.joining());
    }

    private void pauseAfter(final ChildProcess child, final Duration first) {
        final RestartPause before = pauses.getOrDefault(child.name(), new RestartPause(first, 0));
        final RestartPause pause =
                before.after(Duration.ofNanos(System.nanoTime() - startedNs.getOrDefault(child, System.nanoTime())));
        pauses.put(child.name(), pause);
        if (pause.length().compareTo(first) > 0 && !child.name().equals("router")) {
            events.accept(child.name() + " ended soon after its start " + pause.shortRuns()
                    + " times in a row: it is started again in "
                    + pause.length().toSeconds() + " s");
        }
    }

    private boolean restartIsDue(final ChildProcess child) {
        final RestartPause pause = pauses.get(child.name());
        return pause != null
                && System.nanoTime() - endedNs.getOrDefault(child, System.nanoTime())
                        >= pause.length().toNanos();
    }

    private void reportRepair(final HostDriver.Repair repair) {
        if (repair.droppedData() + repair.droppedControl() > 0) {
            events.accept("media driver: dropped " + repair.droppedData() + " data and " + repair.droppedControl()
                    + " control packets on purpose, " + repair.naksSent() + " NAKs, " + repair.retransmits()
                    + " retransmits");
        }
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
            tellObserver();
            reportRepair(driver.repair());
            driver.close();
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (final Exception failure) {
            events.accept("the media driver did not close: " + failure.getMessage());
        }
    }
}
