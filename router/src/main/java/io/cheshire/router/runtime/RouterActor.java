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
import io.cheshire.coordinator.runtime.MemberVoice;
import io.cheshire.router.core.PlacementTarget;
import io.cheshire.router.core.RouterEffect;
import io.cheshire.router.core.RouterInput;
import io.cheshire.router.core.RouterLife;
import io.cheshire.router.core.RouterRules;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * A router in the control plane: the shell around its {@link RouterLife}, which decides. Turns messages, timers and
 * what the {@link PlacementTarget} answers into inputs, and carries out the effects. Pekko calls it with one message at
 * a time; it never waits.
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

    private record Due(RouterInput input) implements Message {}

    private record LookDue() implements Message {}

    private record Applied(CommandFence placement, @Nullable Throwable failure) implements Message {}

    /**
     * How soon the coordinator may hear of units that nobody answers for: well within the time that loading one takes.
     */
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(50);

    private final Identity identity;
    private final PlacementTarget target;
    private final BooleanSupplier ready;
    private final MemberVoice voice;
    private final TimerScheduler<Message> timers;
    private final ActorRef<CoordinatorCommand> coordinator;
    private final ActorRef<RouterCommand> self;
    private final RouterLife life;

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
        this.voice = new MemberVoice(context, "router " + identity.routerId(), listener);
        this.timers = timers;
        this.coordinator = coordinator;
        this.life = new RouterLife(new RouterRules(
                config.clusterName(),
                identity.routerId(),
                identity.incarnation(),
                identity.modelFingerprint(),
                identity.weightsSha256(),
                config.leaveTimeout()));
        // Others speak RouterCommand; the transformation around this behavior accepts it under the same address.
        this.self = context.getSelf().unsafeUpcast();
        timers.startTimerWithFixedDelay(new Due(new RouterInput.ReportDue()), config.reportInterval());
        timers.startTimerWithFixedDelay(new Due(new RouterInput.RegisterDue()), config.registerInterval());
        timers.startTimerWithFixedDelay(new LookDue(), LOOK_INTERVAL);
        step(new RouterInput.RegisterDue());
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
            case Said(final RouterCommand.FromCoordinator command) -> step(new RouterInput.Told(command));
            case Said(RouterCommand.Leave(final String reason, final ActorRef<Left> replyTo)) -> {
                voice.tellTheEnd(replyTo);
                step(new RouterInput.Leave(reason));
            }
            case Due(final RouterInput input) -> step(input);
            case LookDue() -> step(new RouterInput.Looked(target.unanswered()));
            case Applied(final CommandFence placement, final @Nullable Throwable failure) -> {
                if (failure == null) {
                    step(new RouterInput.Applied(placement));
                } else {
                    getContext().getLog().debug("epoch {} couldn't be applied", placement.epoch(), failure);
                    step(new RouterInput.ApplyFailed(placement, failure.toString()));
                }
            }
        }
        return life.state() == NodeState.STOPPED ? Behaviors.stopped() : this;
    }

    private RouterReport counted(final RouterEffect.Report report) {
        final AnswerRows answerRows = target.answerRows(); // first: what is open no more is booked by then
        return new RouterReport(
                identity.routerId(),
                identity.incarnation(),
                report.state(),
                report.epoch(),
                ready.getAsBoolean(),
                target.rowsByLayer(),
                answerRows,
                target.unitTraffic());
    }

    private void step(final RouterInput input) {
        life.step(input).forEach(this::perform);
    }

    private void perform(final RouterEffect effect) {
        switch (effect) {
            case RouterEffect.Register(final RouterHello hello) ->
                coordinator.tell(new CoordinatorCommand.RegisterRouter(hello, self));
            case RouterEffect.Tell(final CoordinatorCommand.OneWay message) -> coordinator.tell(message);
            case final RouterEffect.Report report ->
                coordinator.tell(new CoordinatorCommand.RouterReported(counted(report), report.refreshId(), self));
            case RouterEffect.Apply(final CommandFence offered, final var placement, final var nodes) ->
                getContext()
                        .pipeToSelf(target.apply(placement, nodes), (epoch, failure) -> new Applied(offered, failure));
            case RouterEffect.StartLeaveTimer(final Duration timeout) ->
                timers.startSingleTimer(new Due(new RouterInput.LeaveExpired()), timeout);
            case RouterEffect.Transition(final NodeState from, final NodeState to, final String reason) ->
                voice.transition(from, to, reason);
            case RouterEffect.Log(final var severity, final String text) -> voice.log(severity, text);
            case RouterEffect.Stop(final boolean inOrder) -> voice.ended(inOrder);
        }
    }
}
