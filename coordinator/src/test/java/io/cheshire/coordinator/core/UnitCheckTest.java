package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Copies of a unit are used together only if their bytes are alike. Three nodes with room for all, replicas 2, 2 x 5
 * units.
 */
class UnitCheckTest extends DrivenMachine {
    private static final int NODES = 3;
    private static final long MEMORY = 1_000;
    private static final ExpertKey KEY = new ExpertKey(0, 0);

    UnitCheckTest() {
        super(TestRules.placement(NODES, 1, 2));
    }

    @Test
    void shouldNeverListACopyWhoseBytesDifferFromTheFirstHolders() {
        final int second = startAndReadOtherBytes();

        assertThat(state.placement().nodesOf(KEY)).containsExactly(0);
        assertThat(state.residentOn(second)).doesNotContain(KEY);
        assertThat(state.sameness().unitsDiffering()).isEqualTo(1);
        assertThat(state.sameness().unitsRefused()).isEqualTo(1);
        assertThat(notes(Kind.UNIT_DIFFERS))
                .singleElement()
                .asString()
                .contains(
                        "node " + second,
                        "node 0",
                        KEY.toString(),
                        Held.unit(KEY).sha256(),
                        Held.other(KEY, 7).sha256(),
                        "sha256sum");
    }

    @Test
    void shouldGiveTheUnitToAnotherNodeAndFreeTheCopyThatDiffers() {
        final int second = startAndReadOtherBytes();
        final int third = 3 - second;

        loadAll();
        acknowledge();

        assertThat(state.placement().nodesOf(KEY)).containsExactlyInAnyOrder(0, third);
        assertThat(effects(PlacementEffect.Unload.class)).anySatisfy(unload -> {
            assertThat(unload.nodeId()).isEqualTo(second);
            assertThat(unload.keys()).contains(KEY);
        });
        on(new CoordinatorCommand.UnitUnloaded(second, incarnation(second), KEY));
        assertThat(state.sameness().unitsDiffering()).isZero();
    }

    @Test
    void shouldTellANodeWhatAUnitMustBeAndTakeItsWordThatItReadSomethingElse() {
        registerRouter();
        join(NODES, MEMORY);
        loadHomes();
        acknowledge();
        final int second = state.loadingOn(1).contains(KEY) ? 1 : 2;
        assertThat(effects(PlacementEffect.Load.class))
                .filteredOn(load -> load.nodeId() == second && load.keys().contains(KEY))
                .isNotEmpty()
                .allSatisfy(load -> assertThat(load.known()).contains(Held.unit(KEY)));

        on(new CoordinatorCommand.UnitDiffers(second, incarnation(second), Held.other(KEY, 7)));

        assertThat(notes(Kind.UNIT_DIFFERS)).singleElement().asString().contains("node " + second, "node 0");
        assertThat(state.loadingOn(second)).doesNotContain(KEY);
        assertThat(state.sameness().unitsRefused()).isEqualTo(1);
        loadAll();
        assertThat(state.placement().nodesOf(KEY)).containsExactlyInAnyOrder(0, 3 - second);
    }

    @Test
    void shouldSayItOnceHoweverOftenTheNodeReports() {
        final int second = startAndReadOtherBytes();
        final List<HeldUnit> reported = new ArrayList<>();
        for (final ExpertKey key : state.nodes().get(second).units().held().keySet()) {
            reported.add(key.equals(KEY) ? Held.other(KEY, 7) : Held.unit(key));
        }

        for (int i = 0; i < 5; i++) {
            on(new PlacementEvent.NodeHeard(second, incarnation(second), reported));
            on(new CoordinatorCommand.UnitLoaded(second, incarnation(second), Held.other(KEY, 7)));
        }

        assertThat(notes(Kind.UNIT_DIFFERS)).hasSize(1);
        assertThat(state.placement().nodesOf(KEY)).doesNotContain(second);
    }

    @Test
    void shouldGoByTheFirstBytesAlsoWhenTheirHolderIsLost() {
        registerRouter();
        join(NODES, MEMORY);
        loadHomes();
        on(new PlacementEvent.NodeGone(0, 100, "killed"));

        for (int round = 0; round < 20; round++) {
            loadAs(1, key -> key.equals(KEY) ? Held.other(KEY, 1) : Held.unit(key));
            loadAs(2, key -> key.equals(KEY) ? Held.other(KEY, 1) : Held.unit(key));
            nowNs += 1_000 * TestRules.MS;
            acknowledge();
            unloadAll();
            on(new PlacementEvent.Tick());
            assertThat(state.placement().nodesOf(KEY)).as("round %d", round).isEmpty();
        }
        on(new PlacementEvent.NodeRegistered(hello(0, 200, MEMORY, List.of(KEY))));
        assertThat(state.placement().nodesOf(KEY)).containsExactly(0);
    }

    @Test
    void shouldUseACopyThatWasReadAnewAndIsRight() {
        final int second = startAndReadOtherBytes();
        loadAll();
        acknowledge();
        unloadAll();
        on(new PlacementEvent.NodeGone(3 - second, incarnation(3 - second), "killed"));
        nowNs += 60_000 * TestRules.MS;
        on(new PlacementEvent.NodeHeard(0, 100, Held.units(state.residentOn(0))));
        on(new PlacementEvent.NodeHeard(second, incarnation(second), Held.units(state.residentOn(second))));
        on(new PlacementEvent.Tick());
        loadAll();

        assertThat(state.placement().nodesOf(KEY)).containsExactlyInAnyOrder(0, second);
    }

