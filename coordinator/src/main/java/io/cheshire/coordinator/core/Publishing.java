package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The second of three phases: an epoch is published once no load is open; at once when a listed holder is lost, soon
 * when a unit without a node gains one, and now and then while loads go on. Never more often than {@link EpochPace}
 * allows.
 */
final class Publishing {
    private final StateBuilder draft;
    private final UnitHolders holders;
    private final Suspicions doubts;
    private final int expertsPerLayer;

    Publishing(final StateBuilder draft, final UnitHolders holders, final Suspicions doubts) {
        this.draft = draft;
        this.holders = holders;
        this.doubts = doubts;
        this.expertsPerLayer = draft.rules.model().expertsPerLayer();
    }

    /** What is to be done about the epoch. */
    sealed interface Decision {
        /** Nothing now; {@code upToDate}: what is published is what is wanted. */
        record Stay(boolean upToDate) implements Decision {}

        /** It waits, since too many came. */
        record HoldBack() implements Decision {}

        /** This is the next one; {@code urgent}: loads that go on aren't waited for. */
        record Publish(Placement placement, List<NodeEndpoint> endpoints, boolean urgent) implements Decision {}
    }

    /**
     * Whether it is time for another epoch.
     *
     * @param wanted for every unit the nodes that it is to list
     */
    Decision decide(final List<List<Integer>> wanted) {
        final List<NodeEndpoint> endpoints = endpointsOf(wanted);
        final boolean outranked = draft.placement().epoch() <= draft.seenEpoch;
        final boolean changed = !wanted.equals(draft.placement().nodesByUnit()) || !endpoints.equals(draft.endpoints());
        if (!changed && !(outranked && draft.seenEpoch > 0)) {
            return new Decision.Stay(draft.placement().epoch() > 0);
        }
        final boolean urgent = (outranked && draft.seenEpoch > 0) || aListedHolderIsLost();
        if (anyLoads() && !urgent && !isDueWhileLoading(wanted)) {
            return new Decision.Stay(false);
        }
        if (!draft.reached(draft.pace().nextNs(draft.rules.epochs()))) {
            return new Decision.HoldBack();
        }
        return new Decision.Publish(new Placement(draft.nextEpoch(), expertsPerLayer, wanted), endpoints, urgent);
    }

    private boolean anyLoads() {
        return draft.nodes.values().stream()
                .anyMatch(node -> !node.loading().isEmpty() && !doubts.isSilent(node.nodeId()));
    }

    private boolean isDueWhileLoading(final List<List<Integer>> wanted) {
        return draft.placement().epoch() > 0
                && (draft.reached(draft.publishedNs() + draft.rules.epochs().publishEveryNs())
                        || (draft.reached(draft.publishedNs()
                                        + draft.rules.epochs().urgentPublishNs())
                                && aLonelyUnitGains(wanted)));
    }

    private boolean aLonelyUnitGains(final List<List<Integer>> wanted) {
        return IntStream.range(0, wanted.size())
                .anyMatch(unit ->
                        noneSure(unit, draft.placement().nodesByUnit().get(unit)) && !noneSure(unit, wanted.get(unit)));
    }

    private boolean noneSure(final int unit, final List<Integer> nodes) {
        return nodes.stream().allMatch(nodeId -> doubts.about(unit, nodeId, draft.target()));
    }

    /** Tells every router what was just published. */
    void announce(final boolean urgent) {
        final List<List<Integer>> nodesByUnit = draft.placement().nodesByUnit();
        final long empty = nodesByUnit.stream().filter(List::isEmpty).count();
        final long copies = nodesByUnit.stream().mapToLong(List::size).sum();
        draft.note(
                Kind.PUBLISHED,
                "epoch " + Epochs.text(draft.placement().epoch()) + " lists " + copies + " units on "
                        + draft.endpoints().size() + " nodes, " + empty + " units without a node"
                        + sharing(nodesByUnit)
                        + (urgent ? "; at once, since a listed node was lost or a higher epoch was seen" : ""));
        List.copyOf(draft.routers.values()).forEach(router -> draft.put(router.withoutHints()));
        draft.routers.keySet().forEach(this::send);
    }

    private String sharing(final List<List<Integer>> nodesByUnit) {
        final FailureDomains domains = draft.failureDomains();
        final long shared = nodesByUnit.stream()
                .filter(nodes -> domains.isShared(nodes, draft.target().replicas()))
                .count();
        return shared == 0 ? "" : ", " + shared + " units whose copies share a failure domain";
    }

    /** Routers that didn't acknowledge what is published are told again, now and then. */
    void republish() {
        for (final RouterMember router : List.copyOf(draft.routers.values())) {
            if (router.ackedEpoch() < draft.placement().epoch()
                    && draft.reached(router.publishedNs() + draft.rules.epochs().republishNs())) {
                send(router.hello().routerId());
            }
        }
    }

    private void send(final int routerId) {
        draft.effect(new PlacementEffect.Publish(routerId, draft.placement(), draft.endpoints()));
        draft.routers.computeIfPresent(routerId, (id, router) -> router.published(draft.nowNs));
    }

    private boolean aListedHolderIsLost() {
        for (int unit = 0; unit < draft.placement().nodesByUnit().size(); unit++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, expertsPerLayer);
            final List<Integer> listed = draft.placement().nodesByUnit().get(unit);
            if (holders.serving(listed, key).size() < listed.size()) {
                return true;
            }
        }
        return draft.endpoints().stream()
                .anyMatch(endpoint -> draft.node(endpoint.nodeId(), endpoint.incarnation()) == null);
    }

    private List<NodeEndpoint> endpointsOf(final List<List<Integer>> nodesByUnit) {
        return nodesByUnit.stream()
                .flatMap(List::stream)
                .distinct()
                .sorted()
                .flatMap(nodeId -> draft.nodes.containsKey(nodeId)
                        ? Stream.of(draft.nodes.get(nodeId).hello().endpoint())
                        : Stream.<NodeEndpoint>empty())
                .toList();
    }
}
