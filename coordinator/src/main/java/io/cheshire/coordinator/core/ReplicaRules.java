package io.cheshire.coordinator.core;

/**
 * How many nodes ought to hold a unit, and when a {@link PlacementMachine} makes up for those that don't.
 *
 * @param perUnit        nodes that ought to hold each unit, as far as memory goes
 * @param hintNs         what a router says of units that nobody answers for counts so long
 * @param rescueHoldNs   so long a unit that was loaded elsewhere for a doubtful node keeps both copies
 * @param rescueWaitNs   when most nodes are in doubt at once, nothing is loaded elsewhere for that for so long
 * @param restoreAfterNs units that lost a node and are on another get a further one so long after the lost one was last heard of
 */
public record ReplicaRules(int perUnit, long hintNs, long rescueHoldNs, long rescueWaitNs, long restoreAfterNs) {}
