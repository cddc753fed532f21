package io.cheshire.expertnode.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.testing.InputTable;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The table in {@link NodeLife}'s comment, held against the code: each row happens, and nothing else does. */
class NodeLifeTableTest {
    private static final ExpertKey A = new ExpertKey(0, 0);
    private static final ExpertKey B = new ExpertKey(0, 1);
    private static final NodeInput ACCEPTED = told(new ExpertNodeCommand.NodeAccepted(9, 0));
    private static final NodeInput REFUSED = told(new ExpertNodeCommand.NodeRefused("another model", false));
    private static final NodeInput LOAD_A = load(A);
    private static final NodeInput LOADED_A = new NodeInput.Loaded(unit(A));
    private static final NodeInput LOAD_FAILED = new NodeInput.LoadFailed(B, "no such file");
    private static final NodeInput LEAVE = new NodeInput.Leave("planned");
    private static final NodeInput GRANTED = told(new ExpertNodeCommand.LeaveGranted(2));
    private static final NodeInput EXPIRED = new NodeInput.LeaveExpired();
    private static final NodeInput DRAINED = new NodeInput.Drained();
    private static final NodeInput DRAIN_FAILED = new NodeInput.DrainFailed("no device");

    /** Row without its last column → what happens before, and last what the row is about. */
    private static final Map<String, List<NodeInput>> SCENARIOS = new LinkedHashMap<>();

    static {
        row("JOINING | NodeAccepted | it holds no unit, or one is being loaded", ACCEPTED);
        row("JOINING | NodeAccepted | it holds units already, and none is being loaded", LOAD_A, LOADED_A, ACCEPTED);
        row("JOINING | NodeRefused | asking again can't help", REFUSED);
        row("JOINING | Leave | always", LEAVE);
        row("LOADING | Loaded | it was the last load, and a unit is held", ACCEPTED, LOAD_A, LOADED_A);
        row(
                "LOADING | LoadFailed | it was the last load, and a unit is held",
                ACCEPTED,
                load(A, B),
                LOADED_A,
                LOAD_FAILED);
        row("LOADING | Leave | always", ACCEPTED, LEAVE);
        row("SERVING | Leave | always", ACCEPTED, LOAD_A, LOADED_A, LEAVE);
        row("DRAINING | Drained | it was told to drain", ACCEPTED, LEAVE, GRANTED, DRAINED);
        row("DRAINING | DrainFailed | it was told to drain", ACCEPTED, LEAVE, EXPIRED, DRAIN_FAILED);
        row("DRAINING | LeaveExpired | it was told to drain", ACCEPTED, LEAVE, GRANTED, EXPIRED);
    }

    private static void row(final String row, final NodeInput... inputs) {
        SCENARIOS.put(row, List.of(inputs));
    }

    /** Everything that may happen to a node of two units, well or badly, in time or not. */
    private static final List<NodeInput> ALPHABET = List.of(
            ACCEPTED,
            REFUSED,
            told(new ExpertNodeCommand.NodeRefused("not now", true)),
            told(new ExpertNodeCommand.RegisterNodeAgain("new here")),
            LOAD_A,
            load(A, B),
            told(new ExpertNodeCommand.LoadUnits(1, 9, List.of(B), List.of(new HeldUnit(B, "f".repeat(64))))),
            told(new ExpertNodeCommand.LoadUnits(0, 8, List.of(A), List.of())),
            told(new ExpertNodeCommand.UnloadUnits(1, 9, List.of(A, B))),
            told(new ExpertNodeCommand.ProbeUnit(1, A, 7)),
            told(new ExpertNodeCommand.ReportNow(3)),
            told(new ExpertNodeCommand.Steady(9, 1, "")),
            told(new ExpertNodeCommand.Steady(8, 1, "units are being freed")),
            GRANTED,
            LEAVE,
            new NodeInput.RegisterDue(),
            new NodeInput.ReportDue(),
            EXPIRED,
            LOADED_A,
            new NodeInput.Loaded(unit(B)),
            new NodeInput.LoadFailed(A, "no such file"),
            LOAD_FAILED,
            new NodeInput.Unloaded(A),
            new NodeInput.UnloadFailed(A, "busy"),
            new NodeInput.Probed(1, A, "", "busy"),
            DRAINED,
            DRAIN_FAILED);

