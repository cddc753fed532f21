package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.model.protocol.ExpertKey;
import java.util.stream.IntStream;

/**
 * Compares what is with what ought to be and takes every step that is safe now: nodes load ({@link Preparing}), routers
 * switch ({@link Publishing}), nodes free memory ({@link Releasing}). Others decide and return what they decided; what
 * the target, the placement and the hesitation become is written here. One object serves one event. When it is needed
 * is {@link ReconcileTrigger}'s to say; for that to be right all ask for the time by {@link StateBuilder#reached}
 * alone.
 */
final class Reconciler {
    private final StateBuilder draft;
    private final Suspicions doubts;
    private final TargetUpdate targeting;
    private final UnitHolders holders;
    private final Preparing preparing;
    private final Publishing publishing;
    private final Releasing releasing;

    Reconciler(final StateBuilder draft) {
        this.draft = draft;
        this.doubts = new Suspicions(draft);
        this.targeting = new TargetUpdate(draft, doubts);
        this.holders = new UnitHolders(draft);
        this.preparing = new Preparing(draft, holders, doubts);
        this.publishing = new Publishing(draft, holders, doubts);
        this.releasing = new Releasing(draft, holders);
    }

    void reconcile() {
        formIfReady();
        if (draft.formed) {
            draft.hesitate(draft.hesitation().after(doubts.doubtfulNodes(), draft));
        }
        final long before = draft.placement().epoch();
        settle();
        if (before == 0 && draft.placement().epoch() > 0) {
            // The homes are served; now the replicas load.
            settle();
        }
    }

    private void settle() {
        final Target target = aimAt(targeting.updated(draft.target()));
        preparing.prepare(target);
        if (draft.placement().epoch() == 0 && draft.seenEpoch == 0) {
            releasing.grantLeaves(); // no router was ever told of anybody
        }
        if (!draft.formed) {
            return;
        }
        final boolean upToDate = carryOut(publishing.decide(holders.next(target.nodesByUnit())));
        publishing.republish();
        if (upToDate && releasing.isSafe()) {
            releasing.release(target);
            releasing.grantLeaves();
        }
    }

    private Target aimAt(final TargetUpdate.Update update) {
        update.admitted().forEach(node -> draft.put(node.admit()));
        draft.aimAt(update.target());
        return update.target();
    }

    /** Returns whether what is published then is what is wanted. */
    private boolean carryOut(final Publishing.Decision decision) {
        return switch (decision) {
            case Publishing.Decision.Stay(final boolean upToDate) -> upToDate;
            case Publishing.Decision.HoldBack() -> {
                holdBack();
                yield false;
            }
            case Publishing.Decision.Publish(final var placement, final var endpoints, final boolean urgent) -> {
                draft.published(placement, endpoints);
                publishing.announce(urgent);
                yield true;
            }
        };
    }

    private void holdBack() {
        if (!draft.pace().holding()) {
            draft.heldBack();
            draft.note(
                    Kind.HELD_BACK,
                    draft.rules.epochs().burst() + " epochs came too fast after each other; the next waits, one every "
                            + draft.rules.epochs().everyNs() / 1_000_000
                            + " ms. Does a node crash again and again, or a link flap?");
        }
    }

    private void formIfReady() {
        if (draft.formed || draft.nodes.isEmpty()) {
            return;
        }
        final boolean follows = draft.seenEpoch > 0;
        final boolean again = draft.placement().epoch() > 0;
        final long waitNs = follows || again
                ? draft.rules.members().recoveryNs()
                : draft.rules.members().formationTimeoutNs();
        final boolean allHere = draft.nodes.size() >= draft.rules.members().expectedNodes();
        if (allHere || allHeld() || draft.reached(draft.startedNs + waitNs)) {
            new UnitCheck(draft).settle();
            draft.formed = true;
            aimAt(targeting.formed(draft.target(), follows && !again));
        }
    }

    private boolean allHeld() {
        final int expertsPerLayer = draft.rules.model().expertsPerLayer();
        return IntStream.range(0, draft.rules.model().unitCount())
                .mapToObj(unit -> ExpertKey.ofUnitIndex(unit, expertsPerLayer))
                .allMatch(key -> draft.nodes.keySet().stream().anyMatch(nodeId -> holders.serves(nodeId, key)));
    }
}
