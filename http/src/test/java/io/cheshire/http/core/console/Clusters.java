package io.cheshire.http.core.console;

import io.cheshire.coordinator.core.DomainLoss;
import io.cheshire.coordinator.core.FailureDomains;
import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.model.protocol.ExpertKey;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Small clusters of two layers with two experts each, as a coordinator describes them. */
public final class Clusters {
    private static final int EXPERTS = 2;
    private static final int REPLICAS = 2;

    private Clusters() {}

    /** One node with what its units did. */
    public static ClusterState.NodeView node(final int nodeId, final long incarnation, final UnitLoad... loads) {
        return new ClusterState.NodeView(
                nodeId,
                incarnation,
                NodeState.SERVING,
                false,
                "cheshire@127.0.0.1:2551",
                "aeron:ipc",
                nodeId,
                List.of(new ExpertKey(0, 0)),
                List.of(),
                1_000,
                2_000,
                Arrays.stream(loads).mapToLong(UnitLoad::rowsServed).sum(),
                0,
                0,
                0,
                List.of(loads),
                "",
                "45 C");
    }

    /** A cluster with these nodes, each unit being on the nodes listed. */
    public static ClusterState of(final List<List<Integer>> nodesByUnit, final ClusterState.NodeView... nodes) {
        return new ClusterState(
                "test",
                "fingerprint",
                "STEADY",
                7,
                nodes.length,
                true,
                List.of(),
                new Placement(7, EXPERTS, nodesByUnit),
                List.of(),
                List.of(nodes),
                List.of(new ClusterState.RouterView(
                        0, 1, NodeState.SERVING, "cheshire@127.0.0.1:2552", 7, true, List.of(4L, 4L), AnswerRows.NONE)),
                List.of(new ClusterEvent(1, 1_000, 7, ClusterEvent.Kind.PUBLISHED, "epoch 7")),
                new ClusterState.Health(true, "", 2, true, 0, 0, 4, 4_000, List.of(0.5, 1.0)),
                new ClusterState.Sameness(0, 0, 1, 0, 0),
                DomainLoss.of(
                        nodesByUnit,
                        Arrays.stream(nodes).map(ClusterState.NodeView::nodeId).collect(Collectors.toSet()),
                        FailureDomains.of(Stream.empty()),
                        REPLICAS));
    }
}
