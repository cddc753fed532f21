package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.RouterCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Requests for fresh figures that wait for reports. Their number and their time are bounded; one too many is answered
 * at once with the last figures, and says so. Used by one coordinator's life alone.
 *
 * @param <M> where somebody can be answered
 */
final class FreshReports<M> {
    private static final long NS_PER_MS = 1_000_000;

    private final int limit;
    private final long timeoutMaxNs;
    private final SortedMap<Long, Waiting<M>> waiting = new TreeMap<>();
    private long lastRefreshId;

    private record Waiting<M>(M asker, TreeSet<String> missing) {}

    /**
     * @param limit        requests that may wait at once
     * @param timeoutMaxNs longest that one may wait
     */
    FreshReports(final int limit, final long timeoutMaxNs) {
        this.limit = limit;
        this.timeoutMaxNs = timeoutMaxNs;
    }

    /** Asks every member for a report. */
    List<CoordinatorEffect<M>> start(final long timeoutMs, final M asker, final KnownMembers<M> members) {
        final TreeSet<String> missing = new TreeSet<>(members.names());
        if (missing.isEmpty() || waiting.size() >= limit) {
            return List.of(new CoordinatorEffect.Show<>(asker, List.copyOf(members.names())));
        }
        final long refreshId = ++lastRefreshId;
        waiting.put(refreshId, new Waiting<>(asker, missing));
        final List<CoordinatorEffect<M>> effects = new ArrayList<>();
        members.nodes()
                .forEach(node -> effects.add(
                        new CoordinatorEffect.Tell<>(node.place(), new ExpertNodeCommand.ReportNow(refreshId))));
        members.routers()
                .forEach(router -> effects.add(
                        new CoordinatorEffect.Tell<>(router.place(), new RouterCommand.ReportNow(refreshId))));
        effects.add(new CoordinatorEffect.StartTimer<>(
                new CoordinatorInput.RefreshExpired<>(refreshId),
                Math.clamp(timeoutMs, 1, timeoutMaxNs / NS_PER_MS) * NS_PER_MS));
        return effects;
    }

    /** The member reported. */
    List<CoordinatorEffect<M>> answered(final long refreshId, final String member) {
        final Waiting<M> refresh = waiting.get(refreshId);
        return refresh != null
                        && refresh.missing().remove(member)
                        && refresh.missing().isEmpty()
                ? finish(refreshId)
                : List.of();
    }

    /** Nobody waits for a member that is gone. */
    List<CoordinatorEffect<M>> gone(final String member) {
        return List.copyOf(waiting.keySet()).stream()
                .flatMap(refreshId -> answered(refreshId, member).stream())
                .toList();
    }

    /** The time of the request is over: who asked sees the cluster, if he hasn't yet. */
    List<CoordinatorEffect<M>> finish(final long refreshId) {
        final Waiting<M> refresh = waiting.remove(refreshId);
        return refresh == null
                ? List.of()
                : List.of(
                        new CoordinatorEffect.CancelTimer<>(new CoordinatorInput.RefreshExpired<>(refreshId)),
                        new CoordinatorEffect.Show<>(refresh.asker(), List.copyOf(refresh.missing())));
    }
}
