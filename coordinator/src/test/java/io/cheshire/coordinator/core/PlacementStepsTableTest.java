package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.model.protocol.ExpertKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The first table in the machine's comment, held against the code: each row happens, in the words of the row. */
class PlacementStepsTableTest {
    private static final List<ExpertKey> UNITS = DrivenMachine.units();

    /** Row → what leads to it; the last event is the one that makes the step. */
    private static final Map<String, Consumer<Walk>> SCENARIOS = new LinkedHashMap<>();

    static {
        row(
                "FORMING -> PREPARING: the awaited nodes are there or time is over, and units are to be loaded",
                walk -> walk.from(Phase.FORMING).on(new PlacementEvent.NodeRegistered(PhaseCases.hello(1))));
        row("FORMING -> PUBLISHING: the same, nothing is to be loaded, and there are routers", walk -> {
            walk.on(walk.event("RouterRegistered"));
            walk.on(new PlacementEvent.NodeRegistered(holding(0)));
        });
        row(
                "FORMING -> STEADY: the same, nothing is to be loaded, and there is no router",
                walk -> walk.on(new PlacementEvent.NodeRegistered(holding(0))));
        row(
                "PREPARING -> PUBLISHING: every load ended (loaded, failed, timed out, node gone), and the "
                        + "placement changed",
                walk -> walk.from(Phase.PREPARING).loadAll());
        row("PREPARING -> RELEASING: the same, it didn't change, and units are to be freed", walk -> {
            walk.from(Phase.STEADY).move(0, 1);
            walk.move(1, 0);
            walk.loadAll();
        });
        row("PREPARING -> STEADY: the same, and nothing is to be freed", walk -> {
            walk.from(Phase.STEADY).move(0, 1);
            walk.on(new CoordinatorCommand.UnitLoadFailed(1, 101, PhaseCases.KEY, "broken"));
        });
        row(
                "PUBLISHING -> RELEASING: every live router acknowledged the epoch, and units are to be freed",
                walk -> walk.from(Phase.PUBLISHING).on("EpochAcknowledged"));
        row("PUBLISHING -> STEADY: the same, and nothing is to be freed", walk -> {
            walk.from(Phase.FORMING).on(new PlacementEvent.NodeRegistered(PhaseCases.hello(1)));
            walk.loadAll();
            walk.on("EpochAcknowledged");
        });
        row(
                "PUBLISHING -> PREPARING: the target changes, or a load is due again",
                walk -> walk.from(Phase.PUBLISHING).on("NodeGone"));
        row("PUBLISHING -> FORMING: no node is left and one registers", walk -> {
            walk.from(Phase.PUBLISHING).loseAllNodes();
            walk.on("NodeRegistered");
        });
        row(
                "RELEASING -> STEADY: every unit is freed or its node is gone",
                walk -> walk.from(Phase.RELEASING).unloadAll());
        row(
                "RELEASING -> PREPARING: the same, and room was awaited; or the target changes",
                walk -> walk.from(Phase.RELEASING).on("NodeGone"));
        row(
                "RELEASING -> PUBLISHING: a listed node is lost, a router joins, or another coordinator's "
                        + "epoch is seen",
                walk -> walk.from(Phase.RELEASING).on("RouterRegistered"));
        row(
                "STEADY -> PREPARING: the target changes, or a load is due again",
                walk -> walk.from(Phase.STEADY).move(0, 1));
        row(
                "STEADY -> PUBLISHING: the placement can follow the target without a load; or as in RELEASING",
                walk -> walk.from(Phase.STEADY).on("EpochSeen"));
        row(
                "STEADY -> RELEASING: units that nobody needs are held",
                walk -> walk.from(Phase.STEADY).on(new PlacementEvent.NodeHeard(0, 100, Held.units(UNITS))));
        row("STEADY -> FORMING: no node is left and one registers", walk -> {
            walk.from(Phase.STEADY).loseAllNodes();
            walk.on("EpochAcknowledged");
            walk.on("NodeRegistered");
        });
    }

    private static void row(final String row, final Consumer<Walk> scenario) {
        SCENARIOS.put(row, scenario);
    }

    private static NodeHello holding(final int nodeId) {
        return DrivenMachine.hello(nodeId, 100 + nodeId, 1_000, UNITS);
    }

    /** A machine's state, and its phase before the last event. */
    private static final class Walk {
        private PlacementState state = PhaseCases.MACHINE.initial(0);
        private Phase before = Phase.FORMING;

        private Walk from(final Phase phase) {
            state = PhaseCases.states().get(phase);
            return this;
        }

        private void on(final PlacementEvent event) {
            before = state.phase();
            state = PhaseCases.step(state, event);
        }

        private PlacementEvent event(final String kind) {
            return PhaseCases.event(kind, state);
        }

        private void on(final String kind) {
            on(event(kind));
        }

        private void move(final int from, final int to) {
            on(new OperatorRequest.Move(PhaseCases.KEY, from, to, "test"));
        }

        private void loadAll() {
            for (final int nodeId : state.nodes().keySet()) {
                for (final ExpertKey key : state.loadingOn(nodeId)) {
                    on(new CoordinatorCommand.UnitLoaded(nodeId, 100 + nodeId, Held.unit(key)));
                }
            }
        }

        private void unloadAll() {
            state.nodes()
                    .forEach((nodeId, node) -> node.unloading()
                            .keySet()
                            .forEach(key -> on(new CoordinatorCommand.UnitUnloaded(nodeId, 100 + nodeId, key))));
        }

        private void loseAllNodes() {
            state.nodes().keySet().forEach(nodeId -> on(new PlacementEvent.NodeGone(nodeId, 100 + nodeId, "killed")));
        }
    }

    private record Row(Phase from, Phase to, String when) {
        @Override
        public String toString() {
            return from + " -> " + to + ": " + when;
        }
    }

    private static List<Row> rows() {
        return MachineTables.rows(PlacementMachine.class, 0, 3).stream()
                .map(cells -> new Row(Phase.valueOf(cells.get(0)), Phase.valueOf(cells.get(1)), cells.get(2)))
                .toList();
    }

    @Test
    void shouldHaveAScenarioOfEveryRowAndNoOther() {
        assertThat(rows().stream().map(Row::toString)).containsExactlyElementsOf(SCENARIOS.keySet());
    }

    @TestFactory
    Stream<DynamicTest> shouldTakeTheStepsThatTheCommentLists() {
        return rows().stream()
                .map(row -> DynamicTest.dynamicTest(row.toString(), () -> {
                    final Walk walk = new Walk();
                    SCENARIOS.get(row.toString()).accept(walk);
                    assertThat(walk.before).as("phase before the step").isEqualTo(row.from());
                    assertThat(walk.state.phase()).as("phase after it").isEqualTo(row.to());
                }));
    }
}
