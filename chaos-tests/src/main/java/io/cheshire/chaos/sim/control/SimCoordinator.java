package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.FaultKind;
import io.cheshire.chaos.sim.SimContext;
import io.cheshire.chaos.sim.check.CoordinatorPath;
import io.cheshire.chaos.sim.check.Coverage;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.core.CoordinatorEffect;
import io.cheshire.coordinator.core.CoordinatorInput;
import io.cheshire.coordinator.core.CoordinatorLife;
import io.cheshire.coordinator.core.PlacementMachine;
import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.ControlMessage;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacedModel;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.runtime.CoordinatorConfig;
import io.cheshire.settings.SettingReader;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A process that may coordinate: the shell around a {@link CoordinatorLife} that the coordinator's actor is in
 * production, with virtual time and the simulated network. What it hears and says passes a {@link CoordinatorForger},
 * and
 * {@link CoordinatorPromises} looks at it. It keeps nothing when another one follows it.
 */
public final class SimCoordinator extends SimProcess {
    private static final long DEAD_ALREADY_NS = 100 * World.MS;
    private static final OperatorPlace OPERATOR = new OperatorPlace();

    private final SimContext context;
    private final CoordinatorConfig config;
    private final PlacedModel model;
    private final Cluster cluster;
    private final Coverage coverage;
    private final CoordinatorPromises promises;
    private final SplittableRandom random;
    /** Timers and ends awaited; what isn't in here any more is not heard of. */
    private final Map<CoordinatorInput<Place>, Long> timers = new HashMap<>();

    private final Map<Place, CoordinatorInput<Place>> watched = new HashMap<>();
    private @Nullable CoordinatorLife<Place> life;
    private CoordinatorForger forger;
    private boolean leading;
    private long timersStarted;

    public SimCoordinator(final SimContext context, final String name, final int host) {
        super(context.world(), name, host);
        this.context = context;
        this.config = SettingReader.read(context.parameters().config, CoordinatorConfig::from);
        this.model = context.controlIdentity();
        this.cluster = context.cluster();
        this.coverage = context.coverage();
        this.forger = new CoordinatorForger(context.bug());
        this.promises = new CoordinatorPromises(context, this, config);
        // Not from the world's numbers: what the seeds are known for stays as it is.
        this.random = new SplittableRandom(context.parameters().seed * 31 + host);
    }

    /** Starts the process; it stands by. */
    public void start(final long clockOffsetNs) {
        begin(clockOffsetNs);
        leading = false;
    }

    @Override
    public void crash(final String why) {
        leading = false;
        end(why);
    }

    @Override
    protected void dutyCycle() {}

    /** Becomes the coordinator. */
    void lead() {
        forger = new CoordinatorForger(context.bug());
        timers.clear();
        watched.clear();
        promises.begin();
        life = new CoordinatorLife<>(
                config.lifeRules(forger.rules(config.rules(model, context.book().nextPublisher()))),
                new SimPlaces(),
                new SimRebalancing(config.rebalancing(model), random),
                this::stepped,
                clock().nanoTime());
        leading = true;
        world.note(name(), () -> "leads as publisher " + term());
        tick(life);
    }

    private void tick(final CoordinatorLife<Place> mine) {
        later(config.tickInterval().toNanos(), () -> {
            if (leading && life == mine) {
                hear(new CoordinatorInput.TickDue<>());
                if (context.parameters().faults.has(FaultKind.OTHER_BYTES)) {
                    hear(new CoordinatorInput.ScrubDue<>(random.nextLong()));
                }
                tick(mine);
            }
        });
    }

    /** It learns that its term is over; where it leads again since, that one goes on. */
    void stepDown(final long overTerm) {
        if (leading && term() == overTerm) {
            leading = false;
            world.note(name(), () -> "steps down");
        }
    }

    /** Counts its terms and those of all others; tells what it said as leader from what it said before. */
    long term() {
        final CoordinatorLife<Place> mine = life;
        return mine == null ? 0 : mine.rules().publisher();
    }

    public boolean isLeading() {
        return leading;
    }

    /** What it decides by; null before it ever led. */
    public @Nullable PlacementState state() {
        final CoordinatorLife<Place> mine = life;
        return mine == null ? null : mine.state();
    }

    /** An operator asks for something. */
    public void ask(final OperatorRequest request) {
        hear(new CoordinatorInput.Asked<>(request, OPERATOR));
    }

