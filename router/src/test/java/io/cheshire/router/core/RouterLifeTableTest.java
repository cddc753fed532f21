package io.cheshire.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.RouterCommand;
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

/** The table in {@link RouterLife}'s comment, held against the code: each row happens, and nothing else does. */
class RouterLifeTableTest {
    private static final CommandFence FIRST = new CommandFence(1, 9);
    private static final RouterInput ACCEPTED = told(new RouterCommand.RouterAccepted(9));
    private static final RouterInput REFUSED = told(new RouterCommand.RouterRefused("another model", false));
    private static final RouterInput PUBLISHED = published(1, 9);
    private static final RouterInput APPLIED = new RouterInput.Applied(FIRST);
    private static final RouterInput LEAVE = new RouterInput.Leave("planned");
    private static final RouterInput GRANTED = told(new RouterCommand.LeaveGranted(2));
    private static final RouterInput EXPIRED = new RouterInput.LeaveExpired();

    /** Row without its last column → what happens before, and last what the row is about. */
    private static final Map<String, List<RouterInput>> SCENARIOS = new LinkedHashMap<>();

    static {
        row("JOINING | RouterAccepted | it has no placement yet", ACCEPTED);
        row("JOINING | RouterAccepted | it has a placement already", PUBLISHED, APPLIED, ACCEPTED);
        row("JOINING | RouterRefused | asking again can't help", REFUSED);
        row("JOINING | Leave | always", LEAVE);
        row("LOADING | Applied | always", ACCEPTED, PUBLISHED, APPLIED);
        row("LOADING | Leave | always", ACCEPTED, LEAVE);
        row("SERVING | Leave | always", ACCEPTED, PUBLISHED, APPLIED, LEAVE);
        row("DRAINING | LeaveGranted | always", ACCEPTED, LEAVE, GRANTED);
        row("DRAINING | LeaveExpired | always", ACCEPTED, LEAVE, EXPIRED);
    }

    private static void row(final String row, final RouterInput... inputs) {
        SCENARIOS.put(row, List.of(inputs));
    }

    /** Everything that may happen to a router, well or badly, in time or not. */
    private static final List<RouterInput> ALPHABET = List.of(
            ACCEPTED,
            REFUSED,
            told(new RouterCommand.RouterRefused("not now", true)),
            told(new RouterCommand.RegisterRouterAgain("new here")),
            PUBLISHED,
            published(1, 8),
            published(2, 9),
            told(new RouterCommand.ReportNow(3)),
            GRANTED,
            LEAVE,
            new RouterInput.RegisterDue(),
            new RouterInput.ReportDue(),
            EXPIRED,
            new RouterInput.Looked(new PlacementTarget.Unanswered(1, List.of(new ExpertKey(0, 0)))),
            new RouterInput.Looked(PlacementTarget.Unanswered.NONE),
            APPLIED,
            new RouterInput.Applied(new CommandFence(2, 9)),
            new RouterInput.ApplyFailed(FIRST, "no channel"));

    private static RouterInput told(final RouterCommand.FromCoordinator command) {
        return new RouterInput.Told(command);
    }

    private static RouterInput published(final long epoch, final long publisher) {
        return told(new RouterCommand.PlacementPublished(
                new Placement(epoch, 1, List.of(List.of(0))),
                List.of(new NodeEndpoint(0, 1, "aeron:ipc", 1)),
                publisher));
    }

    private static RouterLife life() {
        return new RouterLife(new RouterRules("cheshire", 4, 44, "f00d", "0".repeat(64), Duration.ofSeconds(30)));
    }

    @Test
    void shouldHaveAScenarioOfEveryRowAndNoOther() {
        assertThat(InputTable.of(RouterLife.class).stream().map(RouterLifeTableTest::withoutTo))
                .containsExactlyInAnyOrderElementsOf(SCENARIOS.keySet());
    }

    @TestFactory
    Stream<DynamicTest> shouldGoWhereTheCommentSays() {
        return InputTable.of(RouterLife.class).stream()
                .map(row -> DynamicTest.dynamicTest(row.toString(), () -> {
                    final List<RouterInput> inputs = SCENARIOS.get(withoutTo(row));
                    final RouterLife life = life();
                    inputs.subList(0, inputs.size() - 1).forEach(life::step);
                    assertThat(life.state()).hasToString(row.from());
                    assertThat(nameOf(inputs.getLast())).isEqualTo(row.input());

                    assertThat(statesOf(life.step(inputs.getLast()))).isEqualTo(row.to());
                }));
    }

    @Test
    void shouldGoNowhereElseWhateverHappens() {
        final Set<String> inComment = InputTable.of(RouterLife.class).stream()
                .map(row -> row.from() + " | " + row.input() + " | " + row.to())
                .collect(Collectors.toCollection(TreeSet::new));
        final Set<String> seen = new TreeSet<>();
        final Random random = new Random(20_261_129);
        for (int walk = 0; walk < 20_000; walk++) {
            final RouterLife life = life();
            for (int step = 0; step < 12; step++) {
                final RouterInput input = ALPHABET.get(random.nextInt(ALPHABET.size()));
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
        final Set<String> kinds = Stream.of(RouterInput.class, RouterCommand.FromCoordinator.class)
                .flatMap(type -> Stream.of(type.getPermittedSubclasses()))
                .filter(type -> type != RouterInput.Told.class)
                .map(Class::getSimpleName)
                .collect(Collectors.toSet());

        assertThat(ALPHABET.stream().map(RouterLifeTableTest::nameOf).collect(Collectors.toSet()))
                .isEqualTo(kinds);
    }

    @Test
    void shouldWantNothingOnceItIsStopped() {
        final RouterLife life = life();
        life.step(LEAVE);

        assertThat(ALPHABET).allSatisfy(input -> assertThat(life.step(input)).isEmpty());
    }

    private static String withoutTo(final InputTable.Row row) {
        return row.from() + " | " + row.input() + " | " + row.when();
    }

    private static String nameOf(final RouterInput input) {
        return (input instanceof RouterInput.Told(final var command) ? command : input)
                .getClass()
                .getSimpleName();
    }

    /** The states that it goes to, one after the other, each for a reason and from where it was. */
    private static String statesOf(final List<RouterEffect> effects) {
        return effects.stream()
                .filter(RouterEffect.Transition.class::isInstance)
                .map(RouterEffect.Transition.class::cast)
                .peek(transition -> assertThat(transition.reason()).isNotBlank())
                .map(transition -> transition.to().name())
                .collect(Collectors.joining(", "));
    }

    private static String lastOf(final String states) {
        return states.substring(states.lastIndexOf(' ') + 1);
    }
}
