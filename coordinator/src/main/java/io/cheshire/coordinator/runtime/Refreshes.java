package io.cheshire.coordinator.runtime;

import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Requests for fresh figures that wait for reports. Their number and their time are bounded; one too many is answered at once
 * with the last figures, and says so. Used by the coordinator's actor alone.
 */
final class Refreshes {
    private final CoordinatorConfig config;
    private final TimerScheduler<CoordinatorActor.Message> timers;
    private final Members members;
    private final Map<Long, Waiting> waiting = new TreeMap<>();
    private long lastRefreshId;

    private record Waiting(ActorRef<ClusterState> replyTo, TreeSet<String> missing) {}

    Refreshes(
            final CoordinatorConfig config,
            final TimerScheduler<CoordinatorActor.Message> timers,
            final Members members) {
        this.config = config;
        this.timers = timers;
        this.members = members;
    }

    void start(final CoordinatorCommand.RefreshClusterState refresh, final Function<List<String>, ClusterState> view) {
        if (waiting.size() >= config.refreshes().limit()) {
            final List<String> everybody = new ArrayList<>();
            members.nodes()
                    .forEach(node -> everybody.add(Members.nodeName(node.hello().nodeId())));
            members.routers()
                    .forEach(router ->
                            everybody.add(Members.routerName(router.hello().routerId())));
            refresh.replyTo().tell(view.apply(everybody));
            return;
        }
        final long refreshId = ++lastRefreshId;
        final TreeSet<String> missing = new TreeSet<>(members.askAll(refreshId));
        if (missing.isEmpty()) {
            refresh.replyTo().tell(view.apply(List.of()));
            return;
        }
        waiting.put(refreshId, new Waiting(refresh.replyTo(), missing));
        final long timeoutMs = Math.clamp(
                refresh.timeoutMs(), 1, config.refreshes().timeoutMax().toMillis());
        final CoordinatorActor.RefreshExpired expired = new CoordinatorActor.RefreshExpired(refreshId);
        timers.startSingleTimer(expired, expired, Duration.ofMillis(timeoutMs));
    }

    void answered(final long refreshId, final String member, final Function<List<String>, ClusterState> view) {
        final Waiting refresh = waiting.get(refreshId);
        if (refresh != null
                && refresh.missing().remove(member)
                && refresh.missing().isEmpty()) {
            finish(refreshId, view);
        }
    }

    /** Nobody waits for a member that is gone. */
    void gone(final String member, final Function<List<String>, ClusterState> view) {
        List.copyOf(waiting.keySet()).forEach(refreshId -> answered(refreshId, member, view));
    }

    void expired(final long refreshId, final Function<List<String>, ClusterState> view) {
        finish(refreshId, view);
    }

    private void finish(final long refreshId, final Function<List<String>, ClusterState> view) {
        final Waiting refresh = waiting.remove(refreshId);
        if (refresh != null) {
            timers.cancel(new CoordinatorActor.RefreshExpired(refreshId));
            refresh.replyTo().tell(view.apply(List.copyOf(refresh.missing())));
        }
    }
}
