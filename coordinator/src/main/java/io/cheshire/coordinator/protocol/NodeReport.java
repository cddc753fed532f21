package io.cheshire.coordinator.protocol;

import java.util.List;

/**
 * What an expert node says of itself, every second and when asked.
 *
 * @param nodeId        the node's number
 * @param incarnation   which start of the node
 * @param state         where it is in its life
 * @param resident      units it holds now, and what it read when it loaded them
 * @param loads         counters since its start, one entry a unit ever served
 * @param residentBytes bytes of weights resident now
 * @param deviceHealth  how its device is, in a few words; empty: nobody knows
 */
public record NodeReport(
        int nodeId,
        long incarnation,
        NodeState state,
        List<HeldUnit> resident,
        List<UnitLoad> loads,
        long residentBytes,
        String deviceHealth) {
    public NodeReport {
        resident = List.copyOf(resident);
        loads = List.copyOf(loads);
    }
}
