package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterReport;
import java.util.List;

/**
 * The coordinator's life: (input, now) → effects. Around its {@link PlacementMachine} it knows where members are, what
 * they reported last, how often they speak and who waits for figures. It keeps nothing across a restart: members that
 * it doesn't know are asked to introduce themselves again, and they say what they hold.
 *
 * <p>No clock, thread or actor: whoever owns it passes the time in and carries the effects out, in their order. One
 * thread at a time. What it keeps is bounded by its rules.
 *
 * @param <M> where somebody can be answered: an actor's address in production
 */
public final class CoordinatorLife<M> {
    private final Whereabouts<M> whereabouts;
    private final Rebalancing rebalancing;
    private final KnownMembers<M> members = new KnownMembers<>();
    private final PlacementSteps<M> placement;
    private final OperatorDesk<M> operators;
    private final FreshReports<M> reports;
    private final PeerRates rates;
    private final int peerRate;
    private final RecentLoads loads;
    private final CoordinatorHealth health;

    /**
     * A coordinator that knows nobody yet.
     *
     * @param observer looks on at the placement machine's steps
     * @param nowNs    monotonic clock; from here on it never goes back
     */
    public CoordinatorLife(
            final CoordinatorRules rules,
            final Whereabouts<M> whereabouts,
            final Rebalancing rebalancing,
            final StepObserver observer,
            final long nowNs) {
        this.whereabouts = whereabouts;
        this.rebalancing = rebalancing;
        this.placement = new PlacementSteps<>(rules.placement(), observer, members, nowNs);
        this.reports = new FreshReports<>(rules.refreshLimit(), rules.refreshTimeoutMaxNs());
        this.rates = new PeerRates(rules.peerRate(), rules.peerBurst(), rules.peerLimit());
        this.peerRate = rules.peerRate();
        this.loads = new RecentLoads(rules.placement().model());
        this.health = new CoordinatorHealth(
                rules.tickIntervalNs(), rules.placement().members().liveWindowNs(), nowNs);
        this.operators = new OperatorDesk<>(placement, members, whereabouts, rebalancing, health);
    }

    /** What the placement machine goes by. */
    public PlacementRules rules() {
        return placement.rules();
    }

    /** What the placement machine decides by. */
    public PlacementState state() {
        return placement.state();
    }

    /** Nodes that are members, by id. */
    public List<KnownNode<M>> nodes() {
        return members.nodes();
    }

    /** Routers that are members, by id. */
    public List<KnownRouter<M>> routers() {
        return members.routers();
    }

    /** How its own work goes. */
    public ClusterState.Health health(final long nowNs) {
        return health.health(state(), loads.balancednessByLayer(), nowNs);
    }

    /** The whole at a glance. */
    public CoordinatorGlance glance(final long nowNs) {
        return CoordinatorGlance.of(state(), rules(), health(nowNs).notReadyBecause(), nowNs);
    }

    /**
     * Decides what an input leads to.
     *
     * @param nowNs monotonic clock, never before that of an earlier step
     */
    public List<CoordinatorEffect<M>> step(final CoordinatorInput<M> input, final long nowNs) {
        final Turn<M> turn = new Turn<>(nowNs);
        take(input, turn);
        return List.copyOf(turn.effects());
    }

    private void take(final CoordinatorInput<M> input, final Turn<M> turn) {
        switch (input) {
            case CoordinatorInput.Told<M>(final var what) -> told(what, turn);
            case CoordinatorInput.NodeRegisters<M>(final var hello, final M from) -> {
                if (listens(KnownMembers.nodeName(hello.nodeId()), from, turn)) {
                    placement.register(hello, from, turn);
                }
            }
            case CoordinatorInput.NodeReports<M>(final var report, final long refreshId, final M from) ->
                reported(report, refreshId, from, turn);
            case final CoordinatorInput.NodeEnded<M> ended -> ended(ended, turn);
            case CoordinatorInput.RouterRegisters<M>(final var hello, final M from) -> {
                if (listens(KnownMembers.routerName(hello.routerId()), from, turn)) {
                    placement.register(hello, from, turn);
                }
            }
            case CoordinatorInput.RouterReports<M>(final var report, final long refreshId, final M from) ->
                reported(report, refreshId, from, turn);
            case final CoordinatorInput.RouterEnded<M> ended -> ended(ended, turn);
            case CoordinatorInput.Asked<M>(final var request, final M asker) ->
                turn.tell(asker, operators.answer(request, turn));
            case CoordinatorInput.StateAsked<M>(final M asker) ->
                turn.add(new CoordinatorEffect.Show<>(asker, List.of()));
            case CoordinatorInput.FreshStateAsked<M>(final long timeoutMs, final M asker) ->
                turn.effects().addAll(reports.start(timeoutMs, asker, members));
            case CoordinatorInput.RefreshExpired<M>(final long refreshId) ->
                turn.effects().addAll(reports.finish(refreshId));
            case final CoordinatorInput.DownDue<M> due -> {
                if (operators.downDue(due, turn)) {
                    turn.effects().addAll(reports.gone(KnownMembers.nodeName(due.nodeId())));
                }
            }
            case final CoordinatorInput.DrainOver<M> over -> operators.drainOver(over, turn);
            case CoordinatorInput.TickDue<M>() -> tick(turn);
            case CoordinatorInput.BalanceDue<M>() -> operators.rebalance("the interval has passed", turn);
            case CoordinatorInput.ScrubDue<M>(final long seed) ->
                placement.decide(new PlacementEvent.ScrubDue(seed), turn);
        }
    }

