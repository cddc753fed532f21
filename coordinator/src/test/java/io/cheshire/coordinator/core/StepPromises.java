package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.model.protocol.ExpertKey;

/**
 * What holds at every step of a placement machine: a machine that reconciles at every event decides the same, epochs
 * grow, and what is listed is held.
 */
public final class StepPromises implements StepObserver {
    private final PlacementRules rules;

    /** @param rules what the machine goes by that is looked at */
    public StepPromises(final PlacementRules rules) {
        this.rules = rules;
    }

    @Override
    public void stepped(
            final PlacementState before,
            final PlacementEvent event,
            final PlacementMachine.Step step,
            final long nowNs) {
        final PlacementMachine.Step restless = new PlacementMachine(rules).step(dueAt(nowNs, before), event, nowNs);
        assertThat(step.effects())
                .as("effects of " + event + ", as if it reconciled at every event")
                .isEqualTo(restless.effects());
        assertThat(dueAt(0, step.state()))
                .as("state after " + event + ", as if it reconciled at every event")
                .isEqualTo(dueAt(0, restless.state()));
        final PlacementState after = step.state();
        assertThat(after.placement().epoch())
                .as("epochs never go back")
                .isGreaterThanOrEqualTo(before.placement().epoch());
        if (!after.placement().equals(before.placement())) {
            assertThat(after.placement().epoch())
                    .isGreaterThan(before.placement().epoch());
            checkPublished(after);
        }
    }

    /** The same state, but that the reconciler is needed at a given time. */
    private static PlacementState dueAt(final long dueNs, final PlacementState state) {
        final PlacementState.Clock clock = state.clock();
        return new PlacementState(
                state.startedNs(),
                state.formed(),
                state.seenEpoch(),
                state.placement(),
                state.endpoints(),
                state.nodes(),
                state.routers(),
                state.target(),
                state.loads(),
                state.digests(),
                state.scrub(),
                state.hesitation(),
                new PlacementState.Clock(clock.steppedNs(), clock.awakeNs(), clock.publishedNs(), clock.pace(), dueNs));
    }

    private void checkPublished(final PlacementState state) {
        for (int unit = 0; unit < rules.model().unitCount(); unit++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, rules.model().expertsPerLayer());
            assertThat(state.placement().nodesByUnit().get(unit))
                    .as("holders of " + key)
                    .allMatch(nodeId -> state.nodes().get(nodeId).serves(key));
        }
    }
}
