package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Compares what is with what ought to be and takes every step that is safe now. One object serves one event.
 *
 * <ol>
 *   <li>Prepare: nodes load what the target gives them and they don't hold, as far as their memory goes.
 *   <li>Publish: once no load is open; at once when a listed holder is lost. A unit whose target holds it is listed there; else
 *       where it was; else wherever it is; else nowhere.
 *   <li>Release: what neither the acknowledged placement nor the target lists is freed. Never before every live router
 *       acknowledged the placement, and never before the members of a predecessor had time to come back.
 * </ol>
 */
final class Reconciler {
    private final Draft draft;
    private final int expertsPerLayer;

    Reconciler(final Draft draft) {
        this.draft = draft;
        this.expertsPerLayer = draft.rules.model().expertsPerLayer();
    }

    void reconcile() {
        formIfReady();
        final List<List<Integer>> target = target();
        prepare(target);
        if (!draft.formed) {
            if (draft.seenEpoch == 0) {
                grantLeaves();
            }
            return;
        }
        final List<List<Integer>> wanted = holders(target);
        final boolean upToDate = publishIfDue(wanted);
        republish();
        if (upToDate && mayRelease()) {
            release(target);
            grantLeaves();
        }
    }

    private void formIfReady() {
        if (draft.formed || draft.nodes.isEmpty()) {
            return;
        }
        final boolean follows = draft.seenEpoch > 0;
        final long waitNs = follows ? draft.rules.recoveryNs() : draft.rules.formationTimeoutNs();
        final boolean allHere = draft.nodes.size() >= draft.rules.expectedNodes();
        final boolean allHeld = holders(IntStream.range(0, draft.rules.model().unitCount())
                        .mapToObj(unit -> List.<Integer>of())
                        .toList())
                .stream()
                .noneMatch(List::isEmpty);
        draft.formed = allHere || allHeld || draft.reached(draft.startedNs + waitNs);
    }

    private List<List<Integer>> target() {
        final SortedMap<Integer, Long> room = new TreeMap<>();
        for (final NodeMember node : draft.nodes.values()) {
            if (!node.leaving()) {
                room.put(
                        node.nodeId(),
                        node.freeUnits()
                                + node.resident().size()
                                + node.loading().size());
            }
        }
        // Before all are here the homes are dealt as if ids were 0 to n-1, so that the first ones load while others
        // join.
        final List<Integer> ring = draft.formed
                ? List.copyOf(room.keySet())
                : IntStream.range(0, draft.rules.expectedNodes()).boxed().toList();
        return HomePlacement.target(draft.rules.model(), ring, room);
    }

    private void prepare(final List<List<Integer>> target) {
        for (final NodeMember node : List.copyOf(draft.nodes.values())) {
            final List<ExpertKey> missing = new ArrayList<>();
            for (final ExpertKey key : listedOn(target, node.nodeId())) {
                if (missing.size() < node.freeUnits() && mayLoad(node, key)) {
                    missing.add(key);
                }
            }
            if (missing.isEmpty()) {
                continue;
            }
            final long epoch = nextEpoch();
            draft.put(node.startLoading(missing, draft.nowNs + draft.rules.loadTimeoutNs()));
            draft.effect(new PlacementEffect.Load(node.nodeId(), epoch, List.copyOf(missing)));
            draft.note(
                    Kind.LOAD,
                    "node " + node.nodeId() + " loads " + missing.size() + " units, its home for epoch " + epoch);
        }
    }

    private boolean mayLoad(final NodeMember node, final ExpertKey key) {
        final NodeMember.LoadFailure failure = node.failures().get(key);
        return !node.resident().contains(key)
                && !node.loading().containsKey(key)
                && (failure == null || draft.reached(failure.retryNs()));
    }

