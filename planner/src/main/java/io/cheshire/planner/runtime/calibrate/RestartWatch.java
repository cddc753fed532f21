package io.cheshire.planner.runtime.calibrate;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.process.ClusterProcesses;
import java.time.Instant;
import java.util.OptionalDouble;
import java.util.concurrent.locks.LockSupport;

/**
 * How long the next life of a killed node takes to join: from the start of its process, which its supervisor makes in
 * its own time, until the coordinator knows it. Looks from a thread of its own while others put load on the cluster,
 * since processes that start share its cores with those that serve.
 */
final class RestartWatch {
    private static final long POLL_NS = 20_000_000;
    private static final long NS_PER_MS = 1_000_000;
    /** Of the node's life before. */
    private static final long NONE = 0;

    private final ClusterProcesses cluster;
    private final int node;
    private final String process;
    private final long before;
    private final long endNs;
    private final Thread thread;
    private volatile double joinedNs = Double.NaN;

    /**
     * Watches until a time.
     *
     * @param before incarnation that is to be followed by another one, as {@link #incarnation} tells it
     */
    RestartWatch(final ClusterProcesses cluster, final int node, final long before, final long endNs) {
        this.cluster = cluster;
        this.node = node;
        this.process = "expert-node-" + node;
        this.before = before;
        this.endNs = endNs;
        this.thread = Thread.ofPlatform().daemon().name("restart-watch").start(this::watch);
    }

    /** Of the node as the coordinator knows it. */
    static long incarnation(final ClusterProcesses cluster, final int node) {
        for (final JsonNode each : cluster.ops().read("/admin/v1/cluster").path("nodes")) {
            if (each.path("nodeId").asInt() == node) {
                return each.path("incarnation").asLong(NONE);
            }
        }
        return NONE;
    }

    private void watch() {
        while (System.nanoTime() - endNs < 0) {
            try {
                final long now = incarnation(cluster, node);
                if (now != before && now != NONE) {
                    final long atMs = System.currentTimeMillis();
                    cluster.process(process)
                            .info()
                            .startInstant()
                            .map(Instant::toEpochMilli)
                            .ifPresent(startMs -> joinedNs = (double) Math.max(1, atMs - startMs) * NS_PER_MS);
                    return;
                }
            } catch (final IllegalStateException | java.io.UncheckedIOException notNow) {
                // Who is busy with a death may answer later.
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** Whether there is more to see. */
    boolean isWatching() {
        return thread.isAlive();
    }

    /** What was seen; empty if it did not join in time. */
    OptionalDouble joinedNs() throws InterruptedException {
        thread.join();
        return Double.isNaN(joinedNs) ? OptionalDouble.empty() : OptionalDouble.of(joinedNs);
    }
}
