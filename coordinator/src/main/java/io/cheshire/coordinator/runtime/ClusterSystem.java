package io.cheshire.coordinator.runtime;

import com.typesafe.config.Config;
import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.Left;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacedModel;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.runtime.tls.RefusedPeers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.ClusterSingletonSettings;
import org.apache.pekko.cluster.typed.SingletonActor;
import org.apache.pekko.japi.function.Function;
import org.apache.pekko.remote.RemoteTransportException;
import org.jspecify.annotations.Nullable;

/**
 * The actor system of one process. {@link #local} is a control plane of one process, without any network; {@link #join}
 * is a process that forms a cluster with others, in which the coordinator is a singleton. Safe from any thread. When
 * the cluster removes the process, the system ends ({@link #whenTerminated}) and the process should exit, to be started
 * anew.
 */
public final class ClusterSystem implements AutoCloseable {
    private static final String COORDINATOR = "coordinator";

    private final ActorSystem<Void> system;
    private final boolean clustered;
    private final ControlConfig config;
    private final HostedCoordinator hosted = new HostedCoordinator(System::nanoTime);

    private ClusterSystem(final ActorSystem<Void> system, final boolean clustered, final ControlConfig config) {
        this.system = system;
        this.clustered = clustered;
        this.config = config;
    }

    /** Starts the actor system of a control plane that lives in this process alone. */
    public static ClusterSystem local(final ControlConfig config) {
        return start(ClusterSettings.local(config.cluster()), false, config);
    }

    /**
     * Starts the actor system of a process that forms a cluster with others. Returns at once; joining goes on.
     *
     * @param role   what the process does; processes of role {@code COORDINATOR} may host the coordinator
     * @param config read by {@link ControlConfig#joining}
     * @throws IllegalArgumentException the address can't be listened on
     */
    public static ClusterSystem join(final ClusterRole role, final ControlConfig config) {
        final ClusterSystem joining = start(ClusterSettings.joining(role, config.cluster()), true, config);
        joining.watchMembership();
        return joining;
    }

    private static ClusterSystem start(final Config pekko, final boolean clustered, final ControlConfig config) {
        try {
            // One name for all: it is part of every address.
            return new ClusterSystem(ActorSystem.create(Behaviors.empty(), "cheshire", pekko), clustered, config);
        } catch (final RemoteTransportException unusable) {
            throw new IllegalArgumentException(
                    "the control plane cannot listen on " + config.cluster().host() + ":"
                            + config.cluster().port() + " (" + ClusterConfig.HOST + " and .port): "
                            + unusable.getMessage()
                            + "; stop what listens there, or give another port (--cluster-port, 0 takes a free one) or"
                            + " an address of this host (--cluster-host)",
                    unusable);
        }
    }

