package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.SimContext;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.core.CoordinatorInput;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.runtime.MemberConfig;
import io.cheshire.expertnode.core.NodeEffect;
import io.cheshire.expertnode.core.NodeInput;
import io.cheshire.expertnode.core.NodeLife;
import io.cheshire.expertnode.core.NodeRules;
import io.cheshire.expertnode.core.UnitHost;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.settings.SettingReader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * An expert node in the simulated control plane: the shell around its {@link NodeLife} that the actor is in production.
 * It has virtual time and the simulated network; what one says and wants passes a {@link NodeForger}.
 */
public final class NodeControl implements Place {
    private final World world;
    private final SimProcess process;
    private final int start;
    private final Cluster cluster;
    private final UnitHost host;
    private final NodeForger forger;
    private final NodeLife life;
    private final Consumer<String> stopped;
    private int leaveTimers;
    /** Whether a coordinator said so, whatever the life believes. */
    private boolean leaveGranted;

    /** @param stopped runs when the life is over, with the reason */
    public NodeControl(
            final SimContext context,
            final SimProcess process,
            final UnitHost host,
            final long memoryLimitBytes,
            final long unitBytes,
            final String failureDomain,
            final Consumer<String> stopped) {
        this.world = context.world();
        this.process = process;
        this.start = process.life();
        this.cluster = context.cluster();
        this.host = host;
        this.forger = new NodeForger(context.bug());
        this.stopped = stopped;
        final MemberConfig config = SettingReader.read(context.parameters().config, MemberConfig::from);
        this.life = new NodeLife(new NodeRules(
                config.clusterName(),
                host.endpoint(),
                SimContext.FINGERPRINT.toHex(),
                memoryLimitBytes,
                unitBytes,
                config.concurrentLoads(),
                config.leaveTimeout(),
                failureDomain));
        step(new NodeInput.RegisterDue());
        process.every(config.reportInterval().toNanos(), () -> step(new NodeInput.ReportDue()));
        process.every(config.registerInterval().toNanos(), () -> step(new NodeInput.RegisterDue()));
    }

    public SimProcess process() {
        return process;
    }

    @Override
    public String path() {
        return process.name();
    }

    @Override
    public boolean isIn(final SimProcess other) {
        return process.equals(other);
    }

    /** Whether the process's life that made this still goes on. */
    boolean isAlive() {
        return process.isUp() && process.life() == start;
    }

    public int nodeId() {
        return host.endpoint().nodeId();
    }

    public long incarnation() {
        return host.endpoint().incarnation();
    }

    /** Where it is in its life. */
    public NodeState state() {
        return life.state();
    }

    /** Whether others have read the unit before that it loads. */
    public boolean knowsWhatMustBe(final ExpertKey key) {
        return life.knowsWhatMustBe(key);
    }

    /** Where it is in its life, for people. */
    public String describe() {
        return process.name() + " " + life;
    }

    /** An operator has the node leave in order. */
    public void leave() {
        step(new NodeInput.Leave("planned"));
    }

    /** A coordinator says something. */
    void hear(final ExpertNodeCommand.FromCoordinator command) {
        leaveGranted |= command instanceof ExpertNodeCommand.LeaveGranted;
        step(new NodeInput.Told(command));
    }

    private void step(final NodeInput input) {
        if (forger.isLost(input)) {
            return;
        }
        final CommandFence before = life.fence();
        final List<NodeEffect> effects = life.step(forger.heard(input, before));
        if (epochOf(input) < before.epoch() && effects.stream().noneMatch(NodeControl::isRefusal)) {
            world.violate(
                    "epochs never go back",
                    process.name() + " obeys " + input + " after epoch " + before.epoch() + " of publisher "
                            + before.publisher());
        }
        for (final NodeEffect effect : effects) {
            if (forger.keeps(effect) && effect instanceof NodeEffect.Unload(final ExpertKey key)) {
                step(new NodeInput.Unloaded(key));
            } else {
                perform(forger.wanted(effect));
            }
            if (forger.grantsLeave(effect)) {
                step(new NodeInput.Told(new ExpertNodeCommand.LeaveGranted(before.epoch())));
            }
        }
    }

    private static long epochOf(final NodeInput input) {
        return switch (input) {
            case NodeInput.Told(final ExpertNodeCommand.LoadUnits load) -> load.epoch();
            case NodeInput.Told(final ExpertNodeCommand.UnloadUnits unload) -> unload.epoch();
            default -> Long.MAX_VALUE;
        };
    }

    private static boolean isRefusal(final NodeEffect effect) {
        return effect instanceof NodeEffect.Tell(final CoordinatorCommand.StaleCommand stale);
    }

    private void perform(final NodeEffect effect) {
        switch (effect) {
            case NodeEffect.Register(final NodeHello hello) -> say(new CoordinatorInput.NodeRegisters<>(hello, this));
            case NodeEffect.Tell(final CoordinatorCommand.OneWay message) -> say(new CoordinatorInput.Told<>(message));
            case final NodeEffect.Report report -> {
                final NodeReport counted = new NodeReport(
                        nodeId(),
                        incarnation(),
                        report.state(),
                        report.resident(),
                        host.loads(),
                        host.residentBytes(),
                        host.deviceHealth());
                say(new CoordinatorInput.NodeReports<>(counted, report.refreshId(), this));
            }
            case NodeEffect.Load(final ExpertKey key, final String known) ->
                await(host.load(key, known), NodeInput.Loaded::new, why -> new NodeInput.LoadFailed(key, why));
            case NodeEffect.Unload(final ExpertKey key) ->
                await(
                        host.unload(key),
                        done -> new NodeInput.Unloaded(key),
                        why -> new NodeInput.UnloadFailed(key, why));
            case NodeEffect.Probe(final long probeId, final ExpertKey key, final long seed) ->
                await(
                        host.probe(key, seed),
                        answer -> new NodeInput.Probed(probeId, key, answer, ""),
                        why -> new NodeInput.Probed(probeId, key, "", why));
            case NodeEffect.Drain(final boolean granted) -> {
                if (granted && !leaveGranted) {
                    world.violate("a node leaves in order when no router uses it", process.name() + " didn't ask");
                }
                await(host.drain(), done -> new NodeInput.Drained(), NodeInput.DrainFailed::new);
            }
            case NodeEffect.StartLeaveTimer(final Duration timeout) -> startLeaveTimer(timeout);
            case NodeEffect.Transition(final NodeState from, final NodeState to, final String reason) ->
                world.note(process.name(), () -> from + " -> " + to + ": " + reason);
            case NodeEffect.Log(final var severity, final String text) -> world.note(process.name(), () -> text);
            case NodeEffect.Stop(final boolean inOrder) ->
                stopped.accept(inOrder ? "left in order" : "left, but not in order");
        }
    }

    private void startLeaveTimer(final Duration timeout) {
        final int timer = ++leaveTimers;
        process.later(timeout.toNanos(), () -> {
            if (timer == leaveTimers) {
                step(new NodeInput.LeaveExpired());
            }
        });
    }

    private void say(final CoordinatorInput<Place> what) {
        cluster.tell(process, coordinator -> coordinator.hear(what));
    }

    /** What comes of it is an input, whenever that is. */
    private <T> void await(
            final CompletionStage<T> stage,
            final Function<T, NodeInput> done,
            final Function<String, NodeInput> failed) {
        stage.whenComplete((result, failure) ->
                process.later(0, () -> step(failure == null ? done.apply(result) : failed.apply(failure.toString()))));
        process.wake(0);
    }
}
