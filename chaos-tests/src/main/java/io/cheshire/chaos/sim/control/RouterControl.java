package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.FaultKind;
import io.cheshire.chaos.sim.SimContext;
import io.cheshire.chaos.sim.fault.FaultCounts;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.core.CoordinatorInput;
import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.protocol.RouterReport;
import io.cheshire.coordinator.runtime.MemberConfig;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.router.core.PlacementTarget;
import io.cheshire.router.core.RouterEffect;
import io.cheshire.router.core.RouterInput;
import io.cheshire.router.core.RouterLife;
import io.cheshire.router.core.RouterRules;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A router in the simulated control plane: the shell around its {@link RouterLife} that the actor is in production. It
 * has virtual time and the simulated network; what one says and wants passes a {@link RouterForger}. It remembers, too,
 * which placements the router may still use, so that others can be held against that.
 */
public final class RouterControl implements Place {
    private static final long LOOK_INTERVAL_NS = 50 * World.MS;

    private final World world;
    private final SimProcess process;
    private final int start;
    private final Cluster cluster;
    private final int routerId;
    private final long incarnation;
    private final PlacementTarget target;
    private final Usage usage;
    private final EpochBook book;
    private final RouterForger forger;
    private final FaultCounts faults;
    private final RouterLife life;
    private @Nullable Placement placement;
    private boolean wasMember;
    private long heardNs;
    /** Whether a coordinator said so, whatever the life believes. */
    private boolean leaveGranted;

    /** The placements that may still be in use, newest last. */
    private final List<Used> used = new ArrayList<>();

    private record Used(Placement placement, List<NodeEndpoint> endpoints) {
        boolean lists(final int nodeId, final long incarnation, final ExpertKey key) {
            return placement.nodesOf(key).contains(nodeId)
                    && endpoints.stream()
                            .anyMatch(node -> node.nodeId() == nodeId && node.incarnation() == incarnation);
        }
    }

    /** The process around it: what its data plane still uses, and what becomes of it. */
    public interface Usage {
        /** The router chooses nodes by this placement from now on. */
        void applied(Placement placement);

        /** Whether rows are at a node that it hasn't answered. */
        boolean awaits(int nodeId, ExpertKey key);

        /** What an epoch takes until the router has it, beyond other messages. */
        default long publishNs(final long epoch) {
            return 0;
        }

        /** Whether it admits requests. */
        boolean isReady();

        /** The router has left. */
        void left(String how);
    }

