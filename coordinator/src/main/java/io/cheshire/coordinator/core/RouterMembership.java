package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterHello;

/** What an event of a router changes in the knowledge of who is there and uses which epoch. */
final class RouterMembership {
    private final StateBuilder draft;

    RouterMembership(final StateBuilder draft) {
        this.draft = draft;
    }

    void register(final RouterHello hello) {
        final Refusal refusal = new Admission(draft).ofRouter(hello);
        if (refusal != null) {
            draft.note(Kind.REFUSED, "router " + hello.routerId() + ": " + refusal.reason());
            draft.effect(new PlacementEffect.RefuseRouter(
                    hello.routerId(), hello.incarnation(), refusal.reason(), refusal.retry()));
            return;
        }
        final boolean ours = hello.publisher() == draft.rules.publisher();
        if (!ours) {
            draft.seen(hello.epoch(), "router " + hello.routerId());
        }
        if (draft.router(hello.routerId(), hello.incarnation()) == null) {
            draft.note(
                    Kind.ROUTER_JOINED,
                    "router " + hello.routerId() + " joined with epoch " + Epochs.text(hello.epoch()));
        }
        final long acked = ours ? Math.min(hello.epoch(), draft.placement().epoch()) : 0;
        draft.put(RouterMember.joined(hello, acked, draft.nowNs));
        draft.effect(new PlacementEffect.AcceptRouter(hello.routerId(), hello.incarnation()));
        if (acked < draft.placement().epoch()) {
            draft.effect(new PlacementEffect.Publish(hello.routerId(), draft.placement(), draft.endpoints()));
        }
    }

    void acknowledged(final CoordinatorCommand.EpochAcknowledged acked) {
        final RouterMember router = draft.router(acked.routerId(), acked.incarnation());
        if (router == null) {
            return;
        }
        if (acked.publisher() != draft.rules.publisher()) {
            draft.seen(acked.epoch(), "router " + acked.routerId());
        } else if (acked.epoch() <= draft.placement().epoch()) {
            draft.put(router.acknowledged(acked.epoch(), draft.nowNs));
        }
    }

    void unavailable(final CoordinatorCommand.UnitUnavailable hint) {
        final RouterMember router = draft.router(hint.routerId(), hint.incarnation());
        if (router == null) {
            return;
        }
        if (hint.epoch() < draft.placement().epoch()) {
            draft.put(router.heard(draft.nowNs));
            return;
        }
        draft.put(router.unanswered(
                hint.keys().stream()
                        .filter(draft::isUnit)
                        .map(key -> key.unitIndex(draft.rules.model().expertsPerLayer()))
                        .toList(),
                draft.nowNs));
    }

    void heard(final PlacementEvent.RouterHeard heard) {
        final RouterMember router = draft.router(heard.routerId(), heard.incarnation());
        if (router != null) {
            draft.put(router.heard(draft.nowNs));
        }
    }

    void gone(final PlacementEvent.RouterGone gone) {
        if (draft.router(gone.routerId(), gone.incarnation()) != null) {
            draft.routers.remove(gone.routerId());
            draft.note(Kind.ROUTER_GONE, "router " + gone.routerId() + " is gone: " + gone.reason());
        }
    }
}