    /** For every unit the nodes that the next epoch lists. */
    private List<List<Integer>> holders(final List<List<Integer>> target) {
        final List<List<Integer>> holders = new ArrayList<>(target.size());
        for (int unit = 0; unit < target.size(); unit++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, expertsPerLayer);
            List<Integer> nodes = serving(target.get(unit), key);
            if (nodes.isEmpty()) {
                nodes = serving(draft.placement.nodesByUnit().get(unit), key);
            }
            if (nodes.isEmpty()) {
                nodes = serving(List.copyOf(draft.nodes.keySet()), key).stream()
                        .limit(1)
                        .toList();
            }
            holders.add(nodes);
        }
        return holders;
    }

    private List<Integer> serving(final List<Integer> candidates, final ExpertKey key) {
        return candidates.stream().filter(nodeId -> serves(nodeId, key)).toList();
    }

    private boolean serves(final int nodeId, final ExpertKey key) {
        final NodeMember node = draft.nodes.get(nodeId);
        return node != null && node.serves(key) && !mustGo(node);
    }

    /**
     * Whether a leaving node is listed no more although nobody took its units over. While routers are there, even the last node
     * waits out its time: when everything stops at once, the routers still finish their requests with it.
     */
    private boolean mustGo(final NodeMember node) {
        return node.leaving()
                && (node.leaveGranted() || draft.reached(node.leaveDeadlineNs()) || draft.routers.isEmpty());
    }

    /** Publishes when it is time to; returns whether what is published is what is wanted. */
    private boolean publishIfDue(final List<List<Integer>> wanted) {
        final List<NodeEndpoint> endpoints = endpointsOf(wanted);
        final boolean outranked = draft.placement.epoch() <= draft.seenEpoch;
        final boolean changed = !wanted.equals(draft.placement.nodesByUnit()) || !endpoints.equals(draft.endpoints);
        if (!changed && !(outranked && draft.seenEpoch > 0)) {
            return draft.placement.epoch() > 0;
        }
        final boolean loading =
                draft.nodes.values().stream().anyMatch(node -> !node.loading().isEmpty());
        final boolean urgent = (outranked && draft.seenEpoch > 0) || aListedHolderIsLost();
        if (loading && !urgent) {
            return false;
        }
        publish(new Placement(nextEpoch(), expertsPerLayer, wanted), endpoints, urgent);
        return true;
    }

    private void publish(final Placement placement, final List<NodeEndpoint> endpoints, final boolean urgent) {
        draft.placement = placement;
        draft.endpoints = endpoints;
        final long empty =
                placement.nodesByUnit().stream().filter(List::isEmpty).count();
        draft.note(
                Kind.PUBLISHED,
                "epoch " + placement.epoch() + " lists " + endpoints.size() + " nodes, " + empty
                        + " units without a node"
                        + (urgent ? "; at once, since a listed node was lost or a higher epoch was seen" : ""));
        draft.routers.keySet().forEach(this::send);
    }

    private void republish() {
        for (final RouterMember router : List.copyOf(draft.routers.values())) {
            if (router.ackedEpoch() < draft.placement.epoch()
                    && draft.reached(router.publishedNs() + draft.rules.republishNs())) {
                send(router.hello().routerId());
            }
        }
    }

    private void send(final int routerId) {
        draft.effect(new PlacementEffect.Publish(routerId, draft.placement, draft.endpoints));
        draft.routers.computeIfPresent(routerId, (id, router) -> router.published(draft.nowNs));
    }

    private boolean aListedHolderIsLost() {
        for (int unit = 0; unit < draft.placement.nodesByUnit().size(); unit++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, expertsPerLayer);
            final List<Integer> listed = draft.placement.nodesByUnit().get(unit);
            if (serving(listed, key).size() < listed.size()) {
                return true;
            }
        }
        return draft.endpoints.stream()
                .anyMatch(endpoint -> draft.node(endpoint.nodeId(), endpoint.incarnation()) == null);
    }

    private boolean mayRelease() {
        final boolean follows = draft.seenEpoch > 0;
        return draft.routers.values().stream().allMatch(router -> router.ackedEpoch() == draft.placement.epoch())
                && (!follows || draft.reached(draft.startedNs + draft.rules.recoveryNs()));
    }

    private void release(final List<List<Integer>> target) {
        for (final NodeMember node : List.copyOf(draft.nodes.values())) {
            final TreeSet<ExpertKey> unlisted = new TreeSet<>(node.resident());
            unlisted.removeAll(listedOn(draft.placement.nodesByUnit(), node.nodeId()));
            // What is wanted again stays, unless the node was told to free it: it may be gone by now, so it is loaded
            // anew.
            final TreeSet<ExpertKey> wanted = new TreeSet<>(listedOn(target, node.nodeId()));
            wanted.removeAll(node.unloading().keySet());
            unlisted.removeAll(wanted);
            unlisted.removeIf(key -> stillUnloading(node, key));
            if (unlisted.isEmpty() || node.leaving()) {
                continue;
            }
            draft.put(node.startUnloading(unlisted, draft.nowNs + draft.rules.loadTimeoutNs()));
            // The next epoch's number, like a load's: the node obeys no lower one than that of the last load it got.
            draft.effect(new PlacementEffect.Unload(node.nodeId(), nextEpoch(), List.copyOf(unlisted)));
            draft.note(
                    Kind.RELEASE,
                    "node " + node.nodeId() + " frees " + unlisted.size() + " units that epoch "
                            + draft.placement.epoch() + " doesn't list and no router uses");
        }
    }

    private boolean stillUnloading(final NodeMember node, final ExpertKey key) {
        final Long deadlineNs = node.unloading().get(key);
        return deadlineNs != null && !draft.reached(deadlineNs);
    }

    private void grantLeaves() {
        for (final NodeMember node : List.copyOf(draft.nodes.values())) {
            if (node.leaving()
                    && !node.leaveGranted()
                    && listedOn(draft.placement.nodesByUnit(), node.nodeId()).isEmpty()) {
                draft.put(node.granted());
                draft.effect(new PlacementEffect.GrantLeave(node.nodeId(), draft.placement.epoch()));
                draft.note(Kind.LEAVE_GRANTED, "node " + node.nodeId() + " may leave: no router uses it");
            }
        }
    }

    private List<ExpertKey> listedOn(final List<List<Integer>> nodesByUnit, final int nodeId) {
        return IntStream.range(0, nodesByUnit.size())
                .filter(unit -> nodesByUnit.get(unit).contains(nodeId))
                .mapToObj(unit -> ExpertKey.ofUnitIndex(unit, expertsPerLayer))
                .toList();
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

    private long nextEpoch() {
        return Math.max(draft.placement.epoch(), draft.seenEpoch) + 1;
    }
}
