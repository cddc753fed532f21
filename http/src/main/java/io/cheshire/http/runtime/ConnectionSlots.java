package io.cheshire.http.runtime;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of one listener. At the limit, the one that has waited for its client the longest makes room: an
 * idle one, one whose request doesn't arrive, or one whose reply isn't taken. Connections for which the server has
 * something to do are never closed for others; if all are of that kind the new one is closed. Thread-safe.
 */
final class ConnectionSlots {
    private static final int MAX_TRIES = 8;

    private final int limit;
    private final EdgeMetrics metrics;
    private final Set<ClientPace> open = ConcurrentHashMap.newKeySet();

    ConnectionSlots(final int limit, final EdgeMetrics metrics) {
        this.limit = limit;
        this.metrics = metrics;
    }

    /** What the framework's own limit has to let through, so that there is somebody to make room for. */
    int hardLimit() {
        return limit + Math.max(8, limit / 8);
    }

    /** A new connection, on its event loop. */
    void opened(final ClientPace newcomer) {
        open.add(newcomer);
        makeRoomFor(newcomer, MAX_TRIES);
    }

    void closed(final ClientPace gone) {
        open.remove(gone);
    }

    private void makeRoomFor(final ClientPace newcomer, final int tries) {
        if (open.size() <= limit || !open.contains(newcomer)) {
            return;
        }
        final ClientPace victim = tries > 0 ? longestWaiting(newcomer) : null;
        if (victim == null) {
            metrics.rejected("too_many_connections");
            newcomer.cut();
            return;
        }
        // Its own thread knows best; what was read here may be out of date.
        victim.cutIfWaiting(isCut -> {
            if (isCut) {
                metrics.rejected("connection_made_room");
            } else {
                makeRoomFor(newcomer, tries - 1);
            }
        });
    }

    private @Nullable ClientPace longestWaiting(final ClientPace newcomer) {
        final long nowNs = System.nanoTime();
        ClientPace longest = null;
        long longestNs = -1;
        for (final ClientPace one : open) {
            final long waitedNs = one == newcomer ? -1 : one.waitedNs(nowNs);
            if (waitedNs > longestNs) {
                longest = one;
                longestNs = waitedNs;
            }
        }
        return longest;
    }
}
