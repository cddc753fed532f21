package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * When units of doubtful nodes are loaded elsewhere, and what becomes of wishes meanwhile. Four nodes, one copy of 2 x
 * 5 units.
 */
class RescueTest extends DrivenMachine {
    private static final int NODES = 4;
    private static final Set<Integer> ALL = Set.of(0, 1, 2, 3);
    private static final ExpertKey KEY = new ExpertKey(1, 2);
    private static final int HOME = 2;

    RescueTest() {
        super(TestRules.placement(NODES, 1, 1));
    }

    @BeforeEach
    void steady() {
        registerRouter();
        for (int nodeId = 0; nodeId < NODES; nodeId++) {
            on(new PlacementEvent.NodeRegistered(hello(nodeId, 100 + nodeId, 1_000, List.of())));
        }
        settle();
        assertThat(state.phase()).isEqualTo(Phase.STEADY);
        assertThat(listed()).containsExactly(HOME);
        effects.clear();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldKeepAMoveThatWasWishedInTheMidstOfARescue(final boolean fromTheDoubtfulNode) {
        final int standIn = rescue();
        assertThat(listed()).as("rescued").hasSize(2).contains(HOME);
        final int to = unlisted();

        on(new OperatorRequest.Move(KEY, fromTheDoubtfulNode ? HOME : standIn, to, "test"));
        assertThat(effects(PlacementEffect.Answer.class)).allMatch(PlacementEffect.Answer::accepted);
        on(new PlacementEvent.Tick());
        assertThat(target()).as("not undone").contains(to);
        assertThat(listed()).as("served meanwhile").contains(standIn);
        settle();

        assertThat(listed()).containsExactly(to);
        pass(6_000, ALL);
        settle();
        assertThat(listed()).as("the silent node is back").containsExactly(to);
        assertThat(state.phase()).isEqualTo(Phase.STEADY);
    }

    @Test
    void shouldKeepTheRescuedCopyUntilTheWishedOneIsThereAlsoWhenTheDoubtfulNodeIsRemoved() {
        final int standIn = rescue();
        final int to = unlisted();
        on(new OperatorRequest.Move(KEY, HOME, to, "test"));

        on(new PlacementEvent.NodeGone(HOME, 100 + HOME, "unreachable"));
        assertThat(listed()).containsExactly(standIn);
        settle();

        assertThat(listed()).containsExactly(to);
    }

    @Test
    void shouldSayWhyAWishInARescueIsGivenUp() {
        rescue();
        final int to = unlisted();
        on(new OperatorRequest.Move(KEY, HOME, to, "test"));
        effects.clear();

        on(new PlacementEvent.NodeGone(to, 100 + to, "killed"));
        pass(1_000, ALL);

        assertThat(notes(ClusterEvent.Kind.TARGET))
                .singleElement()
                .asString()
                .contains(KEY.toString(), "doesn't go to nodes [" + to + "] as was wished");
    }

    @Test
    void shouldFollowARebalanceInARescueAndKeepTheStandInsUntilThen() {
        final List<List<Integer>> before = state.placement().nodesByUnit();
        final int standIn = rescue();
        final int to = unlisted();

        on(new PlacementEvent.Rebalance(with(before, List.of(to)), "test"));
        assertThat(effects(PlacementEffect.Answer.class)).allMatch(PlacementEffect.Answer::accepted);
        assertThat(listed()).as("served meanwhile").contains(standIn);
        settle();
        assertThat(listed()).contains(to);
        pass(6_000, ALL);
        settle();

        assertThat(state.placement().nodesByUnit())
                .as("the silent node is back")
                .isEqualTo(with(before, List.of(to)));
        assertThat(state.phase()).isEqualTo(Phase.STEADY);
    }

    @Test
    void shouldKeepTheStandInsWhenARebalanceTrustsTheSilentNode() {
        final List<List<Integer>> before = state.placement().nodesByUnit();
        rescue();
        final List<Integer> rescued = listed();

        on(new PlacementEvent.Rebalance(before, "test"));
        settle();
        pass(1_000, Set.of(0, 1, 3));
        settle();
        assertThat(listed()).as("it is still silent").hasSizeGreaterThan(1).containsAll(rescued);
        pass(6_000, ALL);
        settle();

        assertThat(state.placement().nodesByUnit()).isEqualTo(before);
    }

    private static List<List<Integer>> with(final List<List<Integer>> placement, final List<Integer> nodesOfKey) {
        final List<List<Integer>> changed = new ArrayList<>(placement);
        changed.set(KEY.unitIndex(TestRules.MODEL.expertsPerLayer()), nodesOfKey);
        return changed;
    }

    @Test
    void shouldWaitWhenAllNodesFallSilentAtOnceAndComeBackOneByOne() {
        pass(6_000, Set.of());
        assertThat(notes(ClusterEvent.Kind.RESCUE_WAITS))
                .singleElement()
                .asString()
                .contains("4 of 4 nodes", "rescue-wait");
        pass(500, Set.of(0));
        pass(500, Set.of(0, 1));
        pass(500, Set.of(0, 1, 2));
        pass(500, ALL);

        assertThat(notes(ClusterEvent.Kind.RESCUE_WAITS))
                .hasSize(2)
                .last()
                .asString()
                .contains("all nodes are heard of");
        pass(10_000, ALL);
        assertThat(effects(PlacementEffect.Load.class)).isEmpty();
        assertThat(notes(ClusterEvent.Kind.RESCUE)).isEmpty();
    }

    @Test
    void shouldLoadElsewhereWhatIsStillSilentAfterTheWait() {
        pass(7_000, Set.of(0));
        assertThat(effects(PlacementEffect.Load.class))
                .as("3 s of silence, 5 s of waiting")
                .isEmpty();
        pass(2_000, Set.of(0));

        assertThat(effects(PlacementEffect.Load.class)).isNotEmpty().allMatch(load -> load.nodeId() == 0);
        settle();
        assertThat(state.placement().nodesByUnit()).allMatch(nodes -> nodes.contains(0));
        assertThat(effects(PlacementEffect.Unload.class)).isEmpty();
    }

    @Test
    void shouldReplaceAtOnceWhatTheClusterRemovesWhileItWaits() {
        pass(4_000, Set.of(0));
        assertThat(notes(ClusterEvent.Kind.RESCUE_WAITS)).hasSize(1);
        IntStream.range(1, NODES)
                .forEach(nodeId -> on(new PlacementEvent.NodeGone(nodeId, 100 + nodeId, "removed from the cluster")));

        assertThat(effects(PlacementEffect.Load.class)).isNotEmpty().allMatch(load -> load.nodeId() == 0);
        settle();
        assertThat(state.unitsWithoutNode()).isEmpty();
    }

    @Test
    void shouldWaitWhenTheRoutersGetAnswersFromNobody() {
        for (int second = 0; second < 4; second++) {
            on(new CoordinatorCommand.UnitUnavailable(0, 5, state.placement().epoch(), units()));
            pass(1_000, ALL);
        }
        assertThat(notes(ClusterEvent.Kind.RESCUE_WAITS)).hasSize(1);
        pass(4_000, ALL);

        assertThat(notes(ClusterEvent.Kind.RESCUE_WAITS)).hasSize(2);
        assertThat(effects(PlacementEffect.Load.class)).isEmpty();
    }

    @Test
    void shouldBelieveTheRoutersWhenTheyGetNoAnswersForSoLong() {
        for (int second = 0; second < 5; second++) {
            on(new CoordinatorCommand.UnitUnavailable(0, 5, state.placement().epoch(), unitsBut(0)));
            pass(1_000, ALL);
        }
        on(new CoordinatorCommand.UnitUnavailable(0, 5, state.placement().epoch(), unitsBut(0)));

        assertThat(effects(PlacementEffect.Load.class)).isNotEmpty();
        assertThat(notes(ClusterEvent.Kind.RESCUE)).isNotEmpty();
    }

    private static List<ExpertKey> unitsBut(final int nodeId) {
        return units().stream().filter(key -> key.expert() % NODES != nodeId).toList();
    }

    /** The home of the key falls silent and its units are loaded elsewhere; returns who stands in for it. */
    private int rescue() {
        pass(4_000, Set.of(0, 1, 3));
        settle();
        return listed().stream().filter(node -> node != HOME).findFirst().orElseThrow();
    }

    /** Time passes; these nodes report, all others are silent. */
    private void pass(final long forMs, final Set<Integer> talking) {
        for (long ms = 0; ms < forMs; ms += 250) {
            nowNs += 250 * TestRules.MS;
            talking.forEach(nodeId ->
                    on(new PlacementEvent.NodeHeard(nodeId, 100 + nodeId, Held.units(state.residentOn(nodeId)))));
            on(new PlacementEvent.Tick());
        }
    }

    /** Everything that was asked for is done, at once. */
    private void settle() {
        for (int round = 0; round < 5; round++) {
            loadOnce();
            acknowledge();
            unloadAll();
            on(new PlacementEvent.Tick());
        }
    }

    private List<Integer> listed() {
        return state.placement().nodesOf(KEY);
    }

    private int unlisted() {
        return IntStream.range(0, NODES)
                .filter(node -> !listed().contains(node))
                .findFirst()
                .orElseThrow();
    }

    private List<Integer> target() {
        return state.targetNodesByUnit().get(KEY.unitIndex(TestRules.MODEL.expertsPerLayer()));
    }
}
