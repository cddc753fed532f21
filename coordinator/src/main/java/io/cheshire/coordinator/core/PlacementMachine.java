package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.PlacementEvent;
import java.util.List;

/**
 * The coordinator's decisions: (state, event, now) → (state, effects). Pure; callable from any thread.
 *
 * <p>Each event first changes what is known ({@link Membership}); then the {@link Reconciler} compares what is with
 * what ought to be and takes every step that is safe. It is driven by the state and not by the order of messages, so a
 * lost message costs a timeout and never a wrong placement. Moving is three-phase: nodes load (prepare), routers switch
 * (publish), nodes free memory (release).
 *
 * <pre>
 * phase       goes to     when
 * FORMING     PREPARING   the awaited nodes are there or time is over, and units are to be loaded
 *             PUBLISHING  the same, nothing is to be loaded, and there are routers
 *             STEADY      the same, nothing is to be loaded, and there is no router
 * PREPARING   PUBLISHING  every load ended (loaded, failed, timed out, node gone), and the placement changed
 *             RELEASING   the same, it didn't change, and units are to be freed
 *             STEADY      the same, and nothing is to be freed
 * PUBLISHING  RELEASING   every live router acknowledged the epoch, and units are to be freed
 *             STEADY      the same, and nothing is to be freed
 *             PREPARING   the target changes, or a load is due again
 *             FORMING     no node is left and one registers
 * RELEASING   STEADY      every unit is freed or its node is gone
 *             PREPARING   the same, and room was awaited; or the target changes
 *             PUBLISHING  a listed node is lost, a router joins, or another coordinator's epoch is seen
 * STEADY      PREPARING   the target changes, or a load is due again
 *             PUBLISHING  the placement can follow the target without a load; or as in RELEASING
 *             RELEASING   units that nobody needs are held
 *             FORMING     no node is left and one registers
 * </pre>
 *
 * <p>The phase after an event about a member, where two nodes and a router are members (while PREPARING and later a
 * third node joins), each unit has one copy and there is room for more:
 *
 * <pre>
 * event              FORMING   PREPARING PUBLISHING RELEASING  STEADY
 * NodeRegistered     PREPARING PREPARING PREPARING  PREPARING  PREPARING
 * NodeHeard          FORMING   PREPARING PUBLISHING RELEASING  STEADY
 * NodeLeaving        FORMING   PREPARING PREPARING  PREPARING  PREPARING
 * NodeGone           FORMING   PREPARING PREPARING  PREPARING  PREPARING
 * UnitLoaded         FORMING   PREPARING PUBLISHING RELEASING  STEADY
 * UnitLoadFailed     FORMING   PREPARING PUBLISHING RELEASING  STEADY
 * UnitDiffers        FORMING   PREPARING PUBLISHING RELEASING  STEADY
 * UnitUnloaded       FORMING   PREPARING PREPARING  PREPARING  PREPARING
 * EpochSeen          FORMING   PREPARING PUBLISHING PUBLISHING PUBLISHING
 * RouterRegistered   FORMING   PREPARING PUBLISHING PUBLISHING PUBLISHING
 * EpochAcknowledged  FORMING   PREPARING RELEASING  RELEASING  STEADY
 * UnitUnavailable    FORMING   PREPARING PREPARING  PREPARING  PREPARING
 * RouterHeard        FORMING   PREPARING PUBLISHING RELEASING  STEADY
 * RouterGone         FORMING   PREPARING RELEASING  RELEASING  STEADY
 * LoadsReported      FORMING   PREPARING PUBLISHING RELEASING  STEADY
 * Move               FORMING   PREPARING PREPARING  PREPARING  PREPARING
 * Replicas           FORMING   PREPARING PREPARING  PREPARING  PREPARING
 * Rebalance          FORMING   PREPARING PREPARING  PREPARING  PREPARING
 * Drain              FORMING   PREPARING PREPARING  PREPARING  PREPARING
 * Undrain            FORMING   PREPARING PUBLISHING RELEASING  STEADY
 * ScrubDue           FORMING   PREPARING PUBLISHING RELEASING  STEADY
 * UnitProbed         FORMING   PREPARING PUBLISHING RELEASING  STEADY
 * Tick               FORMING   PREPARING PUBLISHING RELEASING  STEADY
 * </pre>
 *
 * <p>What changes the target, which then is carried out in three phases:
 * <ul>
 *   <li>a node joins or comes back: it keeps what it holds where a copy is missing, and takes its share of each layer;
 *   <li>it leaves or is drained: it goes from the target, and stays listed until others hold its units (leaving: or its
 *       time is over);
 *   <li>it is lost: units that nobody serves get another at once, others when the node had time to come back;
 *   <li>a load fails, or brings other bytes: the unit goes to a node that hasn't failed, if there is one with room;
 *       else it is tried again after a pause. The same for copies that are let go because they disagree;
 *   <li>every router says that a unit is unavailable, or its node is silent: a further node, until one side has proved
 *       itself;
 *   <li>an operator or the balancer wishes, unless that is refused with the reason; fewer replicas: the fullest nodes
 *       let go;
 *   <li>another coordinator led before: this one takes what the nodes hold for it.
 * </ul>
 *
 * <p>Most events bring nothing new; then the reconciler rests, until the next of its deadlines
 * ({@link ReconcileTrigger}).
 *
 * <p>Every (phase, event) pair is decided; events about members of another incarnation change nothing.
 */
public final class PlacementMachine {
    private final PlacementRules rules;

    /** The machine of one coordinator. */
    public PlacementMachine(final PlacementRules rules) {
        this.rules = rules;
    }

    /**
     * What an event leads to.
     *
     * @param state   the state after it
     * @param effects what is to be done, in this order
     */
    public record Step(PlacementState state, List<PlacementEffect> effects) {}

    /** The state before anybody joined. */
    public PlacementState initial(final long nowNs) {
        return PlacementState.initial(rules, nowNs);
    }

    /** What this coordinator goes by. */
    public PlacementRules rules() {
        return rules;
    }

    /**
     * Decides what an event leads to.
     *
     * @param nowNs monotonic clock, never before that of an earlier step
     */
    public Step step(final PlacementState state, final PlacementEvent event, final long nowNs) {
        final StateBuilder draft = new StateBuilder(rules, state, nowNs);
        draft.aimAt(new Membership(draft).apply(event));
        if (ReconcileTrigger.isAfter(state, draft)) {
            reconcile(draft);
        }
        final PlacementState after = draft.freeze();
        if (after.phase() != state.phase()) {
            draft.note(
                    Kind.PHASE,
                    state.phase() + " -> " + after.phase() + " after "
                            + event.getClass().getSimpleName());
        }
        return new Step(after, List.copyOf(draft.effects));
    }

    private static void reconcile(final StateBuilder draft) {
        final PlacementState before = draft.freeze();
        final int effectCount = draft.effects.size();
        draft.nothingIsDue();
        new Reconciler(draft).reconcile();
        if (ReconcileTrigger.hasNews(before, draft) || draft.effects.size() > effectCount) {
            draft.due(draft.nowNs);
        }
    }
}
