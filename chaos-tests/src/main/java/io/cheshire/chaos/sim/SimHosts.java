package io.cheshire.chaos.sim;

import io.cheshire.chaos.sim.control.SimCoordinator;
import io.cheshire.chaos.sim.node.SimNode;
import io.cheshire.chaos.sim.router.SimRouter;
import io.cheshire.chaos.sim.world.SimProcess;
import java.util.List;
import java.util.stream.Stream;

/** The processes of a run, one a host. */
public record SimHosts(List<SimNode> nodes, List<SimRouter> routers, List<SimCoordinator> coordinators) {
    public SimHosts {
        nodes = List.copyOf(nodes);
        routers = List.copyOf(routers);
        coordinators = List.copyOf(coordinators);
    }

    /** Everybody. */
    public List<SimProcess> all() {
        return Stream.of(nodes, routers, coordinators)
                .<SimProcess>flatMap(List::stream)
                .toList();
    }

    /** Those who send and take rows. */
    public List<SimProcess> serving() {
        return Stream.of(nodes, routers).<SimProcess>flatMap(List::stream).toList();
    }
}
