package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Compares what is with what ought to be and takes every step that is safe now. One object serves one event. When it is
 * needed is {@link ReconcileTrigger}'s to say; for that to be right it asks for the time by
 * {@link StateBuilder#reached} alone.
 *
 * <ol>
 *   <li>Prepare: nodes load what the target gives them and they don't hold, as far as their memory goes; units that nobody serves
 *       first, then those with the fewest replicas, then the most loaded ones.
 *   <li>Publish: once no load is open; at once when a listed holder is lost, soon when a unit without a node gains one, and now
 *       and then while loads go on. A unit is listed where its target holds it; as long as it doesn't everywhere, also where it
 *       was; else wherever it is; else nowhere. Never more often than {@link EpochPace} allows.
 *   <li>Release: what neither the acknowledged placement nor the target lists is freed. Never before every live router
 *       acknowledged the placement, never before the members of a predecessor had time to come back, and never before the first
 *       of its routers did.
 * </ol>
 */
final class Reconciler {
    private final StateBuilder draft;
    private final int expertsPerLayer;
    private final Suspicions doubts;
    private final TargetUpdate targeting;

    Reconciler(final StateBuilder draft) {
        this.draft = draft;
        this.expertsPerLayer = draft.rules.model().expertsPerLayer();
        this.doubts = new Suspicions(draft);
        this.targeting = new TargetUpdate(draft, doubts);
    }

    void reconcile() {
        formIfReady();
        if (draft.formed) {
            MassSilenceGuard.update(draft, doubts.doubtfulNodes());
        }
        final long before = draft.placement.epoch();
        settle();
        if (before == 0 && draft.placement.epoch() > 0) {
            // The homes are served; now the replicas load.
            settle();
        }
    }

    private void settle() {
        targeting.update();
        final List<List<Integer>> target = draft.target.nodesByUnit();
        prepare(target);
        if (draft.placement.epoch() == 0 && draft.seenEpoch == 0) {
            grantLeaves(); // no router was ever told of anybody
        }
        if (!draft.formed) {
            return;
        }
        final List<List<Integer>> wanted = holders(target);
        final boolean upToDate = publishIfDue(wanted);
        republish();
        if (upToDate && mayRelease()) {
            if (!mayHaveUnknownRouters()) {
                release(target);
            }
            grantLeaves();
        }
    }

    private void formIfReady() {
        if (draft.formed || draft.nodes.isEmpty()) {
            return;
        }
        final boolean follows = draft.seenEpoch > 0;
        final boolean again = draft.placement.epoch() > 0;
        final long waitNs = follows || again
                ? draft.rules.members().recoveryNs()
                : draft.rules.members().formationTimeoutNs();
        final boolean allHere = draft.nodes.size() >= draft.rules.members().expectedNodes();
        if (allHere || allHeld() || draft.reached(draft.startedNs + waitNs)) {
            new UnitCheck(draft).settle();
            draft.formed = true;
            targeting.form(follows && !again);
        }
    }

    private boolean allHeld() {
        return IntStream.range(0, draft.rules.model().unitCount())
                .mapToObj(unit -> ExpertKey.ofUnitIndex(unit, expertsPerLayer))
                .allMatch(key -> draft.nodes.keySet().stream().anyMatch(nodeId -> serves(nodeId, key)));
    }

    private void prepare(final List<List<Integer>> target) {
        for (final NodeMember node : List.copyOf(draft.nodes.values())) {
            final long limit = Math.min(
                    node.freeUnits(),
                    draft.rules.loads().open() - node.loading().size());
            if (limit <= 0) {
                continue;
            }
            final List<ExpertKey> missing = listedOn(target, node.nodeId()).stream()
                    .filter(key -> mayLoad(node, key))
                    .sorted(Comparator.comparingLong(this::servingNodes)
                            .thenComparingLong(key -> -draft.load(key.unitIndex(expertsPerLayer))))
                    .toList();
            if (!missing.isEmpty()) {
                load(node, missing.subList(0, (int) Math.min(limit, missing.size())), missing.size());
            }
        }
    }

    private void load(final NodeMember node, final List<ExpertKey> keys, final int missing) {
        final long epoch = nextEpoch();
        draft.put(node.with(node.units()
                .startLoading(keys, draft.nowNs + draft.rules.loads().timeoutNs())));
        draft.effect(new PlacementEffect.Load(node.nodeId(), epoch, List.copyOf(keys), draft.digests.known(keys)));
        if (node.loading().isEmpty()) {
            draft.note(
                    Kind.LOAD,
                    "node " + node.nodeId() + " loads " + missing + " units for epoch " + Epochs.text(epoch));
        }
    }

    private boolean mayLoad(final NodeMember node, final ExpertKey key) {
        final NodeUnits.LoadFailure failure = node.failures().get(key);
        return !node.units().held().containsKey(key)
                && !node.loading().containsKey(key)
                && (failure == null || draft.reached(failure.retryNs()));
    }

    /** Nodes that serve the unit beyond doubt. */
    private long servingNodes(final ExpertKey key) {
        final int unit = key.unitIndex(expertsPerLayer);
        return draft.nodes.keySet().stream()
                .filter(nodeId -> serves(nodeId, key) && !doubts.about(unit, nodeId))
                .count();
    }

    /** For every unit the nodes that the next epoch lists. */
    private List<List<Integer>> holders(final List<List<Integer>> target) {
        final Set<Integer> yielding = yielding(target);
        final List<List<Integer>> holders = new ArrayList<>(target.size());
        for (int unit = 0; unit < target.size(); unit++) {
            holders.add(holders(unit, target.get(unit), yielding));
        }
        return holders;
    }

    private List<Integer> holders(final int unit, final List<Integer> target, final Set<Integer> yielding) {
        final ExpertKey key = ExpertKey.ofUnitIndex(unit, expertsPerLayer);
        final List<Integer> listed = draft.placement.nodesByUnit().get(unit);
        final List<Integer> nodes = new ArrayList<>(serving(target, key));
        for (final int nodeId : serving(listed, key)) {
            final boolean needed = nodes.isEmpty() || (nodes.size() < target.size() && !yielding.contains(nodeId));
            if (needed && !nodes.contains(nodeId)) {
                nodes.add(nodeId);
            }
        }
        if (nodes.isEmpty()) {
            serving(List.copyOf(draft.nodes.keySet()), key).stream().findFirst().ifPresent(nodes::add);
        }
        final boolean same = nodes.size() == listed.size() && listed.containsAll(nodes);
        return same ? listed : List.copyOf(nodes);
    }

    /** Nodes without room for what they ought to load: they give up first what others serve too. */
    private Set<Integer> yielding(final List<List<Integer>> target) {
        final Set<Integer> yielding = new HashSet<>();
        for (final NodeMember node : draft.nodes.values()) {
            if (node.freeUnits() <= 0
                    && listedOn(target, node.nodeId()).stream().anyMatch(key -> mayLoad(node, key))) {
                yielding.add(node.nodeId());
            }
        }
        return yielding;
    }

    private List<Integer> serving(final List<Integer> candidates, final ExpertKey key) {
        return candidates.stream().filter(nodeId -> serves(nodeId, key)).toList();
    }

    private boolean serves(final int nodeId, final ExpertKey key) {
        final NodeMember node = draft.nodes.get(nodeId);
        return node != null && node.serves(key) && !mustGo(node);
    }

    /**
     * Whether a leaving node is listed no more although nobody took its units over. While routers are there, even the
     * last node waits out its time: when everything stops at once, the routers still finish their requests with it.
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
        final boolean urgent = (outranked && draft.seenEpoch > 0) || aListedHolderIsLost();
        if (anyLoads() && !urgent && !isDueWhileLoading(wanted)) {
            return false;
        }
        if (!draft.reached(draft.pace.nextNs(draft.rules.epochs()))) {
            holdBack();
            return false;
        }
        publish(new Placement(nextEpoch(), expertsPerLayer, wanted), endpoints, urgent);
        return true;
    }

    private void holdBack() {
        if (!draft.pace.holding()) {
            draft.pace = draft.pace.held();
            draft.note(
                    Kind.HELD_BACK,
                    draft.rules.epochs().burst() + " epochs came too fast after each other; the next waits, one every "
                            + draft.rules.epochs().everyNs() / 1_000_000
                            + " ms. Does a node crash again and again, or a link flap?");
        }
    }

    private boolean anyLoads() {
        return draft.nodes.values().stream()
                .anyMatch(node -> !node.loading().isEmpty() && !doubts.isSilent(node.nodeId()));
    }

    private boolean isDueWhileLoading(final List<List<Integer>> wanted) {
        return draft.placement.epoch() > 0
                && (draft.reached(draft.publishedNs + draft.rules.epochs().publishEveryNs())
                        || (draft.reached(
                                        draft.publishedNs + draft.rules.epochs().urgentPublishNs())
                                && aLonelyUnitGains(wanted)));
    }

    private boolean aLonelyUnitGains(final List<List<Integer>> wanted) {
        return IntStream.range(0, wanted.size())
                .anyMatch(unit ->
                        noneSure(unit, draft.placement.nodesByUnit().get(unit)) && !noneSure(unit, wanted.get(unit)));
    }

    private boolean noneSure(final int unit, final List<Integer> nodes) {
        return nodes.stream().allMatch(nodeId -> doubts.about(unit, nodeId));
    }

    private void publish(final Placement placement, final List<NodeEndpoint> endpoints, final boolean urgent) {
        draft.placement = placement;
        draft.endpoints = endpoints;
        draft.publishedNs = draft.nowNs;
        draft.pace = draft.pace.published(draft.rules.epochs(), draft.nowNs);
        final long empty =
                placement.nodesByUnit().stream().filter(List::isEmpty).count();
        final long copies =
                placement.nodesByUnit().stream().mapToLong(List::size).sum();
        draft.note(
                Kind.PUBLISHED,
                "epoch " + Epochs.text(placement.epoch()) + " lists " + copies + " units on " + endpoints.size()
                        + " nodes, " + empty
                        + " units without a node"
                        + sharing(placement)
                        + (urgent ? "; at once, since a listed node was lost or a higher epoch was seen" : ""));
        List.copyOf(draft.routers.values()).forEach(router -> draft.put(router.withoutHints()));
        draft.routers.keySet().forEach(this::send);
    }

    private String sharing(final Placement placement) {
        final FailureDomains domains = draft.failureDomains();
        final long shared = placement.nodesByUnit().stream()
                .filter(nodes -> domains.isShared(nodes, draft.target.replicas()))
                .count();
        return shared == 0 ? "" : ", " + shared + " units whose copies share a failure domain";
    }

    private void republish() {
        for (final RouterMember router : List.copyOf(draft.routers.values())) {
            if (router.ackedEpoch() < draft.placement.epoch()
                    && draft.reached(router.publishedNs() + draft.rules.epochs().republishNs())) {
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
                && (!follows
                        || draft.reached(draft.startedNs + draft.rules.members().recoveryNs()));
    }

    /**
     * A predecessor served somebody, and nobody has come back yet: routers that pause for longer than the recovery may
     * still use what the epoch no longer lists. What is kept until the first is here costs memory and nothing else.
     */
    private boolean mayHaveUnknownRouters() {
        return draft.seenEpoch > 0 && draft.routers.isEmpty();
    }

    private void release(final List<List<Integer>> target) {
        for (final NodeMember node : List.copyOf(draft.nodes.values())) {
            final TreeSet<ExpertKey> unlisted =
                    new TreeSet<>(node.units().held().keySet());
            unlisted.removeAll(listedOn(draft.placement.nodesByUnit(), node.nodeId()));
            // What is wanted again stays, unless the node was told to free it: it may be gone by now, so it is loaded
            // anew.
            final TreeSet<ExpertKey> wanted = new TreeSet<>(listedOn(target, node.nodeId()));
            wanted.removeAll(node.unloading().keySet());
            wanted.retainAll(node.resident()); // a copy that nobody may use is in the way of a better one
            unlisted.removeAll(wanted);
            unlisted.removeIf(key -> stillUnloading(node, key));
            if (unlisted.isEmpty() || node.leaving()) {
                continue;
            }
            draft.put(node.with(node.units()
                    .startUnloading(unlisted, draft.nowNs + draft.rules.loads().timeoutNs())));
            // The next epoch's number, like a load's: the node obeys no lower one than that of the last load it got.
            draft.effect(new PlacementEffect.Unload(node.nodeId(), nextEpoch(), List.copyOf(unlisted)));
            draft.note(
                    Kind.RELEASE,
                    "node " + node.nodeId() + " frees " + unlisted.size() + " units that epoch "
                            + Epochs.text(draft.placement.epoch()) + " doesn't list and no router uses");
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
        return Epochs.next(Math.max(draft.placement.epoch(), draft.seenEpoch), draft.rules.publisher());
    }
}