    /**
     * A process that nobody else takes for a member can't become one again by itself: it ends. One that was downed
     * isn't waited for.
     */
    private void watchMembership() {
        final ClusterConfig cluster = config.cluster();
        spawn(
                MembershipProbe.create(
                        new MembershipProbe.Rules(
                                cluster.name(),
                                cluster.seeds().stream()
                                        .map(seed -> AddressFromURIString.parse(ClusterSettings.uri(seed)))
                                        .toList(),
                                cluster.acquaintanceInterval(),
                                cluster.strangerAfter()),
                        System::nanoTime,
                        () -> CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.clusterDowningReason())),
                MembershipProbe.NAME);
        spawn(DownedMembers.of(Adapter.toClassic(system).eventStream()).watch(), "downed-members");
    }

    /** The actor system, for extensions such as management. */
    public ActorSystem<Void> system() {
        return system;
    }

    /**
     * Starts the coordinator here, or, in a cluster, the proxy that reaches it wherever it is. To be called once.
     *
     * @param model the model that the cluster serves
     */
    public ActorRef<CoordinatorCommand> coordinator(final PlacedModel model) {
        final Behavior<CoordinatorCommand> behavior = CoordinatorActor.create(config.coordinator(), model, hosted);
        if (!clustered) {
            return spawn(behavior, COORDINATOR);
        }
        return ClusterSingleton.get(system)
                .init(SingletonActor.of(behavior, COORDINATOR)
                        .withSettings(
                                ClusterSingletonSettings.create(system).withRole(ClusterRole.COORDINATOR.role())));
    }

    /** The coordinator, if this process has it. */
    public HostedCoordinator hosted() {
        return hosted;
    }

    /** Name of the cluster that this process is in or means to join. */
    public String clusterName() {
        return config.cluster().name();
    }

    /** Where this process is reached in the control plane; empty where it is the whole cluster. */
    public String address() {
        return clustered ? Cluster.get(system).selfMember().address().toString() : "";
    }

    /** Why this process is no member of the cluster, in words for people; null where it is one. */
    public @Nullable String notMember() {
        if (hasEnded()) {
            return "the control plane has ended";
        }
        if (!clustered) {
            return null;
        }
        final MemberStatus status = Cluster.get(system).selfMember().status();
        return status.equals(MemberStatus.up()) || status.equals(MemberStatus.weaklyUp())
                ? null
                : "no member of the cluster yet or any more: " + status;
    }

    /** Starts an actor of this process. */
    public <T> ActorRef<T> spawn(final Behavior<T> behavior, final String name) {
        return system.systemActorOf(behavior, name, Props.empty());
    }

    /** Settings of expert nodes and routers. */
    public MemberConfig memberConfig() {
        return config.member();
    }

    /** The cluster as last reported, at most one report interval old. */
    public CompletionStage<ClusterState> clusterState(
            final ActorRef<CoordinatorCommand> coordinator, final Duration timeout) {
        return AskPattern.ask(coordinator, CoordinatorCommand.GetClusterState::new, timeout, system.scheduler());
    }

    /**
     * The cluster after every member was asked for a fresh report.
     *
     * @param timeout longest wait for members; those missing by then are named in the answer
     */
    public CompletionStage<ClusterState> refreshedClusterState(
            final ActorRef<CoordinatorCommand> coordinator, final Duration timeout) {
        return AskPattern.ask(
                coordinator,
                replyTo -> new CoordinatorCommand.RefreshClusterState(timeout.toMillis(), replyTo),
                timeout.plusSeconds(2),
                system.scheduler());
    }

    /** Puts an operator's request to the coordinator; completes exceptionally when none answers in time. */
    public CompletionStage<AdminReply> administer(
            final ActorRef<CoordinatorCommand> coordinator, final OperatorRequest request, final Duration timeout) {
        return AskPattern.ask(
                coordinator, replyTo -> new CoordinatorCommand.Ask(request, replyTo), timeout, system.scheduler());
    }

    /** Runs something again and again until the system ends, on a thread of the system: it must not block. */
    public void every(final Duration interval, final Runnable work) {
        system.scheduler().scheduleWithFixedDelay(interval, interval, work, system.executionContext());
    }

    /** Peers that this process refused, or that refused it, in the control plane's handshake since its start. */
    public long refusedPeers() {
        return RefusedPeers.ID.get(system).count();
    }

    /** Asks a node to leave in order; completes when it is stopped, at once where the system has ended. */
    public CompletionStage<Left> leave(final ActorRef<ExpertNodeCommand> node, final String reason) {
        return ask(node, replyTo -> new ExpertNodeCommand.Leave(reason, replyTo));
    }

    /** The same for a router, once its requests are finished. */
    public CompletionStage<Left> leaveRouter(final ActorRef<RouterCommand> router, final String reason) {
        return ask(router, replyTo -> new RouterCommand.Leave(reason, replyTo));
    }

    private <T> CompletionStage<Left> ask(final ActorRef<T> member, final Function<ActorRef<Left>, T> command) {
        if (hasEnded()) {
            return CompletableFuture.completedFuture(new Left(false));
        }
        return AskPattern.ask(member, command, config.cluster().shutdownTimeout(), system.scheduler());
    }

    /** Completes when the actor system has ended, because it was closed or because the cluster removed this process. */
    public CompletionStage<Done> whenTerminated() {
        return system.getWhenTerminated();
    }

    /** It has: nobody can be told or asked any more. */
    public boolean hasEnded() {
        return whenTerminated().toCompletableFuture().isDone();
    }

    /** Leaves the cluster and ends the system; completes when it has ended. Members must have left before. */
    public CompletionStage<Done> shutdown() {
        return CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.clusterLeavingReason());
    }

    /** {@link #shutdown}, and waits for it. */
    @Override
    public void close() {
        shutdown().toCompletableFuture().join();
    }
}
