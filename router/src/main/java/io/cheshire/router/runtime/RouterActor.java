package io.cheshire.router.runtime;

import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Left;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.protocol.RouterReport;
import io.cheshire.coordinator.runtime.MemberConfig;
import io.cheshire.coordinator.runtime.MemberListener;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.router.core.PlacementTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * The life of one router in the control plane: registers, hands placements to a {@link PlacementTarget}, acknowledges each epoch
 * once no shard of an older one is open, reports, tells which units nobody answers for, leaves. Never waits for the target. Pekko calls it with one message at a
 * time.
 *
 * <pre>
 * state     event                              to
 * JOINING   accepted                           LOADING (has no placement yet)
 * JOINING   refused for good                   STOPPED
 * LOADING   the first epoch is acknowledged    SERVING
 * any       leave                              DRAINING (its requests are finished already)
 * DRAINING  leave granted, or waited long enough  STOPPED
 * </pre>
 *
 * <p>A coordinator that is away changes nothing: the router goes on with the placement that it has.
 */
public final class RouterActor extends AbstractMatchingBehavior<RouterActor.Message> {
    /**
     * Who the router is.
     *
     * @param routerId         its number in the cluster
     * @param incarnation      drawn anew at every start
     * @param modelFingerprint SHA-256 of its model
     * @param weightsSha256    digest of all weights that it computes with
     */
    public record Identity(int routerId, long incarnation, String modelFingerprint, String weightsSha256) {}

    /** What this actor handles: what others said, and what it said to itself. */
    sealed interface Message {}

    private record Said(RouterCommand command) implements Message {}

    private record ReportTick() implements Message {}

    private record RegisterTick() implements Message {}

    private record Applied(CommandFence placement, @Nullable Throwable failure) implements Message {}

    private record LookTick() implements Message {}

    private record LeaveExpired() implements Message {}

    /** How soon the coordinator may hear of units that nobody answers for: well within the time that loading one takes. */
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(50);

    private final Identity identity;
    private final PlacementTarget target;
    private final BooleanSupplier ready;
    private final MemberConfig config;
    private final MemberListener listener;
    private final TimerScheduler<Message> timers;
    private final ActorRef<CoordinatorCommand> coordinator;
    private final ActorRef<RouterCommand> self;

    private final List<ActorRef<Left>> awaitingLeave = new ArrayList<>();
    private NodeState state = NodeState.JOINING;
    private CommandFence applying = CommandFence.OPEN;
    private CommandFence acknowledged = CommandFence.OPEN;
    private PlacementTarget.Unanswered toldUnanswered = PlacementTarget.Unanswered.NONE;
    private boolean registered;

    private RouterActor(
            final ActorContext<Message> context,
            final TimerScheduler<Message> timers,
            final Identity identity,
            final PlacementTarget target,
            final BooleanSupplier ready,
            final ActorRef<CoordinatorCommand> coordinator,
            final MemberConfig config,
            final MemberListener listener) {
        super(context);
        context.setLoggerName(RouterActor.class);
        this.identity = identity;
        this.target = target;
        this.ready = ready;
        this.config = config;
        this.listener = listener;
        this.timers = timers;
        this.coordinator = coordinator;
        // Others speak RouterCommand; the transformation around this behavior accepts it under the same address.
        this.self = context.getSelf().unsafeUpcast();
        timers.startTimerWithFixedDelay(new ReportTick(), config.reportInterval());
        timers.startTimerWithFixedDelay(new RegisterTick(), config.registerInterval());
        timers.startTimerWithFixedDelay(new LookTick(), LOOK_INTERVAL);
        register();
    }

