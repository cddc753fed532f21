package io.cheshire.coordinator.core;

import io.cheshire.coordinator.core.NodeUnits.LoadFailure;
import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.model.protocol.ExpertKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an event changes in the knowledge of who is there and holds what. One object serves one event. */
final class Membership {
    private final StateBuilder draft;

    Membership(final StateBuilder draft) {
        this.draft = draft;
    }

    /** Takes the event in; returns what the target is after it. */
    Target apply(final PlacementEvent event) {
        return switch (event) {
            case final OperatorRequest.Wish wish -> new OperatorRequests(draft).decide(wish);
            case final PlacementEvent.Rebalance rebalance -> new OperatorRequests(draft).rebalance(rebalance);
            case final PlacementEvent.NodeGone gone -> gone(gone);
            case final CoordinatorCommand.MemberFact fact -> {
                said(fact);
                yield draft.target();
            }
            case PlacementEvent.NodeRegistered(final NodeHello hello) -> {
                register(hello);
                yield draft.target();
            }
            case final PlacementEvent.NodeHeard heard -> {
                heard(heard);
                yield draft.target();
            }
            case PlacementEvent.EpochSeen(final long epoch, final String where) -> {
                draft.seen(epoch, where);
                yield draft.target();
            }
            case final PlacementEvent.RouterRegistered registered -> {
                new RouterMembership(draft).register(registered.hello());
                yield draft.target();
            }
            case final PlacementEvent.RouterHeard heard -> {
                new RouterMembership(draft).heard(heard);
                yield draft.target();
            }
            case final PlacementEvent.RouterGone gone -> {
                new RouterMembership(draft).gone(gone);
                yield draft.target();
            }
            case PlacementEvent.LoadsReported(final List<Long> rowsByUnit) -> {
                draft.loads = rowsByUnit;
                yield draft.target();
            }
            case PlacementEvent.ScrubDue(final long seed) -> {
                new Scrubbing(draft).begin(seed);
                yield draft.target();
            }
            case PlacementEvent.Tick() -> {
                expire();
                new Scrubbing(draft).expire();
                yield draft.target();
            }
        };
    }

    private void said(final CoordinatorCommand.MemberFact fact) {
        switch (fact) {
            case final CoordinatorCommand.NodeLeaving leaving -> leaving(leaving);
            case final CoordinatorCommand.UnitLoaded loaded -> loaded(loaded);
            case final CoordinatorCommand.UnitLoadFailed failed -> failed(failed);
            case final CoordinatorCommand.UnitDiffers differs -> differs(differs);
            case final CoordinatorCommand.UnitUnloaded unloaded -> unloaded(unloaded);
            case final CoordinatorCommand.UnitProbed probed -> new Scrubbing(draft).answered(probed);
            case final CoordinatorCommand.EpochAcknowledged acked -> new RouterMembership(draft).acknowledged(acked);
            case final CoordinatorCommand.UnitUnavailable hint -> new RouterMembership(draft).unavailable(hint);
        }
    }

    private void register(final NodeHello hello) {
        final Refusal refusal = new Admission(draft).ofNode(hello);
        if (refusal != null) {
            draft.note(Kind.REFUSED, "node " + hello.nodeId() + ": " + refusal.reason());
            draft.effect(new PlacementEffect.RefuseNode(
                    hello.nodeId(), hello.incarnation(), refusal.reason(), refusal.retry()));
            return;
        }
        if (draft.nodes.isEmpty() && draft.formed) {
            // All were lost: the cluster forms anew, or the first to come back would load everything.
            draft.formed = false;
            draft.startedNs = draft.nowNs;
        }
        final NodeMember known = draft.nodes.get(hello.nodeId());
        if (known != null && known.hello().incarnation() == hello.incarnation()) {
            // What it was told and its wish to leave stay.
            draft.put(known.withHello(hello).heard(draft.nowNs));
        } else {
            draft.put(NodeMember.joined(hello, draft.nowNs));
            draft.note(
                    Kind.NODE_JOINED,
                    "node " + hello.nodeId() + " joined"
                            + (known == null ? "" : " in place of an earlier incarnation")
                            + domain(hello, known)
                            + ", holds " + hello.resident().size() + " units");
        }
        final NodeMember member = draft.node(hello.nodeId(), hello.incarnation());
        if (member != null) {
            new UnitCheck(draft).holds(member, hello.resident());
        }
        if (hello.publisher() != draft.rules.publisher()) {
            draft.seen(hello.epochSeen(), "node " + hello.nodeId());
        }
        draft.effect(new PlacementEffect.AcceptNode(hello.nodeId(), hello.incarnation()));
    }

