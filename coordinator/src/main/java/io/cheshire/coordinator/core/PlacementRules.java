package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.PlacedModel;

/**
 * What a {@link PlacementMachine} is told once. Reasons for the times are in {@code reference.conf}.
 *
 * @param clusterName members of another cluster are refused
 * @param model       members of another model are refused
 * @param publisher   incarnation of this coordinator; tells its epochs from those of its predecessor
 * @param scrubTimeoutNs how long answers of copies that are compared are awaited
 */
public record PlacementRules(
        String clusterName,
        PlacedModel model,
        long publisher,
        MemberRules members,
        LoadRules loads,
        ReplicaRules replicas,
        EpochRules epochs,
        long scrubTimeoutNs) {}
