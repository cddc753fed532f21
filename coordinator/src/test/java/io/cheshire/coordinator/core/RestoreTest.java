package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.model.protocol.ExpertKey;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Units that lost one of their two nodes wait for it, since a process that is started again is soon back. Four nodes, 2
 * x 5 units.
 */
class RestoreTest extends DrivenMachine {
    private static final long WAIT_MS = 10_000;
    private static final int NODES = 4;

    RestoreTest() {
        super(TestRules.placement(NODES, 1, 2, WAIT_MS * TestRules.MS));
        registerRouter();
        join(NODES, 1_000);
        loadAll();
        acknowledge();
        effects.clear();
    }

    @Test
    void shouldLoadUnitsElsewhereOnlyOnceTheirNodeHasHadTimeToComeBack() {
        lose(2, 102);
        assertThat(state.placement().nodesByUnit())
                .as("routers know at once")
                .noneMatch(nodes -> nodes.contains(2))
                .noneMatch(List::isEmpty);
        acknowledge();
        hearAll(WAIT_MS - 1);
        assertThat(effects(PlacementEffect.Load.class)).isEmpty();

        hearAll(1);

        assertThat(effects(PlacementEffect.Load.class)).isNotEmpty();
        loadAll();
        assertThat(state.unitsShortOfReplicas()).isEmpty();
        assertThat(notes(ClusterEvent.Kind.NODE_GONE))
                .containsExactly(
                        "node 2 is gone: killed; units that are on other nodes too wait " + WAIT_MS + " ms for it");
    }

    @Test
    void shouldGiveANodeThatIsBackWhatItHeldAndTakeNothingFromOthers() {
        final Set<ExpertKey> held = Set.copyOf(state.residentOn(2));
        lose(2, 102);
        acknowledge();
        hearAll(2_000);

        on(new PlacementEvent.NodeRegistered(hello(2, 202, 1_000, List.of())));

        assertThat(loads()).as("all loads").isEqualTo(held);
        assertThat(effects(PlacementEffect.Load.class)).allMatch(load -> load.nodeId() == 2);
        loadAll();
        acknowledge();
        assertThat(state.unitsShortOfReplicas()).isEmpty();
        assertThat(effects(PlacementEffect.Unload.class)).isEmpty();
        hearAll(WAIT_MS);
        assertThat(loads()).as("still all").isEqualTo(held);
    }

    @Test
    void shouldLoadAtOnceWhatIsOnNoNodeAnyMore() {
        lose(1, 101);
        assertThat(loads()).isEmpty();
        lose(2, 102);

        final Set<ExpertKey> lonely = Set.copyOf(state.unitsWithoutNode());
        assertThat(lonely).isNotEmpty();
        assertThat(loads()).isEqualTo(lonely);
    }

    @Test
    void shouldNotWaitForANodeThatWasNotHeardOfForLong() {
        for (int step = 0; step < 2; step++) {
            hearAllButAfter(2, WAIT_MS / 4);
        }
        final long leftMs = WAIT_MS - 2 * (WAIT_MS / 4);
        lose(2, 102);
        hearAll(leftMs - 1);
        assertThat(loads()).isEmpty();

        hearAll(1);

        assertThat(loads()).isNotEmpty();
    }

    @Test
    void shouldNotMakeUnitsWaitLongerBecauseOtherNodesAreLostAgainAndAgain() {
        lose(2, 102);
        for (int again = 0; again < 4; again++) {
            hearAll(WAIT_MS / 4 - 1);
            lose(0, 100 + 1000L * again);
            on(new PlacementEvent.NodeRegistered(hello(0, 1100 + 1000L * again, 1_000, List.of())));
            loadAll();
            acknowledge();
        }
        assertThat(state.placement().nodesByUnit()).noneMatch(List::isEmpty);

        hearAll(4);
        loadAll();

        assertThat(state.unitsShortOfReplicas()).isEmpty();
    }

    @Test
    void shouldNotWaitForANodeThatLeftInOrder() {
        on(new CoordinatorCommand.NodeLeaving(2, 102, "maintenance"));
        loadAll();
        acknowledge();
        on(new PlacementEvent.NodeGone(2, 102, "it left"));
        effects.clear();

        lose(1, 101);
        hearAll(WAIT_MS - 1);
        assertThat(loads()).as("a later loss has its own time").isEmpty();
        hearAll(1);
        assertThat(loads()).isNotEmpty();
    }

    private void lose(final int nodeId, final long incarnation) {
        on(new PlacementEvent.NodeGone(nodeId, incarnation, "killed"));
    }

    private void hearAll(final long afterMs) {
        hearAllButAfter(-1, afterMs);
    }

    private Set<ExpertKey> loads() {
        return effects(PlacementEffect.Load.class).stream()
                .flatMap(load -> load.keys().stream())
                .collect(Collectors.toSet());
    }
}
