package io.cheshire.coordinator.core;

import static io.cheshire.coordinator.core.PhaseCases.KEY;
import static io.cheshire.coordinator.core.PhaseCases.MACHINE;
import static io.cheshire.coordinator.core.PhaseCases.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.PlacementEvent;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The second table in the machine's comment: every (phase, event) pair of {@link PhaseCases}. */
class PlacementMachineTableTest {
    /** Event → phase before → phase after. */
    private static final Map<String, Map<Phase, Phase>> TABLE = new LinkedHashMap<>();

    static {
        MachineTables.rows(PlacementMachine.class, 1, 6).forEach(row -> {
            final Map<Phase, Phase> after = new EnumMap<>(Phase.class);
            final Phase[] columns = Phase.values();
            for (int column = 0; column < columns.length; column++) {
                after.put(columns[column], Phase.valueOf(row.get(1 + column)));
            }
            TABLE.put(row.getFirst(), after);
        });
    }

    @Test
    void shouldDecideEveryEvent() {
        assertThat(TABLE.keySet()).containsExactlyInAnyOrderElementsOf(PhaseCases.kinds());
    }

    @TestFactory
    Stream<DynamicTest> shouldGoWhereTheTableSays() {
        final Map<Phase, PlacementState> states = PhaseCases.states();
        final List<DynamicTest> tests = new ArrayList<>();
        TABLE.forEach((name, row) -> states.forEach((phase, state) ->
                tests.add(DynamicTest.dynamicTest(phase + " + " + name + " -> " + row.get(phase), () -> {
                    assertThat(state.phase()).isEqualTo(phase);
                    final PlacementState after = PhaseCases.step(state, PhaseCases.event(name, state));
                    assertThat(after.phase()).isEqualTo(row.get(phase));
                }))));
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> shouldIgnoreMembersOfAnotherIncarnation() {
        final Map<Phase, PlacementState> states = PhaseCases.states();
        final List<PlacementEvent> strangers = List.of(
                new PlacementEvent.NodeHeard(0, 999, List.of()),
                new CoordinatorCommand.NodeLeaving(0, 999, "planned"),
                new PlacementEvent.NodeGone(0, 999, "killed"),
                new CoordinatorCommand.UnitLoaded(0, 999, Held.unit(KEY)),
                new CoordinatorCommand.UnitLoadFailed(0, 999, KEY, "broken"),
                new CoordinatorCommand.UnitDiffers(0, 999, Held.other(KEY, 1)),
                new CoordinatorCommand.UnitProbed(0, 999, 1, KEY, Held.ROUTER, ""),
                new CoordinatorCommand.UnitUnloaded(0, 999, KEY),
                new CoordinatorCommand.EpochAcknowledged(0, 999, 1, 1),
                new CoordinatorCommand.UnitUnavailable(0, 999, 1, List.of(KEY)),
                new PlacementEvent.RouterHeard(0, 999),
                new PlacementEvent.RouterGone(0, 999, "killed"));
        return strangers.stream()
                .flatMap(event -> states.entrySet().stream()
                        .map(entry -> DynamicTest.dynamicTest(entry.getKey() + " + " + event, () -> {
                            final PlacementMachine.Step step = MACHINE.step(entry.getValue(), event, NOW);
                            assertThat(step.state()).isEqualTo(entry.getValue());
                            assertThat(step.effects()).isEmpty();
                        })));
    }
}
