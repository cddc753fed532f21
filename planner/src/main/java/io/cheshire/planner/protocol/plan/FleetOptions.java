package io.cheshire.planner.protocol.plan;

import java.util.List;

/**
 * What fleets may be made of: every combination is a candidate.
 *
 * @param racks     failure domains that the nodes of a cell are dealt to; 0: none is known
 * @param apart     what copies of a unit are kept apart by
 * @param network   between routers and nodes
 * @param cores     of a host that all processes share; 0: each has a host of its own
 */
public record FleetOptions(
        List<Integer> cells,
        List<Integer> nodes,
        List<Integer> replicas,
        List<Integer> routers,
        List<Integer> lanes,
        List<Integer> spares,
        int racks,
        Apart apart,
        PlannedNetwork network,
        int cores) {
    /** What copies of a unit are kept apart by. */
    public enum Apart {
        HOST,
        RACK
    }

    public FleetOptions {
        cells = List.copyOf(cells);
        nodes = List.copyOf(nodes);
        replicas = List.copyOf(replicas);
        routers = List.copyOf(routers);
        lanes = List.copyOf(lanes);
        spares = List.copyOf(spares);
    }

    /** The first of each list: what is planned where one fleet is asked for. */
    public FleetShape first() {
        return new FleetShape(
                cells.getFirst(),
                nodes.getFirst(),
                replicas.getFirst(),
                routers.getFirst(),
                lanes.getFirst(),
                spares.getFirst());
    }

    /** How many combinations there are. */
    public long count() {
        return (long) cells.size() * nodes.size() * replicas.size() * routers.size() * lanes.size() * spares.size();
    }

    /** The same with another way to keep copies apart. */
    public FleetOptions apartBy(final Apart other) {
        return new FleetOptions(cells, nodes, replicas, routers, lanes, spares, racks, other, network, cores);
    }

    /** The same with another network. */
    public FleetOptions on(final PlannedNetwork other) {
        return new FleetOptions(cells, nodes, replicas, routers, lanes, spares, racks, apart, other, cores);
    }
}