    private static NodeInput told(final ExpertNodeCommand.FromCoordinator command) {
        return new NodeInput.Told(command);
    }

    private static NodeInput load(final ExpertKey... keys) {
        return told(new ExpertNodeCommand.LoadUnits(1, 9, List.of(keys), List.of()));
    }

    private static HeldUnit unit(final ExpertKey key) {
        return new HeldUnit(key, "0".repeat(64));
    }

    private static NodeLife life() {
        return new NodeLife(new NodeRules(
                "cheshire",
                new NodeEndpoint(3, 33, "aeron:ipc", 1003),
                "f00d",
                1_000_000,
                1_000,
                1,
                Duration.ofSeconds(30),
                ""));
    }

    @Test
    void shouldHaveAScenarioOfEveryRowAndNoOther() {
        assertThat(InputTable.of(NodeLife.class).stream().map(NodeLifeTableTest::withoutTo))
                .containsExactlyInAnyOrderElementsOf(SCENARIOS.keySet());
    }

    @TestFactory
    Stream<DynamicTest> shouldGoWhereTheCommentSays() {
        return InputTable.of(NodeLife.class).stream()
                .map(row -> DynamicTest.dynamicTest(row.toString(), () -> {
                    final List<NodeInput> inputs = SCENARIOS.get(withoutTo(row));
                    final NodeLife life = life();
                    inputs.subList(0, inputs.size() - 1).forEach(life::step);
                    assertThat(life.state()).hasToString(row.from());
                    assertThat(nameOf(inputs.getLast())).isEqualTo(row.input());

                    assertThat(statesOf(life.step(inputs.getLast()))).isEqualTo(row.to());
                }));
    }

    @Test
    void shouldGoNowhereElseWhateverHappens() {
        final Set<String> inComment = InputTable.of(NodeLife.class).stream()
                .map(row -> row.from() + " | " + row.input() + " | " + row.to())
                .collect(Collectors.toCollection(TreeSet::new));
        final Set<String> seen = new TreeSet<>();
        final Random random = new Random(20_261_129);
        for (int walk = 0; walk < 20_000; walk++) {
            final NodeLife life = life();
            for (int step = 0; step < 12; step++) {
                final NodeInput input = ALPHABET.get(random.nextInt(ALPHABET.size()));
                final NodeState before = life.state();
                final String to = statesOf(life.step(input));
                if (!to.isEmpty()) {
                    seen.add(before + " | " + nameOf(input) + " | " + to);
                }
                assertThat(life.state().name()).isEqualTo(to.isEmpty() ? before.name() : lastOf(to));
            }
        }

        assertThat(seen).isEqualTo(inComment);
    }

    @Test
    void shouldTryEveryKindOfInput() {
        final Set<String> kinds = Stream.of(NodeInput.class, ExpertNodeCommand.FromCoordinator.class)
                .flatMap(type -> Stream.of(type.getPermittedSubclasses()))
                .filter(type -> type != NodeInput.Told.class)
                .map(Class::getSimpleName)
                .collect(Collectors.toSet());

        assertThat(ALPHABET.stream().map(NodeLifeTableTest::nameOf).collect(Collectors.toSet()))
                .isEqualTo(kinds);
    }

    @Test
    void shouldWantNothingOnceItIsStopped() {
        final NodeLife life = life();
        life.step(LEAVE);

        assertThat(ALPHABET).allSatisfy(input -> assertThat(life.step(input)).isEmpty());
    }

    private static String withoutTo(final InputTable.Row row) {
        return row.from() + " | " + row.input() + " | " + row.when();
    }

    private static String nameOf(final NodeInput input) {
        return (input instanceof NodeInput.Told(final var command) ? command : input)
                .getClass()
                .getSimpleName();
    }

    /** The states that it goes to, one after the other, each for a reason and from where it was. */
    private static String statesOf(final List<NodeEffect> effects) {
        return effects.stream()
                .filter(NodeEffect.Transition.class::isInstance)
                .map(NodeEffect.Transition.class::cast)
                .peek(transition -> assertThat(transition.reason()).isNotBlank())
                .map(transition -> transition.to().name())
                .collect(Collectors.joining(", "));
    }

    private static String lastOf(final String states) {
        return states.substring(states.lastIndexOf(' ') + 1);
    }
}
