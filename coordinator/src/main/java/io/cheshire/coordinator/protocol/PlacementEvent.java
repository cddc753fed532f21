package io.cheshire.coordinator.protocol;

import java.util.List;

/**
 * What happens to the coordinator's placement machine. What members say ({@link CoordinatorCommand.MemberFact}) and
 * what operators wish ({@link OperatorRequest.Wish}) reaches it as it was said; the rest is here.
 */
public sealed interface PlacementEvent
        permits CoordinatorCommand.MemberFact, OperatorRequest.Wish, PlacementEvent.Seen {
    /** What the coordinator itself noticed, and what it made of messages that need an answer. */
    sealed interface Seen extends PlacementEvent {}

    /** A node introduces itself, for the first time or again. */
    record NodeRegistered(NodeHello hello) implements Seen {}

    /** A node says what it holds. */
    record NodeHeard(int nodeId, long incarnation, List<HeldUnit> resident) implements Seen {}

    /** A node is gone, in order or not. */
    record NodeGone(int nodeId, long incarnation, String reason) implements Seen {}

    /** A member obeys a higher epoch than this coordinator published. */
    record EpochSeen(long epoch, String where) implements Seen {}

    /** A router introduces itself, for the first time or again. */
    record RouterRegistered(RouterHello hello) implements Seen {}

    /** A router is alive. */
    record RouterHeard(int routerId, long incarnation) implements Seen {}

    /** A router is gone, in order or not. */
    record RouterGone(int routerId, long incarnation, String reason) implements Seen {}

    /** Rows that each unit served lately, by unit index: the more, the sooner a unit is looked after. */
    record LoadsReported(List<Long> rowsByUnit) implements Seen {
        public LoadsReported {
            rowsByUnit = List.copyOf(rowsByUnit);
        }
    }

    /** The balancer wants exactly this: for each unit index its nodes, the first one first. */
    record Rebalance(List<List<Integer>> nodesByUnit, String reason) implements Seen {
        public Rebalance {
            nodesByUnit = nodesByUnit.stream().map(List::copyOf).toList();
        }
    }

    /** It is time to compare what the copies of a unit answer; {@code seed} draws the row. */
    record ScrubDue(long seed) implements Seen {}

    /** Time passed. */
    record Tick() implements Seen {}
}
