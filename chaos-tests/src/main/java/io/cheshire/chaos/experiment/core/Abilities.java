package io.cheshire.chaos.experiment.core;

import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.experiment.protocol.ExperimentCluster.Kind;
import io.cheshire.chaos.experiment.protocol.FaultTarget;
import io.cheshire.chaos.experiment.protocol.FaultVerb;
import io.cheshire.chaos.experiment.protocol.PlannedFault;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What can be done on what: asked before anything starts. Pure. */
public final class Abilities {
    /** Sizes that the simulation draws. */
    private static final int SIMULATED_NODES = 6;

    private static final int SIMULATED_ROUTERS = 3;

    private Abilities() {}

    /** What may stand in an experiment on a cluster of this kind. */
    public static Set<FaultVerb> of(final Kind kind) {
        return switch (kind) {
            case LOCAL ->
                EnumSet.of(
                        FaultVerb.KILL,
                        FaultVerb.STOP,
                        FaultVerb.TERMINATE,
                        FaultVerb.MOVE,
                        FaultVerb.DRAIN,
                        FaultVerb.COORDINATOR_KILL,
                        FaultVerb.ROUTER_KILL,
                        FaultVerb.GPU_ERROR,
                        FaultVerb.GPU_HANG,
                        FaultVerb.GPU_BIT_FLIP,
                        FaultVerb.GPU_OUT_OF_MEMORY,
                        FaultVerb.GPU_REFUSAL);
            case RUNNING -> EnumSet.of(FaultVerb.MOVE, FaultVerb.DRAIN);
            case SIMULATION -> {
                final Set<FaultVerb> all = EnumSet.allOf(FaultVerb.class);
                all.removeIf(FaultVerb::isOfGpu);
                yield all;
            }
        };
    }

    private static boolean killsRouter(final PlannedFault fault) {
        return fault.kind() == FaultVerb.ROUTER_KILL
                || (fault.kind() == FaultVerb.KILL
                        && fault.target() instanceof FaultTarget.Role(final FaultTarget.ProcessRole role)
                        && role == FaultTarget.ProcessRole.ROUTER);
    }

    /** @throws ExperimentRefused it asks for something that can't be done there, or for too large a cluster */
    public static void demand(final Experiment experiment) {
        final Kind kind = experiment.cluster().on();
        final String name = kind.name().toLowerCase(Locale.ROOT);
        for (final PlannedFault fault : experiment.faults()) {
            if (!of(kind).contains(fault.kind())) {
                throw new ExperimentRefused(fault.kind().word() + " can't be done on: " + name + "; there it can do "
                        + of(kind).stream().map(FaultVerb::word).collect(Collectors.joining(", ")));
            }
            if (fault.kind().isOfGpu() && experiment.cluster().gpu() == null) {
                throw new ExperimentRefused(fault.kind().word()
                        + " is done to emulated GPUs, and the nodes have none; write cluster.gpu: emulated");
            }
            if (kind == Kind.LOCAL && killsRouter(fault) && experiment.cluster().routers() < 2) {
                throw new ExperimentRefused(
                        "the death of a router needs one that stays, since no launcher starts routers"
                                + " again; write cluster.routers: 2");
            }
        }
        if (kind == Kind.RUNNING
                && (experiment.cluster().api() == null || experiment.cluster().ops() == null)) {
            throw new ExperimentRefused("a running cluster is known by its addresses; give --api URL and --ops URL,"
                    + " or cluster.api and cluster.ops");
        }
        if (kind == Kind.SIMULATION
                && (experiment.cluster().nodes() > SIMULATED_NODES
                        || experiment.cluster().routers() > SIMULATED_ROUTERS)) {
            throw new ExperimentRefused("the simulation has clusters of up to " + SIMULATED_NODES + " nodes and "
                    + SIMULATED_ROUTERS + " routers; cluster.nodes is "
                    + experiment.cluster().nodes() + ", cluster.routers "
                    + experiment.cluster().routers());
        }
    }
}
