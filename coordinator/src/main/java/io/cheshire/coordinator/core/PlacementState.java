package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Everything the coordinator decides by. Immutable.
 *
 * @param startedNs when this coordinator started
 * @param formed    whether the nodes awaited at the start are there, or were waited for long enough
 * @param seenEpoch highest epoch that any member showed and that isn't this coordinator's
 * @param placement what was published last; epoch 0 lists no node for any unit
 * @param endpoints endpoints published with it
 * @param nodes     expert nodes by id
 * @param routers   routers by id
 * @param target    what the placement ought to become
 * @param loads     rows that each unit served lately, by unit index; empty before anybody said so
 * @param digests    the bytes that each unit must have
 * @param scrub      how far the comparing of copies has got
 * @param hesitation whether doubts about nodes lead to anything yet
 * @param clock     when what happened
 */
public record PlacementState(
        long startedNs,
        boolean formed,
        long seenEpoch,
        Placement placement,
        List<NodeEndpoint> endpoints,
        SortedMap<Integer, NodeMember> nodes,
        SortedMap<Integer, RouterMember> routers,
        Target target,
        List<Long> loads,
        UnitDigests digests,
        Scrub scrub,
        MassSilenceGuard hesitation,
        Clock clock) {
    /**
     * When what happened, by the monotonic clock.
     *
     * @param steppedNs   the last event
     * @param awakeNs     when this coordinator last went on after a pause: silence before that says nothing of others
     * @param publishedNs the last epoch
     * @param pace        how many more may follow
     * @param dueNs       when the {@link Reconciler} may decide otherwise although nothing else changed
     */
    record Clock(long steppedNs, long awakeNs, long publishedNs, EpochPace pace, long dueNs) {}

    public PlacementState {
        loads = List.copyOf(loads);
        endpoints = List.copyOf(endpoints);
        nodes = Collections.unmodifiableSortedMap(new TreeMap<>(nodes));
        routers = Collections.unmodifiableSortedMap(new TreeMap<>(routers));
    }

    /** Before anybody joined. */
    public static PlacementState initial(final PlacementRules rules, final long nowNs) {
        final List<List<Integer>> nobody = Collections.nCopies(rules.model().unitCount(), List.of());
        return new PlacementState(
                nowNs,
                false,
                0,
                new Placement(0, rules.model().expertsPerLayer(), nobody),
                List.of(),
                new TreeMap<>(),
                new TreeMap<>(),
                Target.nobody(rules, nowNs),
                List.of(),
                UnitDigests.NONE,
                Scrub.NONE,
                MassSilenceGuard.none(nowNs),
                new Clock(nowNs, nowNs, nowNs, EpochPace.start(nowNs), nowNs));
    }

    /** What the coordinator is doing. */
    public Phase phase() {
        if (!formed) {
            return Phase.FORMING;
        }
        if (nodes.values().stream().anyMatch(node -> !node.loading().isEmpty())) {
            return Phase.PREPARING;
        }
        if (!everyRouterAcknowledged()) {
            return Phase.PUBLISHING;
        }
        return nodes.values().stream().anyMatch(node -> !node.unloading().isEmpty()) ? Phase.RELEASING : Phase.STEADY;
    }

    /** Whether no live router works with an older epoch than the published one. */
    public boolean everyRouterAcknowledged() {
        return routers.values().stream().allMatch(router -> router.ackedEpoch() == placement.epoch());
    }

    /** Units that the node holds, empty for an unknown node. */
    public List<ExpertKey> residentOn(final int nodeId) {
        final NodeMember node = nodes.get(nodeId);
        return node == null ? List.of() : List.copyOf(node.resident());
    }

    /** What was found when copies were compared. */
    public ClusterState.Sameness sameness() {
        return new ClusterState.Sameness(
                nodes.values().stream()
                        .mapToInt(node -> node.units().unusable())
                        .sum(),
                digests.refused(),
                scrub.agreed(),
                scrub.disagreed(),
                scrub.skipped());
    }

    /** Units that the node was told to load, empty for an unknown node. */
    public List<ExpertKey> loadingOn(final int nodeId) {
        final NodeMember node = nodes.get(nodeId);
        return node == null ? List.of() : List.copyOf(node.loading().keySet());
    }

    /** Whether the node asked to leave. */
    public boolean isLeaving(final int nodeId) {
        final NodeMember node = nodes.get(nodeId);
        return node != null && node.leaving();
    }

    /** Whether somebody wants the node to hold nothing. */
    public boolean isDraining(final int nodeId) {
        final NodeMember node = nodes.get(nodeId);
        return node != null && node.cordoned();
    }

    /** Whether no router uses the node: every one acknowledged a placement that doesn't list it. */
    public boolean isUnused(final int nodeId) {
        return everyRouterAcknowledged()
                && placement.nodesByUnit().stream().noneMatch(listed -> listed.contains(nodeId));
    }

    /** For every unit index the nodes that ought to hold it. */
    public List<List<Integer>> targetNodesByUnit() {
        return target.nodesByUnit();
    }

    /** Nodes that each unit ought to have, as far as memory goes. */
    public int replicas() {
        return target.replicas();
    }

    /** Whether every member was heard of at this time or later. */
    public boolean everyMemberHeardSince(final long sinceNs) {
        return nodes.values().stream().allMatch(node -> node.heardNs() - sinceNs >= 0)
                && routers.values().stream().allMatch(router -> router.heardNs() - sinceNs >= 0);
    }

    /** Whether the node was heard of at this time or later. */
    public boolean isHeardSince(final int nodeId, final long sinceNs) {
        final NodeMember node = nodes.get(nodeId);
        return node != null && node.heardNs() - sinceNs >= 0;
    }

    /** Whether a unit couldn't be loaded where it ought to be, and wasn't since. */
    public boolean anyLoadFailed() {
        return nodes.values().stream().anyMatch(node -> !node.failures().isEmpty());
    }

    /** Whether what is published is what ought to be. */
    public boolean atTarget() {
        return IntStream.range(0, placement.nodesByUnit().size())
                .allMatch(unit -> Set.copyOf(placement.nodesByUnit().get(unit))
                        .equals(Set.copyOf(target.nodesByUnit().get(unit))));
    }

    /** Units that the published placement lists on fewer nodes than they ought to have. */
    public List<ExpertKey> unitsShortOfReplicas() {
        return IntStream.range(0, placement.nodesByUnit().size())
                .filter(unit -> placement.nodesByUnit().get(unit).size() < target.replicas())
                .mapToObj(unit -> ExpertKey.ofUnitIndex(unit, placement.expertsPerLayer()))
                .toList();
    }

    /** Which nodes fail together. */
    public FailureDomains failureDomains() {
        return FailureDomains.of(nodes.values().stream().map(NodeMember::hello));
    }

    /** What the loss of a node or of a failure domain would cost. */
    public ClusterState.Survival survival() {
        return DomainLoss.of(placement.nodesByUnit(), nodes.keySet(), failureDomains(), target.replicas());
    }

    /** Units that the published placement lists nowhere. */
    public List<ExpertKey> unitsWithoutNode() {
        return IntStream.range(0, placement.nodesByUnit().size())
                .filter(unit -> placement.nodesByUnit().get(unit).isEmpty())
                .mapToObj(unit -> ExpertKey.ofUnitIndex(unit, placement.expertsPerLayer()))
                .toList();
    }
}
