package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.List;

/** What a {@link PlacementMachine} wants done, in this order. */
public sealed interface PlacementEffect {
    /** The node that just registered is a member. */
    record AcceptNode(int nodeId, long incarnation) implements PlacementEffect {}

    /** The node that just registered is none; {@code retry} says whether asking later can help. */
    record RefuseNode(int nodeId, long incarnation, String reason, boolean retry) implements PlacementEffect {}

    /** The router that just registered is a member. */
    record AcceptRouter(int routerId, long incarnation) implements PlacementEffect {}

    /** The router that just registered is none; {@code retry} says whether asking later can help. */
    record RefuseRouter(int routerId, long incarnation, String reason, boolean retry) implements PlacementEffect {}

    /** Tell a node to load units; {@code known} says what those of them must be that others have read before. */
    record Load(int nodeId, long epoch, List<ExpertKey> keys, List<HeldUnit> known) implements PlacementEffect {}

    /** Tell a node to unload units. */
    record Unload(int nodeId, long epoch, List<ExpertKey> keys) implements PlacementEffect {}

    /** Ask a node what its copy of a unit answers to the row that the seed draws. */
    record Probe(int nodeId, long probeId, ExpertKey key, long seed) implements PlacementEffect {}

    /** Send the placement to one router. */
    record Publish(int routerId, Placement placement, List<NodeEndpoint> endpoints) implements PlacementEffect {}

    /** Tell a node that it may leave. */
    record GrantLeave(int nodeId, long epoch) implements PlacementEffect {}

    /** Answer to an operator's wish or a {@code Rebalance}, in words for people. */
    record Answer(boolean accepted, String reason) implements PlacementEffect {}

    /** Write down a decision. */
    record Note(ClusterEvent.Kind kind, long epoch, String reason) implements PlacementEffect {}
}
