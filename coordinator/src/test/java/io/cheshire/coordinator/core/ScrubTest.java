package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.model.protocol.ExpertKey;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Copies of a unit answer one row alike, or are let go. Three nodes, 2 x 5 units. */
class ScrubTest extends DrivenMachine {
    private static final int NODES = 3;
    private static final long MEMORY = 1_000;
    private static final String RIGHT = answer(1);
    private static final String WRONG = answer(2);

    ScrubTest() {
        super(TestRules.placement(NODES, 1, 2));
    }

    @Test
    void shouldCompareEveryUnitInItsTurn() {
        steady(2);
        final Set<ExpertKey> compared = new HashSet<>();
        for (int i = 0; i < TestRules.MODEL.unitCount(); i++) {
            final List<PlacementEffect.Probe> asked = begin(i);
            assertThat(asked)
                    .hasSize(2)
                    .allMatch(probe -> probe.key().equals(asked.getFirst().key()));
            assertThat(asked).allMatch(probe -> probe.seed() == asked.getFirst().seed());
            compared.add(asked.getFirst().key());
            asked.forEach(probe -> answer(probe, RIGHT));
        }
        assertThat(compared).containsExactlyInAnyOrderElementsOf(units());
        assertThat(state.sameness().scrubsAgreed()).isEqualTo(TestRules.MODEL.unitCount());
        assertThat(state.sameness().scrubsDisagreed()).isZero();
    }

    @Test
    void shouldLetGoOfTheCopyThatWasOutvoted() {
        steady(3);
        final List<PlacementEffect.Probe> asked = begin(5);
        assertThat(asked).hasSize(3);
        final ExpertKey key = asked.getFirst().key();
        final int wrong = state.digests().of(key).nodeId(); // even the first may be wrong

        asked.forEach(probe -> answer(probe, probe.nodeId() == wrong ? WRONG : RIGHT));

        assertThat(state.placement().nodesOf(key)).hasSize(2).doesNotContain(wrong);
        assertThat(notes(Kind.REPLICAS_DISAGREE))
                .singleElement()
                .asString()
                .contains(key.toString(), "outvoted", "[" + wrong + "]", RIGHT, WRONG);
        assertThat(state.sameness().scrubsDisagreed()).isEqualTo(1);
        assertThat(state.sameness().unitsDiffering()).isEqualTo(1);
    }

    @Test
    void shouldLoadTwoThatDisagreeAnewOneAfterTheOtherAndNeverBeWithoutOne() {
        steady(2);
        final List<PlacementEffect.Probe> asked = begin(5);
        final ExpertKey key = asked.getFirst().key();
        final int first = state.digests().of(key).nodeId();
        final int second = asked.getFirst().nodeId() == first
                ? asked.getLast().nodeId()
                : asked.getFirst().nodeId();
        asked.forEach(probe -> answer(probe, probe.nodeId() == first ? WRONG : RIGHT));
        assertThat(state.placement().nodesOf(key)).contains(first).doesNotContain(second);

        final List<PlacementEffect.Probe> again = reloadedAndComparedAgain(key);
        again.forEach(probe -> answer(probe, probe.nodeId() == first ? WRONG : RIGHT));
        assertThat(state.placement().nodesOf(key)).isNotEmpty();
        assertThat(state.residentOn(first)).as("the other is let go now").doesNotContain(key);

        reloadedAndComparedAgain(key).forEach(probe -> answer(probe, RIGHT));
        assertThat(state.sameness().scrubsDisagreed()).isEqualTo(2);
        assertThat(begin(9).getFirst().key())
                .as("what agrees again waits for its turn")
                .isNotEqualTo(key);
    }

    @Test
    void shouldNotTrustACopyAgainBeforeItWasLoadedAnew() {
        steady(2);
        final List<PlacementEffect.Probe> asked = begin(5);
        final ExpertKey key = asked.getFirst().key();
        final int first = state.digests().of(key).nodeId();
        asked.forEach(probe -> answer(probe, probe.nodeId() == first ? RIGHT : WRONG));
        for (final int nodeId : List.copyOf(state.nodes().keySet())) {
            on(new PlacementEvent.NodeHeard(
                    nodeId,
                    incarnation(nodeId),
                    Held.units(state.nodes().get(nodeId).units().held().keySet())));
        }
        on(new PlacementEvent.Tick());

        assertThat(state.placement().nodesOf(key)).contains(first);
        assertThat(state.sameness().unitsDiffering()).isEqualTo(1);
    }

    @Test
    void shouldSkipAComparisonWithoutAllAnswers() {
        steady(2);
        final List<PlacementEffect.Probe> busy = begin(1);
        on(new CoordinatorCommand.UnitProbed(
                busy.getFirst().nodeId(),
                incarnation(busy.getFirst().nodeId()),
                busy.getFirst().probeId(),
                busy.getFirst().key(),
                "",
                "busy"));
        assertThat(state.sameness().scrubsSkipped()).isEqualTo(1);
        answer(busy.getLast(), WRONG);

        final List<PlacementEffect.Probe> lost = begin(2);
        answer(lost.getFirst(), RIGHT);
        hearAllButAfter(-1, 1_000);
        assertThat(begin(3)).as("one at a time").isEmpty();
        hearAllButAfter(-1, 1_500);
        answer(lost.getLast(), WRONG);
        assertThat(state.sameness().scrubsSkipped()).isEqualTo(2);
        assertThat(state.sameness().scrubsDisagreed()).isZero();
        assertThat(begin(4)).hasSize(2);
    }

    @Test
    void shouldHaveNothingToCompareWhereUnitsAreOnOneNode() {
        steady(1);

        assertThat(begin(1)).isEmpty();
        assertThat(state.sameness().scrubsSkipped()).isZero();
    }

    private List<PlacementEffect.Probe> reloadedAndComparedAgain(final ExpertKey key) {
        acknowledge();
        unloadAll();
        hearAllButAfter(-1, 3_000);
        loadAll();
        acknowledge();
        hearAllButAfter(-1, 3_000);
        acknowledge();
        final List<PlacementEffect.Probe> asked = begin(6);
        assertThat(asked).hasSize(2).allMatch(probe -> probe.key().equals(key));
        return asked;
    }

    private List<PlacementEffect.Probe> begin(final long seed) {
        effects.clear();
        on(new PlacementEvent.ScrubDue(seed));
        return effects(PlacementEffect.Probe.class);
    }

    private void answer(final PlacementEffect.Probe probe, final String sha256) {
        on(new CoordinatorCommand.UnitProbed(
                probe.nodeId(), incarnation(probe.nodeId()), probe.probeId(), probe.key(), sha256, ""));
    }

    private static String answer(final int number) {
        return String.format(Locale.ROOT, "%064x", number);
    }

    private void steady(final int replicas) {
        machine = new PlacementMachine(TestRules.placement(NODES, 1, replicas));
        state = machine.initial(nowNs);
        registerRouter();
        join(NODES, MEMORY);
        loadAll();
        acknowledge();
        assertThat(state.unitsShortOfReplicas()).isEmpty();
    }
}
