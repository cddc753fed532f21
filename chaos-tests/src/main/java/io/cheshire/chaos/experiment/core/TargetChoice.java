package io.cheshire.chaos.experiment.core;

import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.experiment.protocol.ExperimentLimits;
import io.cheshire.chaos.experiment.protocol.FaultTarget;
import io.cheshire.chaos.experiment.protocol.FaultTarget.ProcessRole;
import io.cheshire.chaos.experiment.protocol.FaultVerb;
import io.cheshire.chaos.experiment.protocol.PlannedFault;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Says who is hit by each fault, by the seed: the same seed and cluster give the same targets. Pure. */
public final class TargetChoice {
    private static final String EXPERT_NODE = "expert-node-";

    private final Experiment experiment;
    private final ClusterMap map;
    private final SplittableRandom random;

    private TargetChoice(final Experiment experiment, final ClusterMap map) {
        this.experiment = experiment;
        this.map = map;
        this.random = new SplittableRandom(experiment.seed());
    }

    /**
     * All faults with their targets.
     *
     * @throws ExperimentRefused a target isn't there, or the limits forbid it
     */
    public static List<ResolvedFault> resolve(final Experiment experiment, final ClusterMap map) {
        final TargetChoice choice = new TargetChoice(experiment, map);
        final List<ResolvedFault> resolved =
                experiment.faults().stream().map(choice::resolve).toList();
        for (final ResolvedFault fault : resolved) {
            choice.demandWithin(fault, resolved);
        }
        return resolved;
    }

    private ResolvedFault resolve(final PlannedFault fault) {
        return switch (fault.kind()) {
            case COORDINATOR_KILL -> new ResolvedFault(fault, List.of(), List.of("coordinator"), List.of());
            case ROUTER_KILL -> new ResolvedFault(fault, List.of(), List.of(router()), List.of());
            case MOVE -> new ResolvedFault(fault, List.of(), List.of(), units(fault.units()));
            case KILL,
                    STOP,
                    TERMINATE,
                    DRAIN,
                    PARTITION,
                    LOSS,
                    DELAY,
                    SLOW_NODE,
                    FAILED_LOAD,
                    GPU_ERROR,
                    GPU_HANG,
                    GPU_BIT_FLIP,
                    GPU_OUT_OF_MEMORY,
                    GPU_REFUSAL -> targeted(fault);
        };
    }

    private ResolvedFault targeted(final PlannedFault fault) {
        final List<Integer> nodes = switch (fault.target()) {
            case FaultTarget.Nodes(final List<Integer> named) -> named;
            case FaultTarget.RandomNodes(final int count) -> drawn(map.nodes(), count, "nodes serve");
            case FaultTarget.Rack(final String rack) -> rack(rack);
            case FaultTarget.HolderOf(final int layer, final int expert) -> List.of(holder(layer, expert));
            case FaultTarget.Role role -> List.of();
            case FaultTarget.Nobody nobody -> List.of();
        };
        for (final int node : nodes) {
            if (!map.nodes().contains(node)) {
                throw new ExperimentRefused("node " + node + " isn't there; these serve: " + map.nodes());
            }
        }
        if (fault.target() instanceof FaultTarget.Role(final ProcessRole role)) {
            final String name = role == ProcessRole.COORDINATOR ? "coordinator" : router();
            return new ResolvedFault(fault, nodes, List.of(name), List.of());
        }
        return new ResolvedFault(
                fault, nodes, nodes.stream().map(node -> EXPERT_NODE + node).toList(), List.of());
    }

    /** The last one that was started, which is the first where there is only one. */
    private String router() {
        return map.routers() == 1 ? "router" : "router-" + (map.routers() - 1);
    }

    private List<Integer> rack(final String name) {
        final List<Integer> nodes = map.racks().get(name);
        if (nodes == null) {
            throw new ExperimentRefused("there is no rack \"" + name + "\"; "
                    + (map.racks().isEmpty()
                            ? "the nodes are in none: cluster.racks gives them some, or cheshire.role.failure-domain"
                            : "there are "
                                    + String.join(
                                            ", ",
                                            map.racks().keySet().stream()
                                                    .sorted()
                                                    .toList())));
        }
        return nodes;
    }

    private int holder(final int layer, final int expert) {
        final int unit = layer * map.expertsPerLayer() + expert;
        if (expert >= map.expertsPerLayer() || unit >= map.holders().size()) {
            throw new ExperimentRefused("there is no unit of layer " + layer + ", expert " + expert + "; the model has "
                    + map.holders().size() / Math.max(1, map.expertsPerLayer()) + " layers of "
                    + map.expertsPerLayer() + " experts");
        }
        return map.holders().get(unit).getFirst();
    }

    private List<Integer> units(final int count) {
        return drawn(IntStream.range(0, map.holders().size()).boxed().toList(), count, "units are there");
    }

    private List<Integer> drawn(final List<Integer> all, final int count, final String what) {
        if (count > all.size()) {
            throw new ExperimentRefused(count + " are to be drawn, and " + all.size() + " " + what);
        }
        final List<Integer> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, random);
        return shuffled.subList(0, count).stream().sorted().toList();
    }

    /** Those hit by it and by whatever else lasts at that moment are few enough. */
    private void demandWithin(final ResolvedFault fault, final List<ResolvedFault> all) {
        if (!isDownBy(fault.fault().kind())) {
            return;
        }
        final List<Integer> down = all.stream()
                .filter(other -> isDownBy(other.fault().kind()))
                .filter(other -> other.fault().at().compareTo(fault.fault().at()) <= 0
                        && (other.end().compareTo(fault.fault().at()) > 0
                                || other.fault().at().equals(fault.fault().at())))
                .flatMap(other -> other.nodes().stream())
                .distinct()
                .sorted()
                .toList();
        final String problem = beyond(experiment.limits(), down, map);
        if (!problem.isEmpty()) {
            throw new ExperimentRefused(
                    fault.words() + " at " + FileTimes.format(fault.fault().at()) + ": " + problem);
        }
    }

    /** Whether a node that this is done to doesn't answer meanwhile. */
    public static boolean isDownBy(final FaultVerb kind) {
        return switch (kind) {
            case KILL, STOP, TERMINATE, PARTITION, GPU_ERROR, GPU_HANG, GPU_BIT_FLIP, GPU_REFUSAL -> true;
            case MOVE, DRAIN, COORDINATOR_KILL, ROUTER_KILL, LOSS, DELAY, SLOW_NODE, FAILED_LOAD, GPU_OUT_OF_MEMORY ->
                false;
        };
    }

    /** What the limits say against these nodes being down; empty where nothing. */
    public static String beyond(final ExperimentLimits limits, final List<Integer> down, final ClusterMap map) {
        if (down.size() > limits.maxNodesDown()) {
            return "nodes " + down + " would be down at once, and limits.max-nodes-down is " + limits.maxNodesDown();
        }
        for (int unit = 0; unit < map.holders().size() && !down.isEmpty(); unit++) {
            final long left = map.holders().get(unit).stream()
                    .filter(node -> !down.contains(node))
                    .count();
            if (left < limits.leastHolders()) {
                return "unit (" + unit / map.expertsPerLayer() + "," + unit % map.expertsPerLayer()
                        + ") would be left with " + left + " nodes, and limits.least-holders is "
                        + limits.leastHolders();
            }
        }
        return "";
    }
}