    private void tick(final Turn<M> turn) {
        placement.decide(new PlacementEvent.LoadsReported(loads.rowsLately(members.nodes())), turn);
        placement.decide(new PlacementEvent.Tick(), turn);
        health.ticked(state(), turn.nowNs());
    }

    private void told(final CoordinatorCommand.OneWay what, final Turn<M> turn) {
        switch (what) {
            case CoordinatorCommand.StaleCommand(final int nodeId, final long incarnation, final long epochSeen) -> {
                final String name = KnownMembers.nodeName(nodeId);
                final KnownNode<M> node = members.node(nodeId, incarnation);
                if (node != null && listens(name, node.place(), turn)) {
                    placement.decide(new PlacementEvent.EpochSeen(epochSeen, name), turn);
                }
            }
            case final CoordinatorCommand.RouterLeaving leaving -> leaving(leaving, turn);
            case final CoordinatorCommand.UnitLoaded loaded -> {
                final KnownNode<M> node = members.node(loaded.nodeId(), loaded.incarnation());
                if (node != null) {
                    health.loaded(node.hello().unitBytes());
                }
                placement.decide(loaded, turn);
            }
            case final CoordinatorCommand.MemberFact fact -> placement.decide(fact, turn);
        }
    }

    private void leaving(final CoordinatorCommand.RouterLeaving leaving, final Turn<M> turn) {
        placement.decide(
                new PlacementEvent.RouterGone(leaving.routerId(), leaving.incarnation(), leaving.reason()), turn);
        final KnownRouter<M> router = members.router(leaving.routerId(), leaving.incarnation());
        if (router != null) {
            members.forget(router);
            turn.add(new CoordinatorEffect.Unwatch<>(router.place()));
            turn.tell(router.place(), new RouterCommand.LeaveGranted(placement.epoch()));
        }
    }

    private void reported(final NodeReport report, final long refreshId, final M from, final Turn<M> turn) {
        final String name = KnownMembers.nodeName(report.nodeId());
        if (!listens(name, from, turn)) {
            return;
        }
        if (!members.reported(report, from)) {
            turn.tell(from, new ExpertNodeCommand.RegisterNodeAgain("this coordinator doesn't know you"));
            return;
        }
        placement.decide(new PlacementEvent.NodeHeard(report.nodeId(), report.incarnation(), report.resident()), turn);
        turn.tell(from, Steadiness.told(state(), rules(), turn.nowNs()));
        turn.effects().addAll(reports.answered(refreshId, name));
    }

    private void reported(final RouterReport report, final long refreshId, final M from, final Turn<M> turn) {
        final String name = KnownMembers.routerName(report.routerId());
        if (!listens(name, from, turn)) {
            return;
        }
        if (!members.reported(report, from)) {
            turn.tell(from, new RouterCommand.RegisterRouterAgain("this coordinator doesn't know you"));
            return;
        }
        rebalancing.reported(report);
        if (report.epoch() > placement.epoch()) {
            // Published by another coordinator, whose message was late: ours must go above it.
            placement.decide(new PlacementEvent.EpochSeen(report.epoch(), name), turn);
        }
        placement.decide(new PlacementEvent.RouterHeard(report.routerId(), report.incarnation()), turn);
        turn.effects().addAll(reports.answered(refreshId, name));
    }

    private void ended(final CoordinatorInput.NodeEnded<M> ended, final Turn<M> turn) {
        final KnownNode<M> node = members.node(ended.nodeId(), ended.incarnation());
        if (node != null) {
            members.forget(node);
            final String how = state().isLeaving(ended.nodeId()) ? "left in order" : "its process or its actor ended";
            placement.decide(new PlacementEvent.NodeGone(ended.nodeId(), ended.incarnation(), how), turn);
            turn.effects().addAll(reports.gone(KnownMembers.nodeName(ended.nodeId())));
        }
    }

    private void ended(final CoordinatorInput.RouterEnded<M> ended, final Turn<M> turn) {
        final KnownRouter<M> router = members.router(ended.routerId(), ended.incarnation());
        if (router != null) {
            members.forget(router);
            placement.decide(
                    new PlacementEvent.RouterGone(
                            ended.routerId(), ended.incarnation(), "its process or its actor ended"),
                    turn);
            turn.effects().addAll(reports.gone(KnownMembers.routerName(ended.routerId())));
        }
    }

    /**
     * Whether the peer keeps to its rate; known by its place as well as its id, so that nobody is silenced by another.
     */
    private boolean listens(final String name, final M peer, final Turn<M> turn) {
        final String path = whereabouts.path(peer);
        return switch (rates.offer(path, turn.nowNs())) {
            case LISTEN -> true;
            case DROP -> false;
            case DROP_AND_NOTE -> {
                turn.add(new CoordinatorEffect.Note<>(
                        Kind.RATE_LIMITED,
                        placement.epoch(),
                        name + " at " + path + " sends more than " + peerRate
                                + " messages a second; the rest is dropped"));
                yield false;
            }
        };
    }
}
