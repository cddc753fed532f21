package io.cheshire.coordinator.runtime;

import io.cheshire.balance.core.RebalancePlan;
import io.cheshire.coordinator.core.PeerRates;
import io.cheshire.coordinator.core.PlacementEffect;
import io.cheshire.coordinator.core.PlacementEvent;
import io.cheshire.coordinator.core.PlacementMachine;
import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.ModelIdentity;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterReport;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;

/**
 * The coordinator: shell around a {@link PlacementMachine}. Turns messages into events, reads the clock, and carries out
 * the effects. Keeps nothing across a restart: members that it doesn't know are asked to introduce themselves again, and
 * they say what they hold. Pekko calls it with one message at a time; it never blocks. When it throws, it starts anew after
 * a pause. One idea, however long: each command becomes one event of the machine, each effect one message.
 */
public final class CoordinatorActor extends AbstractMatchingBehavior<CoordinatorActor.Message> {
    /** What this actor handles: what others said, and what it said to itself. */
    sealed interface Message {}

    /** Said by others. */
    record Said(CoordinatorCommand command) implements Message {}

    /** Time passed. */
    record Tick() implements Message {}

    /** The node's actor ended, or the process it lived in was removed from the cluster. */
    record NodeEnded(int nodeId, long incarnation, ActorRef<ExpertNodeCommand> node) implements Message {}

    /** The router's actor ended, or the process it lived in was removed from the cluster. */
    record RouterEnded(int routerId, long incarnation, ActorRef<RouterCommand> router) implements Message {}

    /** A window of traffic has ended. */
    record BalanceTick() implements Message {}

    /** It is time to compare what the copies of a unit answer. */
    record ScrubTick() implements Message {}

    /** A node that was said to have ended should have been heard of by now if it had not. */
    record DownDue(int nodeId, long incarnation, String reason) implements Message {}

    /** A request for fresh figures has waited long enough. */
    record RefreshExpired(long refreshId) implements Message {}

    private final TimerScheduler<Message> timers;
    private final CoordinatorConfig config;
    private final PlacementMachine machine;
    private final LongSupplier nanoClock;
    private final Members members;
    private final Refreshes refreshes;
    private final EventLog events;
    private final PeerRates rates;
    private final LoadWindow loads;
    private final Liveness liveness;
    private final Balancing balancing;
    private PlacementState state;

    private CoordinatorActor(
            final ActorContext<Message> context,
            final TimerScheduler<Message> timers,
            final CoordinatorConfig config,
            final ModelIdentity model,
            final LongSupplier nanoClock,
            final InstantSource wallClock) {
        super(context);
        context.setLoggerName(CoordinatorActor.class);
        this.timers = timers;
        this.config = config;
        this.machine = new PlacementMachine(config.rules(model, Incarnations.draw()));
        this.nanoClock = nanoClock;
        this.members = new Members(context);
        this.refreshes = new Refreshes(config, timers, members);
        this.events = new EventLog(config.eventLimit(), wallClock);
        this.rates = new PeerRates(
                config.peers().rate(), config.peers().burst(), config.peers().limit());
        this.loads = new LoadWindow(model);
        this.liveness = new Liveness(config, nanoClock.getAsLong());
        this.state = machine.initial(nanoClock.getAsLong());
        this.balancing = new Balancing(config.balance(), model);
        timers.startTimerWithFixedDelay(new Tick(), config.tickInterval());
        if (config.scrub().interval().isPositive()) {
            timers.startTimerWithFixedDelay(new ScrubTick(), config.scrub().interval());
        }
        if (config.balance().automatic()) {
            timers.startTimerWithFixedDelay(new BalanceTick(), config.balance().interval());
        }
    }

    /** A coordinator of the given model, by the real clocks. */
    public static Behavior<CoordinatorCommand> create(final CoordinatorConfig config, final ModelIdentity model) {
        return create(config, model, System::nanoTime, InstantSource.system());
    }

