package io.cheshire.chaos.sim;

import io.cheshire.chaos.sim.control.SimCoordinator;
import io.cheshire.chaos.sim.node.SimNode;
import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What racks are for, looked at from outside: by what the placement in office lists, in which racks the processes run
 * and how much memory they have. Once a cluster is quiet
 *
 * <ul>
 *   <li>no unit has fewer racks than copies (of those that are wished for) while a node in a rack without a copy of it
 *       lists fewer units than it has room for. A unit that an operator ever moved doesn't count, since
 *       operators may put copies together;
 *   <li>with two racks, two copies and more room than one copy of everything in each rack, every unit is in both, so
 *       that the loss of either leaves a holder of each.
 * </ul>
 */
final class RackPromises {
    private final SimContext context;
    private final SimHosts hosts;
    private final Predicate<ExpertKey> wasMoved;

    /** @param wasMoved whether an operator ever asked for a unit's move */
    RackPromises(final SimContext context, final SimHosts hosts, final Predicate<ExpertKey> wasMoved) {
        this.context = context;
        this.hosts = hosts;
        this.wasMoved = wasMoved;
    }

    /** Whether nodes have racks in this run. */
    boolean apply() {
        return context.parameters().shape.racks.count() > 0;
    }

    /** Units that are together although they need not be, in words; empty when all is as promised. */
    List<String> broken() {
        final SimCoordinator leader = context.cluster().active();
        final PlacementState state = leader == null ? null : leader.state();
        if (leader == null || state == null || !leader.isLeading()) {
            return List.of("nobody coordinates");
        }
        final Map<Integer, SimNode> usable = usable(state);
        final Map<Integer, Long> listed = new TreeMap<>();
        state.placement().nodesByUnit().forEach(nodes -> nodes.forEach(id -> listed.merge(id, 1L, Long::sum)));
        final boolean roomForAll = hasTwoRacksWithRoomForAll(usable, state) && nobodyMoved();
        final List<String> broken = new ArrayList<>();
        listed.keySet().stream()
                .filter(id -> !hosts.nodes().get(id).isUp())
                .forEach(id -> broken.add("node " + id + " is dead and listed"));
        for (int unit = 0; unit < state.placement().nodesByUnit().size(); unit++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, context.parameters().shape.experts);
            final List<Integer> nodes = state.placement().nodesByUnit().get(unit);
            final long racks = nodes.stream().map(this::rackOf).distinct().count();
            if (wasMoved.test(key) || racks >= Math.min(nodes.size(), state.replicas())) {
                continue;
            }
            final Optional<SimNode> room = usable.values().stream()
                    .filter(node -> listed.getOrDefault(node.nodeId(), 0L) < context.parameters().shape.unitsOfMemory)
                    .filter(node -> nodes.stream().noneMatch(id -> rackOf(id).equals(node.rack())))
                    .findFirst();
            room.ifPresent(node -> broken.add(key + " is on nodes " + nodes + " in " + racks + " racks, and "
                    + node.name() + " in " + node.rack() + " has room"));
            if (room.isEmpty() && roomForAll && racks < 2) {
                broken.add(key + " is on nodes " + nodes + " in one of two racks that have room for all");
            }
        }
        return broken;
    }

    private String rackOf(final int nodeId) {
        return hosts.nodes().get(nodeId).rack();
    }

    /** Nodes that live and that the coordinator may give units to. */
    private Map<Integer, SimNode> usable(final PlacementState state) {
        final Map<Integer, SimNode> usable = new TreeMap<>();
        hosts.nodes().stream()
                .filter(node -> node.isUp() && !state.isDraining(node.nodeId()) && !state.isLeaving(node.nodeId()))
                .forEach(node -> usable.put(node.nodeId(), node));
        return usable;
    }

    private boolean hasTwoRacksWithRoomForAll(final Map<Integer, SimNode> usable, final PlacementState state) {
        final Map<String, Integer> room = new TreeMap<>();
        usable.values()
                .forEach(node -> room.merge(node.rack(), context.parameters().shape.unitsOfMemory, Integer::sum));
        final int all = context.parameters().shape.layers * context.parameters().shape.experts;
        return room.size() == 2
                && state.replicas() == 2
                && state.placement().nodesByUnit().stream().allMatch(nodes -> nodes.size() <= 2)
                && room.values().stream().allMatch(units -> units > all);
    }

    /** Neither copies that operators put together nor copies for the load take the room of others. */
    private boolean nobodyMoved() {
        return IntStream.range(0, context.parameters().shape.layers * context.parameters().shape.experts)
                .noneMatch(unit -> wasMoved.test(ExpertKey.ofUnitIndex(unit, context.parameters().shape.experts)));
    }

    /** A rack that may be lost: every unit has a holder in another one. Null where there is none, or nobody knows. */
    @Nullable
    String rackToLose() {
        final SimCoordinator leader = context.cluster().active();
        final PlacementState state = leader == null ? null : leader.state();
        if (state == null) {
            return null;
        }
        return IntStream.range(0, hosts.nodes().size())
                .mapToObj(hosts.nodes()::get)
                .filter(SimNode::isUp)
                .map(SimNode::rack)
                .distinct()
                .filter(rack -> state.placement().nodesByUnit().stream()
                        .allMatch(nodes ->
                                nodes.stream().anyMatch(id -> !rackOf(id).equals(rack))))
                .findFirst()
                .orElse(null);
    }

    /** All nodes of a rack die at once, for good. */
    void lose(final String rack) {
        hosts.nodes().stream().filter(node -> node.rack().equals(rack)).forEach(SimNode::retire);
    }
}
