package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.coordinator.core.CoordinatorInput;
import io.cheshire.coordinator.protocol.FailureDomain;
import io.cheshire.coordinator.protocol.NodeHello;
import java.util.HashMap;
import java.util.Map;

/** Changes in which racks a coordinator believes nodes to be. One serves one term of a coordinator. */
final class RackForger {
    private final Map<Integer, NodeHello> first = new HashMap<>();

    /** What reaches the coordinator instead of the input. */
    CoordinatorInput<Place> heard(final PlantedBug bug, final CoordinatorInput<Place> input) {
        if (!(input instanceof CoordinatorInput.NodeRegisters<Place>(final NodeHello hello, final Place from))) {
            return input;
        }
        final NodeHello before = first.computeIfAbsent(hello.nodeId(), id -> hello);
        final String believed = switch (bug) {
            case FORGET_RACKS -> FailureDomain.NONE;
            case FORGET_RACKS_AT_RETURN ->
                before.incarnation() == hello.incarnation() ? hello.failureDomain() : FailureDomain.NONE;
            case KEEP_OLD_RACK -> before.failureDomain();
            default -> throw new IllegalArgumentException(bug + " is not about racks");
        };
        return new CoordinatorInput.NodeRegisters<>(
                new NodeHello(
                        hello.clusterName(),
                        hello.modelFingerprint(),
                        hello.endpoint(),
                        hello.memoryLimitBytes(),
                        hello.unitBytes(),
                        hello.epochSeen(),
                        hello.publisher(),
                        hello.resident(),
                        believed),
                from);
    }
}
