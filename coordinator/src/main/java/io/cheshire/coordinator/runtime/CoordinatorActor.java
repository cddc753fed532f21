package io.cheshire.coordinator.runtime;

import io.cheshire.coordinator.core.CoordinatorEffect;
import io.cheshire.coordinator.core.CoordinatorInput;
import io.cheshire.coordinator.core.CoordinatorLife;
import io.cheshire.coordinator.core.StepObserver;
import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.PlacedModel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;

/**
 * The coordinator: shell around a {@link CoordinatorLife}. Turns messages and timers into inputs, reads the clock, and
 * carries out the effects. Pekko calls it with one message at a time; it never blocks. When it throws, it starts anew
 * after a pause, and remembers nothing.
 */
public final class CoordinatorActor extends AbstractMatchingBehavior<CoordinatorActor.Message> {
    /** What this actor handles: what others said, and what it said to itself. */
    sealed interface Message {}

    /** Said by others. */
    record Said(CoordinatorCommand command) implements Message {}

    /** Said by itself: a timer, or the end of somebody watched. */
    record Due(CoordinatorInput<ActorRef<?>> input) implements Message {}

    /** It is time to compare what the copies of a unit answer. */
    record ScrubTick() implements Message {}

    private final TimerScheduler<Message> timers;
    private final LongSupplier nanoClock;
    private final EventLog events;
    private final CoordinatorLife<ActorRef<?>> life;
    private final HostedCoordinator hosted;

    private CoordinatorActor(
            final ActorContext<Message> context,
            final TimerScheduler<Message> timers,
            final CoordinatorConfig config,
            final PlacedModel model,
            final LongSupplier nanoClock,
            final InstantSource wallClock,
            final HostedCoordinator hosted) {
        super(context);
        context.setLoggerName(CoordinatorActor.class);
        this.timers = timers;
        this.nanoClock = nanoClock;
        this.hosted = hosted;
        this.events = new EventLog(config.eventLimit(), wallClock);
        this.life = new CoordinatorLife<>(
                config.lifeRules(config.rules(model, Incarnations.draw())),
                new ActorPlaces(),
                config.rebalancing(model),
                StepObserver.NONE,
                nanoClock.getAsLong());
        hosted.seen(life.glance(nanoClock.getAsLong()));
        timers.startTimerWithFixedDelay(new Due(new CoordinatorInput.TickDue<>()), config.tickInterval());
        if (config.scrub().interval().isPositive()) {
            timers.startTimerWithFixedDelay(new ScrubTick(), config.scrub().interval());
        }
        if (config.balance().automatic()) {
            timers.startTimerWithFixedDelay(
                    new Due(new CoordinatorInput.BalanceDue<>()),
                    config.balance().interval());
        }
    }

    /** A coordinator of the given model, by the real clocks; {@code hosted} shows it to its process. */
    static Behavior<CoordinatorCommand> create(
            final CoordinatorConfig config, final PlacedModel model, final HostedCoordinator hosted) {
        return create(config, model, System::nanoTime, InstantSource.system(), hosted);
    }