    @Test
    void shouldIgnoreWhatDiffersOfANodeThatJoinsWithIt() {
        registerRouter();
        join(2, MEMORY);
        on(new PlacementEvent.NodeRegistered(hello(2, 102, MEMORY, List.of())));
        loadHomes();
        loadAll();
        acknowledge();

        on(new PlacementEvent.NodeRegistered(
                helloOf(7, List.of(Held.other(KEY, 3), Held.unit(new ExpertKey(0, 1))), 0)));

        assertThat(state.residentOn(7)).containsExactly(new ExpertKey(0, 1));
        assertThat(state.placement().nodesOf(KEY)).doesNotContain(7);
        assertThat(notes(Kind.UNIT_DIFFERS)).singleElement().asString().contains("node 7");
    }

    @Test
    void shouldResolveWhatItsPredecessorsNodesHoldAlikeInWhateverOrderTheyCome() {
        final SortedMap<Integer, List<HeldUnit>> held = new TreeMap<>();
        held.put(0, List.of(Held.other(KEY, 1)));
        held.put(1, List.of(Held.unit(KEY)));
        held.put(2, List.of(Held.unit(KEY), Held.other(new ExpertKey(0, 1), 9)));
        held.put(3, List.of(Held.other(new ExpertKey(0, 1), 8)));
        final List<Integer> order = new ArrayList<>(held.keySet());
        for (int seed = 0; seed < 24; seed++) {
            Collections.shuffle(order, new Random(seed));
            machine = new PlacementMachine(TestRules.placement(4, 1, 2));
            state = machine.initial(nowNs);
            effects.clear();
            order.forEach(nodeId ->
                    on(new PlacementEvent.NodeRegistered(helloOf(nodeId, held.get(nodeId), Epochs.of(40, 777)))));

            assertThat(state.phase()).isNotEqualTo(Phase.FORMING);
            assertThat(state.placement().nodesOf(KEY))
                    .as("most, order %s", order)
                    .doesNotContain(0)
                    .contains(1, 2);
            assertThat(state.placement().nodesOf(new ExpertKey(0, 1)))
                    .as("least id, order %s", order)
                    .contains(2)
                    .doesNotContain(3);
            assertThat(notes(Kind.UNIT_DIFFERS).stream().filter(note -> note.startsWith("node 0 ")))
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(notes(Kind.UNIT_DIFFERS)).anyMatch(note -> note.startsWith("node 3 "));
        }
    }

    @Test
    void shouldRefuseARouterThatReadOtherWeights() {
        registerRouter();
        final String other = "0".repeat(63) + "b";

        on(new PlacementEvent.RouterRegistered(new RouterHello("cheshire", "f00d", other, 1, 6, 0, 0)));

        assertThat(effects(PlacementEffect.RefuseRouter.class)).singleElement().satisfies(refusal -> {
            assertThat(refusal.routerId()).isEqualTo(1);
            assertThat(refusal.retry()).isFalse();
            assertThat(refusal.reason()).contains(other, Held.ROUTER, "router 0", "sha256sum");
        });
        on(new PlacementEvent.RouterGone(0, 5, "killed"));
        on(new PlacementEvent.RouterRegistered(new RouterHello("cheshire", "f00d", other, 1, 7, 0, 0)));
        assertThat(state.routers()).containsOnlyKeys(1);
    }

    /** Node 0 serves {@link #KEY}; the node that is to hold it, too, and whose id is returned, has read other bytes. */
    private int startAndReadOtherBytes() {
        registerRouter();
        join(NODES, MEMORY);
        loadHomes();
        acknowledge();
        assertThat(state.placement().nodesOf(KEY)).containsExactly(0);
        final int second = state.loadingOn(1).contains(KEY) ? 1 : 2;
        assertThat(state.loadingOn(second)).contains(KEY);
        on(new CoordinatorCommand.UnitLoaded(second, incarnation(second), Held.other(KEY, 7)));
        acknowledge();
        return second;
    }

    private void loadHomes() {
        loadOnce();
        assertThat(Epochs.round(state.placement().epoch())).isPositive();
    }

    private void loadAs(final int nodeId, final java.util.function.Function<ExpertKey, HeldUnit> reads) {
        while (!state.loadingOn(nodeId).isEmpty()) {
            state.loadingOn(nodeId)
                    .forEach(key ->
                            on(new CoordinatorCommand.UnitLoaded(nodeId, incarnation(nodeId), reads.apply(key))));
        }
    }

    private static NodeHello helloOf(final int nodeId, final List<HeldUnit> held, final long epochSeen) {
        return new NodeHello(
                "cheshire",
                "f00d",
                new NodeEndpoint(nodeId, 100 + nodeId, "aeron:ipc", nodeId),
                MEMORY,
                10,
                epochSeen,
                epochSeen == 0 ? 0 : 777,
                held,
                "");
    }
}