    public RouterControl(
            final SimContext context,
            final SimProcess process,
            final int routerId,
            final long incarnation,
            final PlacementTarget target,
            final Usage usage) {
        this.world = context.world();
        this.process = process;
        this.start = process.life();
        this.cluster = context.cluster();
        this.routerId = routerId;
        this.incarnation = incarnation;
        this.target = target;
        this.usage = usage;
        this.book = context.book();
        this.forger = new RouterForger(context.bug());
        this.faults = context.faults();
        final MemberConfig config = SettingReader.read(context.parameters().config, MemberConfig::from);
        final String fingerprint = SimContext.FINGERPRINT.toHex();
        this.life = new RouterLife(new RouterRules(
                config.clusterName(),
                routerId,
                incarnation,
                fingerprint,
                fingerprint, // it has no weights of its own
                config.leaveTimeout()));
        step(new RouterInput.RegisterDue());
        process.every(config.reportInterval().toNanos(), () -> step(new RouterInput.ReportDue()));
        process.every(config.registerInterval().toNanos(), () -> step(new RouterInput.RegisterDue()));
        process.every(LOOK_INTERVAL_NS, () -> step(new RouterInput.Looked(target.unanswered())));
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

    public int routerId() {
        return routerId;
    }

    public long incarnation() {
        return incarnation;
    }

    /** Where it is in its life. */
    public NodeState state() {
        return life.state();
    }

    /** Where it is in its life, for people. */
    public String describe() {
        return process.name() + " " + life;
    }

    /** The placement in use. */
    public @Nullable Placement placement() {
        return placement;
    }

    /** Whether rows may still go to, or come from, this unit of this start of the node. */
    boolean mayUse(final int nodeId, final long nodeIncarnation, final ExpertKey key) {
        if (!process.isUp()) {
            return false;
        }
        return used.stream().anyMatch(each -> each.lists(nodeId, nodeIncarnation, key)) || usage.awaits(nodeId, key);
    }

    /** Whether it works with an epoch that another coordinator published above {@code published}. */
    boolean obeysAnother(final long publisher, final long published) {
        return used.stream()
                .mapToLong(each -> each.placement.epoch())
                .anyMatch(epoch -> epoch > published && epoch != Epochs.of(Epochs.round(epoch), publisher));
    }

    /** The router's requests are finished, and it leaves. */
    public void leave() {
        step(new RouterInput.Leave("planned"));
    }

    /** A coordinator says something. Behind an epoch that is long on its way all else waits, as on one connection. */
    void hear(final RouterCommand.FromCoordinator command) {
        final long nowNs = world.nowNs();
        heardNs = Math.max(heardNs, nowNs + longerNs(command));
        if (heardNs == nowNs) {
            obey(command);
        } else {
            process.later(heardNs - nowNs, () -> obey(command));
        }
    }

    private long longerNs(final RouterCommand.FromCoordinator command) {
        return command instanceof final RouterCommand.PlacementPublished published
                ? usage.publishNs(published.placement().epoch())
                : 0;
    }

    private void obey(final RouterCommand.FromCoordinator command) {
        leaveGranted |= command instanceof RouterCommand.LeaveGranted;
        step(new RouterInput.Told(command));
    }

    private void step(final RouterInput input) {
        if (forger.isLost(input)) {
            return;
        }
        final CommandFence before = life.applying();
        for (final RouterEffect effect : forger.wanted(input, life.step(input), before)) {
            if (forger.grantsLeave(effect)) {
                step(new RouterInput.Told(new RouterCommand.LeaveGranted(before.epoch())));
            } else {
                perform(effect, before);
            }
        }
    }

    private void perform(final RouterEffect effect, final CommandFence before) {
        switch (effect) {
            case RouterEffect.Register(final RouterHello hello) ->
                say(new CoordinatorInput.RouterRegisters<>(hello, this));
            case RouterEffect.Tell(final CoordinatorCommand.OneWay message) -> {
                say(new CoordinatorInput.Told<>(message));
                if (message instanceof final CoordinatorCommand.EpochAcknowledged acked
                        && cluster.losesAcknowledgement(process, acked.publisher())) {
                    faults.count(FaultKind.CONTROL_RESET);
                }
            }
            case final RouterEffect.Report report ->
                say(new CoordinatorInput.RouterReports<>(counted(report), report.refreshId(), this));
            case final RouterEffect.Apply apply -> apply(apply, before);
            case RouterEffect.StartLeaveTimer(final Duration timeout) ->
                process.later(timeout.toNanos(), () -> step(new RouterInput.LeaveExpired()));
            case RouterEffect.Transition(final NodeState from, final NodeState to, final String reason) -> {
                wasMember |= to == NodeState.LOADING;
                world.note(process.name(), () -> from + " -> " + to + ": " + reason);
            }
            case RouterEffect.Log(final var severity, final String text) -> world.note(process.name(), () -> text);
            case RouterEffect.Stop(final boolean inOrder) -> {
                if (inOrder && wasMember && !leaveGranted) {
                    world.violate("a router leaves in order when nobody waits for it", process.name() + " didn't ask");
                }
                usage.left(inOrder ? "left in order" : "left, but not in order");
            }
        }
    }

    private void apply(final RouterEffect.Apply apply, final CommandFence before) {
        final CommandFence offered = apply.offered();
        book.applied(
                apply.placement(), offered.publisher(), process.name() + " life " + process.life(), before.epoch());
        world.note(
                process.name(),
                () -> "applies epoch " + offered.epoch() + " "
                        + apply.placement().nodesByUnit());
        usage.applied(apply.placement());
        target.apply(apply.placement(), apply.nodes())
                .whenComplete((epoch, failure) -> process.later(0, () -> onApplied(offered, failure)));
        placement = apply.placement();
        used.add(new Used(apply.placement(), apply.nodes()));
        process.wake(0);
        if (forger.acknowledgesEarly()) {
            step(new RouterInput.Applied(offered));
        }
    }

    private void onApplied(final CommandFence offered, final @Nullable Throwable failure) {
        if (failure == null) {
            used.removeIf(each -> each.placement.epoch() < offered.epoch());
            step(new RouterInput.Applied(offered));
        } else {
            step(new RouterInput.ApplyFailed(offered, failure.toString()));
        }
    }

    private void say(final CoordinatorInput<Place> what) {
        cluster.tell(process, coordinator -> coordinator.hear(what));
    }

    private RouterReport counted(final RouterEffect.Report report) {
        final AnswerRows answerRows = target.answerRows(); // first: what is open no more is booked by then
        return new RouterReport(
                routerId,
                incarnation,
                report.state(),
                report.epoch(),
                usage.isReady(),
                target.rowsByLayer(),
                answerRows,
                target.unitTraffic());
    }
}
