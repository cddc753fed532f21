package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.PlacementEvent;
import java.util.List;

/**
 * The coordinator's decisions: (state, event, now) → (state, effects). Pure; callable from any thread.
 *
 * <p>Each event first changes what is known ({@link Membership}); then the {@link Reconciler} compares what is with what ought
 * to be and takes every step that is safe. It is driven by the state and not by the order of messages, so a lost message
 * costs a timeout and never a wrong placement. Moving is three-phase: nodes load (prepare), routers switch (publish), nodes
 * free memory (release).
 *
 * <pre>
 * phase       leaves it when                                        to
 * FORMING     expected nodes are there, or every unit has a holder, PREPARING if units are to be loaded,
 *             or the formation (after another coordinator: the      else PUBLISHING if there are routers, else STEADY
 *             recovery) time is over
 * PREPARING   every load ended (loaded, failed, timed out, node     PUBLISHING if the placement changed,
 *             gone)                                                 else STEADY
 * PUBLISHING  every live router acknowledged the epoch              RELEASING if units are to be freed, else STEADY
 * RELEASING   every unit is freed or its node is gone               STEADY, or PREPARING if room was awaited
 * STEADY      the target changes, or a load is due again            PREPARING or PUBLISHING
 * any but FORMING: a listed node is lost or another coordinator's epoch is seen: an epoch without it at once; loads go on
 * any but FORMING: all nodes are lost and one registers: FORMING
 *
 * event            changes the target, which then is carried out in three phases
 * join, rejoin     the node keeps what it holds where a copy is missing, and takes its share of each layer
 * leave, drain     the node goes from it; it stays listed until others hold its units (a leave: or its time is over)
 * down             the node goes from it; units that nobody serves get another at once, others when the node had time to come back
 * loaded           never; a gain for a unit that nobody served is published soon
 * load failed      the unit goes to a node that hasn't failed, if there is one with room; else it is tried again after a pause
 * other bytes      as a load that failed; what was loaded of it is freed
 * copies disagree  as a load that failed, for those that are let go
 * acknowledge      never; the last one allows releases
 * released         never; the room is loaded into
 * unit unavailable once every router says so: a further node, until one side has proved itself
 * silence          the same, by time alone
 * move, rebalance  as wished, or refused with the reason
 * replicas         more: units get nodes; fewer: the fullest nodes let go
 * restart          a successor takes what the nodes hold for it
 * </pre>
 *
 * <p>Most events bring nothing new; then the reconciler rests, until the next of its deadlines ({@link Unrest}).
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
        final Draft draft = new Draft(rules, state, nowNs);
        new Membership(draft).apply(event);
        if (Unrest.isAfter(state, draft)) {
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

    private static void reconcile(final Draft draft) {
        final PlacementState before = draft.freeze();
        final int effectCount = draft.effects.size();
        draft.nothingIsDue();
        new Reconciler(draft).reconcile();
        if (Unrest.hasNews(before, draft) || draft.effects.size() > effectCount) {
            draft.due(draft.nowNs);
        }
    }
}
