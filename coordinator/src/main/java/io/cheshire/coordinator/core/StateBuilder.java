package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A state being changed by one event, and the effects so far. Lives for one call of {@link PlacementMachine#step}.
 *
 * <p>Who decides what the target, the placement or the hesitation becomes returns it; {@link PlacementMachine} and its
 * {@link Reconciler} alone write them here.
 */
final class StateBuilder {
    /**
     * Later than any deadline, and still less than half of what a clock holds, since times are compared by their
     * difference.
     */
    private static final long FOR_EVER_NS = Long.MAX_VALUE / 2;

    final PlacementRules rules;
    final long nowNs;
    final SortedMap<Integer, NodeMember> nodes;
    final SortedMap<Integer, RouterMember> routers;
    final List<PlacementEffect> effects = new ArrayList<>();
    boolean formed;
    long seenEpoch;
    long startedNs;
    List<Long> loads;
    UnitDigests digests;
    Scrub scrub;
    long awakeNs;
    private Placement placement;
    private List<NodeEndpoint> endpoints;
    private long publishedNs;
    private EpochPace pace;
    private Target target;
    private MassSilenceGuard hesitation;
    private long dueNs;

    StateBuilder(final PlacementRules rules, final PlacementState state, final long nowNs) {
        this.rules = rules;
        this.nowNs = nowNs;
        this.startedNs = state.startedNs();
        this.nodes = new TreeMap<>(state.nodes());
        this.routers = new TreeMap<>(state.routers());
        this.formed = state.formed();
        this.seenEpoch = state.seenEpoch();
        this.placement = state.placement();
        this.endpoints = state.endpoints();
        this.target = state.target();
        this.loads = state.loads();
        this.digests = state.digests();
        this.scrub = state.scrub();
        this.hesitation = state.hesitation();
        this.awakeNs = state.clock().awakeNs();
        this.publishedNs = state.clock().publishedNs();
        this.pace = state.clock().pace();
        this.dueNs = state.clock().dueNs();
        // Ticks come many times in that time: a longer pause was this coordinator's own.
        if (nowNs - state.clock().steppedNs() > rules.members().silentNs() / 2) {
            this.awakeNs = nowNs;
        }
    }

    PlacementState freeze() {
        return new PlacementState(
                startedNs,
                formed,
                seenEpoch,
                placement,
                endpoints,
                nodes,
                routers,
                target,
                loads,
                digests,
                scrub,
                hesitation,
                new PlacementState.Clock(nowNs, awakeNs, publishedNs, pace, dueNs));
    }

    /** What was published last. */
    Placement placement() {
        return placement;
    }

    /** Published with it. */
    List<NodeEndpoint> endpoints() {
        return endpoints;
    }

    long publishedNs() {
        return publishedNs;
    }

    EpochPace pace() {
        return pace;
    }

    /** What the placement ought to become. */
    Target target() {
        return target;
    }

    /** Whether doubts lead to anything. */
    MassSilenceGuard hesitation() {
        return hesitation;
    }

    /** From now on this is the target. */
    void aimAt(final Target now) {
        target = now;
    }

    /** From now on doubts lead to this. */
    void hesitate(final MassSilenceGuard now) {
        hesitation = now;
    }

    /** This is published now. */
    void published(final Placement now, final List<NodeEndpoint> nowEndpoints) {
        placement = now;
        endpoints = nowEndpoints;
        publishedNs = nowNs;
        pace = pace.published(rules.epochs(), nowNs);
    }

    /** An epoch waits. */
    void heldBack() {
        pace = pace.held();
    }

    /** The member with this id and incarnation, if it is one. */
    @Nullable
    NodeMember node(final int nodeId, final long incarnation) {
        final NodeMember node = nodes.get(nodeId);
        return node != null && node.hello().incarnation() == incarnation ? node : null;
    }

    /** The member with this id and incarnation, if it is one. */
    @Nullable
    RouterMember router(final int routerId, final long incarnation) {
        final RouterMember router = routers.get(routerId);
        return router != null && router.hello().incarnation() == incarnation ? router : null;
    }

    void put(final NodeMember node) {
        nodes.put(node.nodeId(), node);
    }

    void put(final RouterMember router) {
        routers.put(router.hello().routerId(), router);
    }

    void effect(final PlacementEffect effect) {
        effects.add(effect);
    }

    void note(final ClusterEvent.Kind kind, final String reason) {
        effects.add(new PlacementEffect.Note(kind, placement.epoch(), reason));
    }

    /**
     * Another coordinator's epoch shows that there was one before, whose routers may still use what they know, and that
     * ours must go above it where it isn't yet.
     */
    void seen(final long epoch, final String where) {
        if (!isPlausible(epoch)) {
            note(ClusterEvent.Kind.REFUSED, implausible(where, epoch));
        } else if (epoch > seenEpoch && (epoch >= placement.epoch() || !Epochs.isOf(epoch, rules.publisher()))) {
            seenEpoch = epoch;
            if (epoch >= placement.epoch()) {
                note(
                        ClusterEvent.Kind.EPOCH_SEEN,
                        where + " knows epoch " + Epochs.text(epoch) + "; the next one is higher");
            }
        }
    }

    /** Whether a coordinator can have published the epoch. */
    boolean isPlausible(final long epoch) {
        return Epochs.isPlausible(epoch, Math.max(seenEpoch, placement.epoch()));
    }

    /** The number of the next epoch, above all that were published or seen. */
    long nextEpoch() {
        return Epochs.next(Math.max(placement.epoch(), seenEpoch), rules.publisher());
    }

    /** What is wrong with a member that names an epoch that nobody can have published. */
    static String implausible(final String where, final long epoch) {
        return where + " names epoch " + Epochs.text(epoch) + " (" + epoch
                + "), which no coordinator can have reached; it isn't counted. Start that process anew";
    }

    /** Whether the model has such a unit. */
    boolean isUnit(final ExpertKey key) {
        return key.layer() < rules.model().layers()
                && key.expert() < rules.model().expertsPerLayer();
    }

    /** Whether the node holds the unit and wasn't told to give it up. */
    boolean holds(final int nodeId, final ExpertKey key) {
        final NodeMember node = nodes.get(nodeId);
        return node != null && node.serves(key);
    }

    /** Which nodes fail together. */
    FailureDomains failureDomains() {
        return FailureDomains.of(nodes.values().stream().map(NodeMember::hello));
    }

    /** Rows that the unit served lately. */
    long load(final int unit) {
        return unit < loads.size() ? loads.get(unit) : 0;
    }

    /** Whether it is time; if not, the soonest such time is kept until {@link #nothingIsDue}. */
    boolean reached(final long deadlineNs) {
        if (nowNs - deadlineNs >= 0) {
            return true;
        }
        due(deadlineNs);
        return false;
    }

    /** From here on deadlines are gathered. */
    void nothingIsDue() {
        dueNs = nowNs + FOR_EVER_NS;
    }

    /** At this time at the latest the reconciler is needed again. */
    void due(final long deadlineNs) {
        if (deadlineNs - dueNs < 0) {
            dueNs = deadlineNs;
        }
    }
}