    /**
     * A router.
     *
     * @param identity    who it is
     * @param target      takes placements
     * @param ready       whether it admits requests; safe from any thread
     * @param coordinator the coordinator, or the proxy of wherever it is
     * @param config      intervals and limits
     * @param listener    told of each state
     */
    public static Behavior<RouterCommand> create(
            final Identity identity,
            final PlacementTarget target,
            final BooleanSupplier ready,
            final ActorRef<CoordinatorCommand> coordinator,
            final MemberConfig config,
            final MemberListener listener) {
        final Behavior<Message> behavior = Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new RouterActor(context, timers, identity, target, ready, coordinator, config, listener)));
        return Behaviors.transformMessages(
                RouterCommand.class, behavior, match -> match.match(RouterCommand.class, Said::new));
    }

    @Override
    public Behavior<Message> onMessage(final Message message) {
        switch (message) {
            case Said(final RouterCommand command) -> onCommand(command);
            case ReportTick() -> onReportTick();
            case LookTick() -> onLookTick();
            case RegisterTick() -> onRegisterTick();
            case Applied(final CommandFence placement, final @Nullable Throwable failure) ->
                onApplied(placement, failure);
            case LeaveExpired() -> stop("the coordinator didn't answer", false);
        }
        return state == NodeState.STOPPED ? Behaviors.stopped() : this;
    }

    private void onCommand(final RouterCommand command) {
        switch (command) {
            case RouterCommand.RouterAccepted(final long publisher) -> onAccepted(publisher);
            case RouterCommand.RouterRefused(final String reason, final boolean retry) -> onRefused(reason, retry);
            case RouterCommand.RegisterRouterAgain(final String reason) -> onRegisterAgain(reason);
            case final RouterCommand.PlacementPublished published -> onPublished(published);
            case RouterCommand.ReportNow(final long refreshId) -> report(refreshId);
            case RouterCommand.LeaveGranted(final long epoch) -> onLeaveGranted();
            case RouterCommand.Leave(final String reason, final ActorRef<Left> replyTo) -> onLeave(reason, replyTo);
        }
    }

    private void onAccepted(final long publisher) {
        registered = true;
        if (state == NodeState.JOINING) {
            transition(NodeState.LOADING, "accepted by coordinator " + publisher + ", awaits a placement");
        }
    }

    private void onRefused(final String reason, final boolean retry) {
        registered = false;
        getContext()
                .getLog()
                .warn("router {} was refused{}: {}", identity.routerId(), retry ? ", tries again" : "", reason);
        if (!retry && state == NodeState.JOINING) {
            stop("refused: " + reason, false);
        }
    }

    private void onRegisterAgain(final String reason) {
        if (registered) {
            getContext().getLog().info("router {} registers again: {}", identity.routerId(), reason);
        }
        registered = false;
        register();
    }

    private void onRegisterTick() {
        if (state == NodeState.DRAINING) {
            leave();
        } else if (!registered) {
            register();
        }
    }

    private void register() {
        final RouterHello hello = new RouterHello(
                config.clusterName(),
                identity.modelFingerprint(),
                identity.weightsSha256(),
                identity.routerId(),
                identity.incarnation(),
                acknowledged.epoch(),
                acknowledged.publisher());
        coordinator.tell(new CoordinatorCommand.RegisterRouter(hello, self));
    }

    /** What lasts is said again: the coordinator may be a new one. */
    private void onReportTick() {
        report(0);
        if (!toldUnanswered.keys().isEmpty()) {
            tellUnanswered();
        }
    }

    private void onLookTick() {
        final PlacementTarget.Unanswered now = target.unanswered();
        final boolean changed = !now.keys().equals(toldUnanswered.keys());
        toldUnanswered = now;
        if (changed) {
            logUnanswered(now.keys());
            tellUnanswered();
        }
    }

    private void logUnanswered(final List<ExpertKey> keys) {
        if (keys.isEmpty()) {
            getContext().getLog().info("router {}: every unit has a node that answers", identity.routerId());
        } else {
            getContext()
                    .getLog()
                    .warn(
                            "router {}: no node answers for {} units, {} the first",
                            identity.routerId(),
                            keys.size(),
                            keys.getFirst());
        }
    }

    private void tellUnanswered() {
        coordinator.tell(new CoordinatorCommand.UnitUnavailable(
                identity.routerId(), identity.incarnation(), toldUnanswered.epoch(), toldUnanswered.keys()));
    }

    private void report(final long refreshId) {
        final AnswerRows answerRows = target.answerRows(); // first: what is open no more is booked by then
        final RouterReport report = new RouterReport(
                identity.routerId(),
                identity.incarnation(),
                state,
                acknowledged.epoch(),
                ready.getAsBoolean(),
                target.rowsByLayer(),
                answerRows,
                target.unitTraffic());
        coordinator.tell(new CoordinatorCommand.RouterReported(report, refreshId, self));
    }

    /**
     * Epochs only grow; of two coordinators with one epoch only the first is obeyed, and both learn which: at once, or as soon
     * as that epoch is acknowledged. Never before, since the acknowledgement allows the release of units.
     */
    private void onPublished(final RouterCommand.PlacementPublished published) {
        final CommandFence offered = new CommandFence(published.placement().epoch(), published.publisher());
        if (!applying.lets(offered.epoch(), offered.publisher())) {
            if (applying.equals(acknowledged)) {
                acknowledge(acknowledged);
            }
        } else if (offered.equals(acknowledged)) {
            acknowledge(acknowledged);
        } else if (!offered.equals(applying)) {
            applying = offered;
            getContext()
                    .pipeToSelf(
                            target.apply(published.placement(), published.nodes()),
                            (epoch, failure) -> new Applied(offered, failure));
        }
    }

    private void onApplied(final CommandFence placement, final @Nullable Throwable failure) {
        if (failure != null) {
            getContext()
                    .getLog()
                    .error("router {} can't apply epoch {}", identity.routerId(), placement.epoch(), failure);
            if (applying.equals(placement)) {
                // The coordinator sends it again, and it is tried again.
                applying = acknowledged;
            }
            return;
        }
        if (placement.epoch() > acknowledged.epoch()) {
            acknowledged = placement;
        }
        acknowledge(acknowledged);
        if (state == NodeState.LOADING) {
            transition(NodeState.SERVING, "has epoch " + placement.epoch());
        }
    }

    private void acknowledge(final CommandFence placement) {
        coordinator.tell(new CoordinatorCommand.EpochAcknowledged(
                identity.routerId(), identity.incarnation(), placement.epoch(), placement.publisher()));
    }

    private void onLeave(final String reason, final ActorRef<Left> replyTo) {
        awaitingLeave.add(replyTo);
        if (state == NodeState.JOINING) {
            stop("left before it was accepted: " + reason, true);
        } else if (state != NodeState.DRAINING) {
            transition(NodeState.DRAINING, reason);
            timers.startSingleTimer(new LeaveExpired(), config.leaveTimeout());
            leave();
        }
    }

    private void leave() {
        coordinator.tell(
                new CoordinatorCommand.RouterLeaving(identity.routerId(), identity.incarnation(), "left in order"));
    }

    private void onLeaveGranted() {
        if (state == NodeState.DRAINING) {
            stop("left in order", true);
        }
    }

    private void stop(final String reason, final boolean inOrder) {
        transition(NodeState.STOPPED, reason);
        awaitingLeave.forEach(replyTo -> replyTo.tell(new Left(inOrder)));
        awaitingLeave.clear();
    }

    private void transition(final NodeState to, final String reason) {
        final NodeState from = state;
        state = to;
        getContext().getLog().info("router {}: {} -> {}: {}", identity.routerId(), from, to, reason);
        listener.onTransition(from, to, reason);
    }
}
