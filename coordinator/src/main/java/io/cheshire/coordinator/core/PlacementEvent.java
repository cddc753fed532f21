package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.model.protocol.ExpertKey;
import java.util.List;

/** What happens to a {@link PlacementMachine}. */
public sealed interface PlacementEvent {
    /** A node introduces itself, for the first time or again. */
    record NodeRegistered(NodeHello hello) implements PlacementEvent {}

    /** A node says what it holds. */
    record NodeHeard(int nodeId, long incarnation, List<HeldUnit> resident) implements PlacementEvent {}

    /** A node asks to leave in order. */
    record NodeLeaving(int nodeId, long incarnation, String reason) implements PlacementEvent {}

    /** A node is gone, in order or not. */
    record NodeGone(int nodeId, long incarnation, String reason) implements PlacementEvent {}

    /** A node holds a further unit. */
    record UnitLoaded(int nodeId, long incarnation, HeldUnit unit) implements PlacementEvent {}

    /** A node could not load a unit. */
    record UnitLoadFailed(int nodeId, long incarnation, ExpertKey key, String reason) implements PlacementEvent {}

    /** A node read something else than the unit must be, and holds nothing of it. */
    record UnitDiffers(int nodeId, long incarnation, HeldUnit read) implements PlacementEvent {}

    /** A node holds a unit no more. */
    record UnitUnloaded(int nodeId, long incarnation, ExpertKey key) implements PlacementEvent {}

    /** A member obeys a higher epoch than this coordinator published. */
    record EpochSeen(long epoch, String where) implements PlacementEvent {}

    /** A router introduces itself, for the first time or again. */
    record RouterRegistered(RouterHello hello) implements PlacementEvent {}

    /** A router uses no epoch below this one any more. */
    record RouterAcknowledged(int routerId, long incarnation, long epoch, long publisher) implements PlacementEvent {}

    /** No node that {@code epoch} lists for these units, and only these, answers the router: a hint. */
    record UnitUnavailable(int routerId, long incarnation, long epoch, List<ExpertKey> keys)
            implements PlacementEvent {}

    /** A router is alive. */
    record RouterHeard(int routerId, long incarnation) implements PlacementEvent {}

    /** A router is gone, in order or not. */
    record RouterGone(int routerId, long incarnation, String reason) implements PlacementEvent {}

    /** Rows that each unit served lately, by unit index: the more, the sooner a unit is looked after. */
    record LoadsReported(List<Long> rowsByUnit) implements PlacementEvent {
        public LoadsReported {
            rowsByUnit = List.copyOf(rowsByUnit);
        }
    }

    /** Somebody wants the unit on node {@code to} instead of node {@code from}. */
    record Move(ExpertKey key, int from, int to, String reason) implements PlacementEvent {}

    /** Somebody wants each unit on so many nodes. */
    record Replicas(int replicas, String reason) implements PlacementEvent {}

    /** Somebody wants exactly this: for each unit index its nodes, the first one first. */
    record Rebalance(List<List<Integer>> nodesByUnit, String reason) implements PlacementEvent {
        public Rebalance {
            nodesByUnit = nodesByUnit.stream().map(List::copyOf).toList();
        }
    }

    /** Somebody wants the node to hold nothing. */
    record Drain(int nodeId, String reason) implements PlacementEvent {}

    /** Somebody wants a drained node back in use. */
    record Undrain(int nodeId, String reason) implements PlacementEvent {}

    /** It is time to compare what the copies of a unit answer; {@code seed} draws the row. */
    record ScrubDue(long seed) implements PlacementEvent {}

    /**
     * What a node's copy answered to a row; {@code answerSha256} is empty where {@code failure} says why there is no
     * answer.
     */
    record UnitProbed(int nodeId, long incarnation, long probeId, ExpertKey key, String answerSha256, String failure)
            implements PlacementEvent {}

    /** Time passed. */
    record Tick() implements PlacementEvent {}
}
