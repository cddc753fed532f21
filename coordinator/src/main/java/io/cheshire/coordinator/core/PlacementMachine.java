package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
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
 * STEADY      a node joins, leaves or goes, a load is due again     PREPARING or PUBLISHING
 * any but FORMING: a listed node is lost or another coordinator's epoch is seen: an epoch without it at once; loads go on
 * </pre>
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
        new Reconciler(draft).reconcile();
        final PlacementState after = draft.freeze();
        if (after.phase() != state.phase()) {
            draft.note(
                    Kind.PHASE,
                    state.phase() + " -> " + after.phase() + " after "
                            + event.getClass().getSimpleName());
        }
        return new Step(after, List.copyOf(draft.effects));
    }
}