    private static String domain(final NodeHello hello, final @Nullable NodeMember known) {
        final String before =
                known == null ? hello.failureDomain() : known.hello().failureDomain();
        final String now = hello.failureDomain().isEmpty() ? "" : ", failure domain " + hello.failureDomain();
        return before.equals(hello.failureDomain())
                ? now
                : (now.isEmpty() ? ", no failure domain" : now) + " after " + (before.isEmpty() ? "none" : before);
    }

    private void heard(final PlacementEvent.NodeHeard heard) {
        final NodeMember node = draft.node(heard.nodeId(), heard.incarnation());
        if (node != null) {
            final NodeMember alive = node.heard(draft.nowNs);
            draft.put(alive);
            new UnitCheck(draft).holds(alive, heard.resident());
        }
    }

    private void leaving(final CoordinatorCommand.NodeLeaving leaving) {
        final NodeMember node = draft.node(leaving.nodeId(), leaving.incarnation());
        if (node == null || node.leaving()) {
            return;
        }
        draft.put(node.leaving(draft.nowNs + draft.rules.members().leaveTimeoutNs()));
        draft.note(Kind.NODE_LEAVING, "node " + leaving.nodeId() + " asks to leave: " + leaving.reason());
    }

    /** Units that are on other nodes too wait for a node that didn't mean to go. */
    private Target gone(final PlacementEvent.NodeGone gone) {
        final NodeMember node = draft.node(gone.nodeId(), gone.incarnation());
        if (node == null) {
            return draft.target();
        }
        draft.nodes.remove(gone.nodeId());
        final Target target = node.leaving()
                ? draft.target()
                : draft.target()
                        .waitingUntil(node.heardNs() + draft.rules.replicas().restoreAfterNs(), draft.nowNs);
        draft.note(
                Kind.NODE_GONE,
                "node " + gone.nodeId() + " is gone: " + gone.reason() + (node.leaving() ? "" : waiting(target)));
        return target;
    }

    private String waiting(final Target target) {
        final long waitNs = target.restoreNs() - draft.nowNs;
        return waitNs > 0 && target.replicas() > 1
                ? "; units that are on other nodes too wait " + waitNs / 1_000_000 + " ms for it"
                : "";
    }

    private void loaded(final CoordinatorCommand.UnitLoaded loaded) {
        final NodeMember node = draft.node(loaded.nodeId(), loaded.incarnation());
        if (node != null && draft.isUnit(loaded.unit().key())) {
            final NodeMember alive = node.with(node.units()
                            .progressed(draft.nowNs + draft.rules.loads().timeoutNs()))
                    .heard(draft.nowNs);
            new UnitCheck(draft).holdsToo(alive, loaded.unit());
        }
    }

    private void failed(final CoordinatorCommand.UnitLoadFailed failed) {
        final NodeMember node = draft.node(failed.nodeId(), failed.incarnation());
        if (node != null && node.loading().containsKey(failed.key())) {
            draft.put(fail(node.heard(draft.nowNs), failed.key(), failed.reason()));
        }
    }

    private void differs(final CoordinatorCommand.UnitDiffers differs) {
        final NodeMember node = draft.node(differs.nodeId(), differs.incarnation());
        if (node != null && node.loading().containsKey(differs.read().key())) {
            final NodeMember alive = node.heard(draft.nowNs);
            if (!new UnitCheck(draft).differs(alive, differs.read())) {
                draft.put(fail(alive, differs.read().key(), "it went by what a former coordinator knew"));
            }
        }
    }

    private void unloaded(final CoordinatorCommand.UnitUnloaded unloaded) {
        final NodeMember node = draft.node(unloaded.nodeId(), unloaded.incarnation());
        if (node != null) {
            draft.put(node.with(node.units().unloaded(unloaded.key())).heard(draft.nowNs));
        }
    }

    private void expire() {
        for (final NodeMember node : draft.nodes.values()) {
            NodeMember left = node;
            for (final var loading : node.loading().entrySet()) {
                if (draft.reached(loading.getValue())) {
                    left = fail(
                            left,
                            loading.getKey(),
                            "the node finished no load for "
                                    + draft.rules.loads().timeoutNs() / 1_000_000 + " ms");
                }
            }
            if (!left.equals(node)) {
                draft.put(left);
            }
        }
    }

    private NodeMember fail(final NodeMember node, final ExpertKey key, final String reason) {
        final LoadFailure before = node.failures().get(key);
        final int count = before == null ? 1 : before.count() + 1;
        final long pauseNs = draft.rules.loads().retryAfterNs(count);
        draft.note(
                Kind.LOAD_FAILED,
                "node " + node.nodeId() + " could not load " + key + " (failure " + count + "): " + reason
                        + "; tried again in " + pauseNs / 1_000_000 + " ms");
        return node.with(node.units().failed(key, new LoadFailure(count, draft.nowNs + pauseNs)));
    }
}
