package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.experiment.core.ResolvedFault;
import io.cheshire.chaos.experiment.core.RunMark;
import io.cheshire.chaos.experiment.core.SimulatedStreams;
import io.cheshire.chaos.experiment.protocol.PlannedFault;
import io.cheshire.chaos.sim.SimContext;
import io.cheshire.chaos.sim.SimHosts;
import io.cheshire.chaos.sim.control.SimCoordinator;
import io.cheshire.chaos.sim.net.Paths;
import io.cheshire.chaos.sim.node.SimNode;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.model.protocol.ExpertKey;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Does the timeline's faults to a simulated cluster, each at its time, and takes them back. */
final class SimulatedFaults {
    /** As a launcher does. */
    private static final long RESTART_NS = 1_000 * World.MS;

    private static final String REASON = "an experiment";

    private final World world;
    private final SimContext context;
    private final SimHosts hosts;
    private final Paths dataPaths;
    private final SimulatedStreams streams;

    SimulatedFaults(
            final SimContext context, final SimHosts hosts, final Paths dataPaths, final SimulatedStreams streams) {
        this.world = context.world();
        this.context = context;
        this.hosts = hosts;
        this.dataPaths = dataPaths;
        this.streams = streams;
    }

    /** Plans one, counted from so much later than now. */
    void plan(final ResolvedFault fault, final long fromNs) {
        final PlannedFault planned = fault.fault();
        world.after(fromNs + planned.at().toNanos(), () -> {
            streams.mark(planned.at().toNanos() / 1e6, RunMark.Kind.FAULT, fault.words());
            begin(fault);
        });
        final Duration lasting = planned.lasting();
        if (lasting != null) {
            world.after(fromNs + fault.end().toNanos(), () -> {
                end(fault);
                streams.mark(fault.end().toNanos() / 1e6, RunMark.Kind.HEALED, "over: " + fault.words());
            });
        }
    }

    private List<SimNode> nodes(final ResolvedFault fault) {
        return fault.nodes().stream().map(hosts.nodes()::get).toList();
    }

    private void begin(final ResolvedFault fault) {
        final PlannedFault planned = fault.fault();
        switch (planned.kind()) {
            case KILL -> {
                nodes(fault).forEach(node -> killed(node, node::start));
                others(fault);
            }
            case COORDINATOR_KILL -> killLeader();
            case ROUTER_KILL -> killRouter();
            case STOP -> stop(fault, Objects.requireNonNull(planned.lasting()).toNanos());
            case TERMINATE -> nodes(fault).forEach(SimNode::leave);
            case MOVE -> move(fault.units());
            case DRAIN -> ask(fault, node -> new OperatorRequest.Drain(node, REASON));
            case PARTITION -> ways(fault, (from, to) -> dataPaths.block(from, to));
            case LOSS -> ways(fault, (from, to) -> dataPaths.addLoss(from, to, planned.share()));
            case DELAY ->
                ways(
                        fault,
                        (from, to) ->
                                dataPaths.addDelay(from, to, planned.delay().toNanos()));
            case SLOW_NODE -> nodes(fault).forEach(node -> node.setComputeSlowdown(planned.factor()));
            case FAILED_LOAD -> nodes(fault).forEach(node -> node.setLoadsFail(true));
            case GPU_ERROR, GPU_HANG, GPU_BIT_FLIP, GPU_OUT_OF_MEMORY, GPU_REFUSAL ->
                throw new IllegalStateException(planned.kind().word() + " can't be simulated");
        }
    }

    private void end(final ResolvedFault fault) {
        final PlannedFault planned = fault.fault();
        switch (planned.kind()) {
            case DRAIN -> ask(fault, node -> new OperatorRequest.Undrain(node, REASON));
            case PARTITION -> ways(fault, (from, to) -> dataPaths.unblock(from, to));
            case LOSS -> ways(fault, (from, to) -> dataPaths.addLoss(from, to, -planned.share()));
            case DELAY ->
                ways(
                        fault,
                        (from, to) ->
                                dataPaths.addDelay(from, to, -planned.delay().toNanos()));
            case SLOW_NODE -> nodes(fault).forEach(node -> node.setComputeSlowdown(1));
            case FAILED_LOAD -> nodes(fault).forEach(node -> node.setLoadsFail(false));
            case KILL,
                    STOP,
                    TERMINATE,
                    MOVE,
                    COORDINATOR_KILL,
                    ROUTER_KILL,
                    GPU_ERROR,
                    GPU_HANG,
                    GPU_BIT_FLIP,
                    GPU_OUT_OF_MEMORY,
                    GPU_REFUSAL -> {
                // Over by itself.
            }
        }
    }

    private void killed(final SimProcess process, final Runnable restart) {
        process.crash("killed");
        world.after(RESTART_NS, restart);
    }

    /** A target that is no node. */
    private void others(final ResolvedFault fault) {
        if (fault.who().contains("coordinator")) {
            killLeader();
        } else if (fault.nodes().isEmpty()) {
            killRouter();
        }
    }

    private void killLeader() {
        final SimCoordinator leader = context.cluster().active();
        if (leader != null) {
            killed(leader, () -> {
                if (!leader.isUp()) {
                    leader.start(0);
                }
            });
        }
    }

    private void killRouter() {
        killed(hosts.routers().getLast(), hosts.routers().getLast()::start);
    }

    private void stop(final ResolvedFault fault, final long ns) {
        final long untilNs = world.nowNs() + ns;
        nodes(fault).forEach(node -> node.pauseUntil(untilNs));
        final SimCoordinator leader = context.cluster().active();
        if (fault.who().contains("coordinator") && leader != null) {
            leader.pauseUntil(untilNs);
        } else if (fault.nodes().isEmpty()) {
            hosts.routers().getLast().pauseUntil(untilNs);
        }
    }

    private void move(final List<Integer> units) {
        final SimCoordinator leader = context.cluster().active();
        if (leader == null || leader.state() == null) {
            return;
        }
        final List<List<Integer>> holders =
                Objects.requireNonNull(leader.state()).placement().nodesByUnit();
        for (final int unit : units) {
            final List<Integer> free = IntStream.range(0, hosts.nodes().size())
                    .boxed()
                    .filter(node -> !holders.get(unit).contains(node))
                    .toList();
            if (!free.isEmpty() && !holders.get(unit).isEmpty()) {
                leader.ask(new OperatorRequest.Move(
                        new ExpertKey(
                                unit / context.parameters().shape.experts, unit % context.parameters().shape.experts),
                        holders.get(unit).getFirst(),
                        free.get(unit % free.size()),
                        REASON));
            }
        }
    }

    private void ask(final ResolvedFault fault, final java.util.function.IntFunction<OperatorRequest> request) {
        final SimCoordinator leader = context.cluster().active();
        if (leader != null) {
            fault.nodes().forEach(node -> leader.ask(request.apply(node)));
        }
    }

    /** One direction from host to host. */
    @FunctionalInterface
    private interface Way {
        void change(int from, int to);
    }

    /** Between those who are hit and all others. */
    private void ways(final ResolvedFault fault, final Way way) {
        final Consumer<SimNode> both = node -> hosts.serving().stream()
                .filter(other -> !nodes(fault).contains(other))
                .forEach(other -> {
                    way.change(node.host(), other.host());
                    way.change(other.host(), node.host());
                });
        nodes(fault).forEach(both);
    }
}