    /** A coordinator that reads the given clocks. */
    static Behavior<CoordinatorCommand> create(
            final CoordinatorConfig config,
            final PlacedModel model,
            final LongSupplier nanoClock,
            final InstantSource wallClock,
            final HostedCoordinator hosted) {
        final Behavior<Message> behavior = Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new CoordinatorActor(context, timers, config, model, nanoClock, wallClock, hosted)));
        final Behavior<Message> supervised = Behaviors.supervise(behavior)
                .onFailure(SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(10), 0.2));
        return Behaviors.transformMessages(
                CoordinatorCommand.class, supervised, match -> match.match(CoordinatorCommand.class, Said::new));
    }

    @Override
    public Behavior<Message> onMessage(final Message message) {
        final CoordinatorInput<ActorRef<?>> input = switch (message) {
            case Said(final CoordinatorCommand command) -> input(command);
            case Due(final CoordinatorInput<ActorRef<?>> due) -> due;
            case ScrubTick() ->
                new CoordinatorInput.ScrubDue<>(ThreadLocalRandom.current().nextLong());
        };
        life.step(input, nanoClock.getAsLong()).forEach(this::perform);
        if (input instanceof CoordinatorInput.TickDue<ActorRef<?>>) {
            hosted.seen(life.glance(nanoClock.getAsLong()));
        }
        return this;
    }

    @Override
    public Behavior<Message> onSignal(final Signal signal) {
        if (signal instanceof PostStop) {
            hosted.ended();
        }
        return this;
    }

    private static CoordinatorInput<ActorRef<?>> input(final CoordinatorCommand command) {
        return switch (command) {
            case final CoordinatorCommand.OneWay what -> new CoordinatorInput.Told<>(what);
            case CoordinatorCommand.RegisterNode(final var hello, final var from) ->
                new CoordinatorInput.NodeRegisters<>(hello, from);
            case CoordinatorCommand.NodeReported(final var report, final long refreshId, final var from) ->
                new CoordinatorInput.NodeReports<>(report, refreshId, from);
            case CoordinatorCommand.RegisterRouter(final var hello, final var from) ->
                new CoordinatorInput.RouterRegisters<>(hello, from);
            case CoordinatorCommand.RouterReported(final var report, final long refreshId, final var from) ->
                new CoordinatorInput.RouterReports<>(report, refreshId, from);
            case CoordinatorCommand.Ask(final var request, final var asker) ->
                new CoordinatorInput.Asked<>(request, asker);
            case CoordinatorCommand.GetClusterState(final var asker) -> new CoordinatorInput.StateAsked<>(asker);
            case CoordinatorCommand.RefreshClusterState(final long timeoutMs, final var asker) ->
                new CoordinatorInput.FreshStateAsked<>(timeoutMs, asker);
        };
    }

    private void perform(final CoordinatorEffect<ActorRef<?>> effect) {
        switch (effect) {
            case CoordinatorEffect.Tell<ActorRef<?>>(final var to, final var message) ->
                to.unsafeUpcast().tell(message);
            case CoordinatorEffect.Show<ActorRef<?>>(final var to, final var notFresh) ->
                to.unsafeUpcast().tell(ClusterView.of(life, events.events(), notFresh, nanoClock.getAsLong()));
            case CoordinatorEffect.Watch<ActorRef<?>>(final var member, final var ended) ->
                getContext().watchWith(member, new Due(ended));
            case CoordinatorEffect.Unwatch<ActorRef<?>>(final var member) ->
                getContext().unwatch(member);
            case CoordinatorEffect.Down<ActorRef<?>>(final var member) ->
                Cluster.get(getContext().getSystem())
                        .manager()
                        .tell(new Down(member.path().address()));
            case CoordinatorEffect.StartTimer<ActorRef<?>>(final var due, final long delayNs) ->
                timers.startSingleTimer(due, new Due(due), Duration.ofNanos(delayNs));
            case CoordinatorEffect.CancelTimer<ActorRef<?>>(final var due) -> timers.cancel(due);
            case CoordinatorEffect.Note<ActorRef<?>>(final var kind, final long epoch, final var reason) ->
                note(kind, epoch, reason);
            case CoordinatorEffect.BalancerFailed<ActorRef<?>>(final var defect) ->
                getContext().getLog().error("the balancer failed", defect);
        }
    }

    private void note(final ClusterEvent.Kind kind, final long epoch, final String reason) {
        events.add(epoch, kind, reason);
        if (kind == ClusterEvent.Kind.UNIT_DIFFERS || kind == ClusterEvent.Kind.REPLICAS_DISAGREE) {
            getContext().getLog().error("{}: {}", kind, reason);
        } else {
            getContext().getLog().info("{}: {}", kind, reason);
        }
    }
}
