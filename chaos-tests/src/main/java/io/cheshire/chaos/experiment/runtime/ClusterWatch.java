package io.cheshire.chaos.experiment.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.experiment.core.RunMark;
import io.cheshire.chaos.process.ClusterLook;
import io.cheshire.chaos.runtime.Await;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the cluster again and again on a thread of its own, and keeps whether it was whole and what the
 * coordinator decided.
 */
final class ClusterWatch implements AutoCloseable {
    private static final int MOST_MARKS = 300;
    private static final double NS_PER_MS = 1e6;

    private final ExperimentSite site;
    private final int nodes;
    private final int copies;
    private final long startNs = System.nanoTime();
    private final long startMs = System.currentTimeMillis();
    private final List<Look> looks = new ArrayList<>();
    private final Set<RunMark> marks = new LinkedHashSet<>();
    private final Thread thread;
    private @Nullable ClusterLook latest;
    private volatile boolean closed;

    /** @param whole whether nothing was missing; false where nobody answered */
    private record Look(double atMs, boolean whole) {}

    /**
     * Looks from now on.
     *
     * @param nodes  that serve when it is whole
     * @param copies of each unit when it is whole
     */
    ClusterWatch(final ExperimentSite site, final int nodes, final int copies) {
        this.site = site;
        this.nodes = nodes;
        this.copies = copies;
        this.thread = Thread.ofPlatform().daemon().name("cluster-watch").start(this::run);
    }

    long startNs() {
        return startNs;
    }

    private void run() {
        while (!closed) {
            look();
            LockSupport.parkNanos(Await.CLUSTER_POLL.toNanos());
        }
    }

    private void look() {
        ClusterLook look = null;
        JsonNode cluster = null;
        try {
            cluster = site.ops().read("/admin/v1/cluster");
            look = ClusterLook.of(cluster);
        } catch (final IllegalStateException | java.io.UncheckedIOException notNow) {
            // A coordinator that was killed answers nothing for a while: that, too, is a look.
        }
        final boolean whole = look != null && isWhole(look);
        synchronized (this) {
            looks.add(new Look((System.nanoTime() - startNs) / NS_PER_MS, whole));
            latest = look == null ? latest : look;
            if (cluster != null) {
                keepEvents(cluster);
            }
        }
    }

    private boolean isWhole(final ClusterLook look) {
        return look.isSteady()
                && look.serving().size() >= nodes
                && look.holders().stream().allMatch(holders -> holders.size() >= copies)
                && site.isBack();
    }

    private void keepEvents(final JsonNode cluster) {
        for (final JsonNode event : cluster.path("events")) {
            final double atMs = event.path("timeMs").longValue() - startMs;
            if (atMs >= 0 && marks.size() < MOST_MARKS) {
                marks.add(new RunMark(
                        atMs,
                        kind(event.path("kind").asText()),
                        event.path("kind").asText() + ": "
                                + event.path("reason").asText()));
            }
        }
    }

    private static RunMark.Kind kind(final String event) {
        return switch (event) {
            case "NODE_GONE", "ROUTER_GONE", "NODE_LEAVING", "RESCUE", "RESCUE_WAITS", "REPLICAS_DISAGREE" ->
                RunMark.Kind.DETECTED;
            case "PUBLISHED" -> RunMark.Kind.PUBLISHED;
            default -> RunMark.Kind.DECIDED;
        };
    }

    /** The last answer; null before the first. */
    synchronized @Nullable ClusterLook latest() {
        return latest;
    }

    synchronized List<RunMark> marks() {
        return List.copyOf(marks);
    }

    /** Whether the last look, no older than this moment, found it whole. */
    synchronized boolean isWholeSince(final double ms) {
        return !looks.isEmpty() && looks.getLast().whole && looks.getLast().atMs >= ms;
    }

    /**
     * When it was whole for good: the first look after the last one that wasn't; {@code sinceMs} if it always was;
     * null if it isn't.
     */
    synchronized @Nullable Double wholeForGoodMs(final double sinceMs) {
        Double wholeMs = sinceMs;
        for (final Look look : looks) {
            if (look.atMs < sinceMs) {
                continue;
            }
            if (!look.whole) {
                wholeMs = null;
            } else if (wholeMs == null) {
                wholeMs = look.atMs;
            }
        }
        return wholeMs;
    }

    /** Looks no more. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