    /** An operator wants to see the cluster, as it is now. */
    public void show(final long timeoutMs) {
        hear(new CoordinatorInput.FreshStateAsked<>(timeoutMs, OPERATOR));
    }

    /** The node's actor or process ended. */
    public void nodeGone(final int nodeId, final long incarnation) {
        ended(new CoordinatorInput.NodeEnded<>(nodeId, incarnation));
    }

    /** The router's actor or process ended. */
    public void routerGone(final int routerId, final long incarnation) {
        ended(new CoordinatorInput.RouterEnded<>(routerId, incarnation));
    }

    /** Heard of only where somebody watches. */
    private void ended(final CoordinatorInput<Place> ended) {
        if (watched.values().remove(ended)) {
            hear(ended);
        }
    }

    /** Hears something and carries out what it leads to. */
    void hear(final CoordinatorInput<Place> input) {
        final CoordinatorLife<Place> mine = life;
        if (!leading || mine == null) {
            return;
        }
        promises.hears(input);
        for (final CoordinatorInput<Place> heard : forger.heard(input, mine)) {
            final var effects = mine.step(heard, clock().nanoTime());
            coverage.coordinator(CoordinatorPath.of(heard, effects));
            forger.said(effects, mine).forEach(effect -> perform(effect, mine));
        }
    }

    private void stepped(
            final PlacementState before,
            final PlacementEvent event,
            final PlacementMachine.Step step,
            final long nowNs) {
        coverage.placement(before.phase(), event);
        promises.stepped(before, step.state(), nowNs);
    }

    private void perform(final CoordinatorEffect<Place> effect, final CoordinatorLife<Place> mine) {
        switch (effect) {
            case CoordinatorEffect.Tell<Place>(final Place to, final ControlMessage message) -> {
                promises.says(to, message, mine);
                tell(to, message);
            }
            case CoordinatorEffect.Show<Place>(final Place to, final var notFresh) ->
                world.note(name(), () -> "shows the cluster; not fresh: " + notFresh);
            case CoordinatorEffect.Watch<Place>(final Place member, final var ended) -> watch(member, ended);
            case CoordinatorEffect.Unwatch<Place>(final Place member) -> watched.remove(member);
            case CoordinatorEffect.Down<Place>(final Place member) -> cluster.down(this, member);
            case CoordinatorEffect.StartTimer<Place>(final var due, final long delayNs) -> startTimer(due, delayNs);
            case CoordinatorEffect.CancelTimer<Place>(final var due) -> timers.remove(due);
            case CoordinatorEffect.Note<Place>(final var kind, final long epoch, final String reason) -> {
                world.note(name(), () -> kind + " " + reason);
                if (kind == ClusterEvent.Kind.REPLICAS_DISAGREE) {
                    world.violate("copies of one unit answer alike", reason);
                }
            }
            case CoordinatorEffect.BalancerFailed<Place>(final RuntimeException defect) -> throw defect;
        }
    }

    private void tell(final Place to, final ControlMessage message) {
        switch (to) {
            case final NodeControl node
            when message instanceof final ExpertNodeCommand.FromCoordinator command ->
                cluster.tell(this, node.process(), node::isAlive, () -> node.hear(command));
            case final RouterControl router
            when message instanceof final RouterCommand.FromCoordinator command ->
                cluster.tell(this, router.process(), router::isAlive, () -> router.hear(command));
            case OperatorPlace() -> world.note(name(), message::toString);
            case final NodeControl node -> throw new IllegalStateException(message + " to " + node.path());
            case final RouterControl router -> throw new IllegalStateException(message + " to " + router.path());
        }
    }

    /** Who was dead already when he was accepted is soon known to be. */
    private void watch(final Place member, final CoordinatorInput<Place> ended) {
        watched.put(member, ended);
        final boolean alive = switch (member) {
            case final NodeControl node -> node.isAlive();
            case final RouterControl router -> router.isAlive();
            case final OperatorPlace operator -> true;
        };
        if (!alive) {
            final CoordinatorLife<Place> mine = life;
            later(DEAD_ALREADY_NS, () -> {
                if (life == mine) {
                    ended(ended);
                }
            });
        }
    }

    private void startTimer(final CoordinatorInput<Place> due, final long delayNs) {
        final long timer = ++timersStarted;
        timers.put(due, timer);
        later(delayNs, () -> {
            if (timers.remove(due, timer)) {
                hear(due);
            }
        });
    }
}