    /** A coordinator that reads the given clocks. */
    static Behavior<CoordinatorCommand> create(
            final CoordinatorConfig config,
            final ModelIdentity model,
            final LongSupplier nanoClock,
            final InstantSource wallClock) {
        final Behavior<Message> behavior = Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new CoordinatorActor(context, timers, config, model, nanoClock, wallClock)));
        final Behavior<Message> supervised = Behaviors.supervise(behavior)
                .onFailure(SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(10), 0.2));
        return Behaviors.transformMessages(
                CoordinatorCommand.class, supervised, match -> match.match(CoordinatorCommand.class, Said::new));
    }

    @Override
    public Behavior<Message> onMessage(final Message message) {
        switch (message) {
            case Said(final CoordinatorCommand command) -> onCommand(command);
            case Tick() -> onTick();
            case BalanceTick() -> balance("the interval has passed");
            case ScrubTick() ->
                decide(new PlacementEvent.ScrubDue(ThreadLocalRandom.current().nextLong()));
            case final DownDue due -> onDownDue(due);
            case final NodeEnded ended -> onNodeEnded(ended);
            case final RouterEnded ended -> onRouterEnded(ended);
            case RefreshExpired(final long refreshId) -> refreshes.expired(refreshId, this::view);
        }
        return this;
    }

    private void onTick() {
        decide(new PlacementEvent.LoadsReported(loads.rowsLately(members.nodes())));
        decide(new PlacementEvent.Tick());
        liveness.ticked(state, nanoClock.getAsLong());
    }

    private void onCommand(final CoordinatorCommand command) {
        switch (command) {
            case final CoordinatorCommand.RegisterNode register -> onRegisterNode(register);
            case CoordinatorCommand.UnitLoaded(final int nodeId, final long incarnation, final HeldUnit unit) ->
                onUnitLoaded(nodeId, incarnation, unit);
            case CoordinatorCommand.UnitLoadFailed(
                    final int nodeId,
                    final long incarnation,
                    final ExpertKey key,
                    final String reason) -> decide(new PlacementEvent.UnitLoadFailed(nodeId, incarnation, key, reason));
            case CoordinatorCommand.UnitUnloaded(final int nodeId, final long incarnation, final ExpertKey key) ->
                decide(new PlacementEvent.UnitUnloaded(nodeId, incarnation, key));
            case CoordinatorCommand.UnitDiffers(final int nodeId, final long incarnation, final HeldUnit read) ->
                decide(new PlacementEvent.UnitDiffers(nodeId, incarnation, read));
            case CoordinatorCommand.UnitProbed(
                    final int nodeId,
                    final long incarnation,
                    final long probeId,
                    final ExpertKey key,
                    final String answerSha256,
                    final String failure) ->
                decide(new PlacementEvent.UnitProbed(nodeId, incarnation, probeId, key, answerSha256, failure));
            case CoordinatorCommand.StaleCommand(final int nodeId, final long incarnation, final long epochSeen) ->
                onStaleCommand(nodeId, incarnation, epochSeen);
            case final CoordinatorCommand.NodeReported reported -> onNodeReported(reported);
            case CoordinatorCommand.NodeLeaving(final int nodeId, final long incarnation, final String reason) ->
                decide(new PlacementEvent.NodeLeaving(nodeId, incarnation, reason));
            case final CoordinatorCommand.RegisterRouter register -> onRegisterRouter(register);
            case CoordinatorCommand.EpochAcknowledged(
                    final int routerId,
                    final long incarnation,
                    final long epoch,
                    final long publisher) ->
                decide(new PlacementEvent.RouterAcknowledged(routerId, incarnation, epoch, publisher));
            case CoordinatorCommand.UnitUnavailable(
                    final int routerId,
                    final long incarnation,
                    final long epoch,
                    final List<ExpertKey> keys) ->
                decide(new PlacementEvent.UnitUnavailable(routerId, incarnation, epoch, keys));
            case final CoordinatorCommand.RouterReported reported -> onRouterReported(reported);
            case final CoordinatorCommand.RouterLeaving leaving -> onRouterLeaving(leaving);
            case CoordinatorCommand.MoveUnit(
                    final ExpertKey key,
                    final int from,
                    final int to,
                    final String reason,
                    final ActorRef<AdminReply> replyTo) ->
                wish(new PlacementEvent.Move(key, from, to, reason), replyTo);
            case CoordinatorCommand.SetReplicas(
                    final int replicas,
                    final String reason,
                    final ActorRef<AdminReply> replyTo) -> wish(new PlacementEvent.Replicas(replicas, reason), replyTo);
            case CoordinatorCommand.RebalanceNow(final String reason, final ActorRef<AdminReply> replyTo) ->
                replyTo.tell(balance(reason.isBlank() ? "an operator asks" : reason));
            case CoordinatorCommand.DrainNode(
                    final int nodeId,
                    final String reason,
                    final ActorRef<AdminReply> replyTo) -> wish(new PlacementEvent.Drain(nodeId, reason), replyTo);
            case CoordinatorCommand.UndrainNode(
                    final int nodeId,
                    final String reason,
                    final ActorRef<AdminReply> replyTo) -> wish(new PlacementEvent.Undrain(nodeId, reason), replyTo);
            case final CoordinatorCommand.DownNode down -> onDownNode(down);
            case CoordinatorCommand.GetClusterState(final ActorRef<ClusterState> replyTo) ->
                replyTo.tell(view(List.of()));
            case final CoordinatorCommand.RefreshClusterState refresh -> refreshes.start(refresh, this::view);
        }
    }

    private void wish(final PlacementEvent wish, final ActorRef<AdminReply> replyTo) {
        replyTo.tell(wish(wish));
    }

    private AdminReply wish(final PlacementEvent wish) {
        final PlacementMachine.Step step = machine.step(state, wish, nanoClock.getAsLong());
        carryOut(step);
        for (final PlacementEffect effect : step.effects()) {
            if (effect instanceof PlacementEffect.Answer(final boolean accepted, final String reason)) {
                return new AdminReply(accepted, state.placement().epoch(), reason);
            }
        }
        throw new IllegalStateException("no answer to " + wish);
    }

    /** One round of the balancer. A defect in it must not end the coordinator, but is shown as not ready. */
    private AdminReply balance(final String why) {
        final RebalancePlan plan;
        try {
            plan = balancing.round(
                    state, members.nodes(), Set.copyOf(state.routers().keySet()));
            liveness.balanced("");
        } catch (final RuntimeException defect) {
            getContext().getLog().error("the balancer failed", defect);
            liveness.balanced(defect.toString());
            return new AdminReply(false, state.placement().epoch(), "the balancer failed: " + defect);
        }
        return switch (plan) {
            case final RebalancePlan.Stay stay ->
                new AdminReply(true, state.placement().epoch(), "nothing moves: " + stay.reason());
            case final RebalancePlan.Move move ->
                wish(new PlacementEvent.Rebalance(move.nodesByUnit(), why + "; " + move.reason()));
        };
    }

    private void onDownNode(final CoordinatorCommand.DownNode down) {
        final long epoch = state.placement().epoch();
        final Members.Node node = members.node(down.nodeId());
        if (node == null) {
            down.replyTo().tell(new AdminReply(false, epoch, "node " + down.nodeId() + " is no member"));
            return;
        }
        final Address address = node.actor().path().address();
        if (!address.hasGlobalScope()) {
            down.replyTo()
                    .tell(new AdminReply(
                            false, epoch, "node " + down.nodeId() + " lives in the coordinator's process; drain it"));
            return;
        }
        // The word may be late and the node be another start by now: one that lives is heard of meanwhile.
        final DownDue due = new DownDue(down.nodeId(), node.hello().incarnation(), down.reason());
        timers.startSingleTimer(due, due, Duration.ofNanos(config.members().liveWindowNs() * 2 / 3));
        down.replyTo().tell(new AdminReply(true, epoch, "node " + down.nodeId() + " goes unless it is heard of now"));
    }

    private void onDownDue(final DownDue due) {
        final Members.Node node = members.node(due.nodeId());
        if (node == null || node.hello().incarnation() != due.incarnation()) {
            return;
        }
        final long sinceNs = nanoClock.getAsLong() - config.members().liveWindowNs() / 2;
        if (state.isHeardSince(due.nodeId(), sinceNs)) {
            note(
                    ClusterEvent.Kind.REFUSED,
                    "node " + due.nodeId() + " was said to have ended (" + due.reason() + "), but it reports");
            return;
        }
        Cluster.get(getContext().getSystem())
                .manager()
                .tell(new Down(node.actor().path().address()));
        members.forget(node);
        decide(new PlacementEvent.NodeGone(due.nodeId(), due.incarnation(), due.reason()));
        refreshes.gone(Members.nodeName(due.nodeId()), this::view);
    }

    private void onRegisterNode(final CoordinatorCommand.RegisterNode register) {
        if (listens("node " + register.hello().nodeId(), register.replyTo())) {
            members.registering(register);
            decide(new PlacementEvent.NodeRegistered(register.hello()));
        }
    }

    private void onRegisterRouter(final CoordinatorCommand.RegisterRouter register) {
        if (listens("router " + register.hello().routerId(), register.replyTo())) {
            members.registering(register);
            decide(new PlacementEvent.RouterRegistered(register.hello()));
        }
    }

    private void onNodeReported(final CoordinatorCommand.NodeReported reported) {
        final NodeReport report = reported.report();
        if (!listens("node " + report.nodeId(), reported.replyTo())) {
            return;
        }
        if (!members.reported(report, reported.replyTo())) {
            reported.replyTo().tell(new ExpertNodeCommand.RegisterNodeAgain("this coordinator doesn't know you"));
            return;
        }
        decide(new PlacementEvent.NodeHeard(report.nodeId(), report.incarnation(), report.resident()));
        refreshes.answered(reported.refreshId(), Members.nodeName(report.nodeId()), this::view);
    }

    private void onRouterReported(final CoordinatorCommand.RouterReported reported) {
        final RouterReport report = reported.report();
        if (!listens("router " + report.routerId(), reported.replyTo())) {
            return;
        }
        if (!members.reported(report, reported.replyTo())) {
            reported.replyTo().tell(new RouterCommand.RegisterRouterAgain("this coordinator doesn't know you"));
            return;
        }
        balancing.reported(report);
        if (report.epoch() > state.placement().epoch()) {
            // Published by another coordinator, whose message was late: ours must go above it.
            decide(new PlacementEvent.EpochSeen(report.epoch(), Members.routerName(report.routerId())));
        }
        decide(new PlacementEvent.RouterHeard(report.routerId(), report.incarnation()));
        refreshes.answered(reported.refreshId(), Members.routerName(report.routerId()), this::view);
    }

    private void onUnitLoaded(final int nodeId, final long incarnation, final HeldUnit unit) {
        final Members.Node node = members.node(nodeId);
        if (node != null && members.knowsNode(nodeId, incarnation)) {
            liveness.loaded(node.hello().unitBytes());
        }
        decide(new PlacementEvent.UnitLoaded(nodeId, incarnation, unit));
    }

    private void onStaleCommand(final int nodeId, final long incarnation, final long epochSeen) {
        if (members.knowsNode(nodeId, incarnation) && listens("node " + nodeId, members.actorOf(nodeId))) {
            decide(new PlacementEvent.EpochSeen(epochSeen, Members.nodeName(nodeId)));
        }
    }

    private void onRouterLeaving(final CoordinatorCommand.RouterLeaving leaving) {
        decide(new PlacementEvent.RouterGone(leaving.routerId(), leaving.incarnation(), leaving.reason()));
        members.routerLeft(
                leaving.routerId(), leaving.incarnation(), state.placement().epoch());
    }

    private void onNodeEnded(final NodeEnded ended) {
        if (members.nodeEnded(ended)) {
            final String how = state.isLeaving(ended.nodeId()) ? "left in order" : "its process or its actor ended";
            decide(new PlacementEvent.NodeGone(ended.nodeId(), ended.incarnation(), how));
            refreshes.gone(Members.nodeName(ended.nodeId()), this::view);
        }
    }

    private void onRouterEnded(final RouterEnded ended) {
        if (members.routerEnded(ended)) {
            decide(new PlacementEvent.RouterGone(
                    ended.routerId(), ended.incarnation(), "its process or its actor ended"));
            refreshes.gone(Members.routerName(ended.routerId()), this::view);
        }
    }

    /** Whether the peer keeps to its rate; known by its address as well as its id, so that nobody is silenced by another. */
    private boolean listens(final String name, final ActorRef<?> peer) {
        return switch (rates.offer(peer.path().toString(), nanoClock.getAsLong())) {
            case LISTEN -> true;
            case DROP -> false;
            case DROP_AND_NOTE -> {
                note(
                        ClusterEvent.Kind.RATE_LIMITED,
                        name + " at " + peer.path() + " sends more than "
                                + config.peers().rate() + " messages a second; the rest is dropped");
                yield false;
            }
        };
    }

    private void decide(final PlacementEvent event) {
        carryOut(machine.step(state, event, nanoClock.getAsLong()));
    }

    private void carryOut(final PlacementMachine.Step step) {
        state = step.state();
        step.effects().forEach(this::perform);
    }

    private void perform(final PlacementEffect effect) {
        final long publisher = machine.rules().publisher();
        switch (effect) {
            case PlacementEffect.AcceptNode(final int nodeId, final long incarnation) ->
                members.acceptNode(
                        nodeId, incarnation, publisher, state.placement().epoch());
            case final PlacementEffect.RefuseNode refusal -> members.refuseNode(refusal);
            case PlacementEffect.AcceptRouter(final int routerId, final long incarnation) ->
                members.acceptRouter(routerId, incarnation, publisher);
            case final PlacementEffect.RefuseRouter refusal -> members.refuseRouter(refusal);
            case PlacementEffect.Load(
                    final int nodeId,
                    final long epoch,
                    final List<ExpertKey> keys,
                    final List<HeldUnit> known) ->
                members.tellNode(nodeId, new ExpertNodeCommand.LoadUnits(epoch, publisher, keys, known));
            case PlacementEffect.Unload(final int nodeId, final long epoch, final List<ExpertKey> keys) ->
                members.tellNode(nodeId, new ExpertNodeCommand.UnloadUnits(epoch, publisher, keys));
            case PlacementEffect.Probe(final int nodeId, final long probeId, final ExpertKey key, final long seed) ->
                members.tellNode(nodeId, new ExpertNodeCommand.ProbeUnit(probeId, key, seed));
            case PlacementEffect.Publish(
                    final int routerId,
                    final Placement placement,
                    final List<NodeEndpoint> endpoints) ->
                members.tellRouter(routerId, new RouterCommand.PlacementPublished(placement, endpoints, publisher));
            case PlacementEffect.GrantLeave(final int nodeId, final long epoch) ->
                members.tellNode(nodeId, new ExpertNodeCommand.LeaveGranted(epoch));
            case PlacementEffect.Answer(final boolean accepted, final String reason) -> {}
            case PlacementEffect.Note(final ClusterEvent.Kind kind, final long epoch, final String reason) ->
                note(kind, reason);
        }
    }

    private void note(final ClusterEvent.Kind kind, final String reason) {
        events.add(state.placement().epoch(), kind, reason);
        if (kind == ClusterEvent.Kind.UNIT_DIFFERS || kind == ClusterEvent.Kind.REPLICAS_DISAGREE) {
            getContext().getLog().error("{}: {}", kind, reason);
        } else {
            getContext().getLog().info("{}: {}", kind, reason);
        }
    }

    private ClusterState view(final List<String> notFresh) {
        return ClusterView.of(
                machine.rules(),
                state,
                members,
                events.events(),
                notFresh,
                liveness.health(state, loads.balancednessByLayer(), nanoClock.getAsLong()));
    }
}
