package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.PlacementEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a further node had better not be taken from a cluster. Four nodes, 2 x 5 units on two of them each. */
class SteadinessTest extends DrivenMachine {
    private static final long WAIT_MS = 10_000;
    private static final int NODES = 4;
    private static final long ROOM_FOR_ALL = 1_000;

    SteadinessTest() {
        super(Sim.rules(NODES, 1, 2, WAIT_MS * Sim.MS));
    }

    @Test
    void shouldBeSteadyOnceAllIsLoadedAndTheRouterKnows() {
        registerRouter();
        assertThat(why()).isEqualTo("the cluster is forming");
        join(NODES, ROOM_FOR_ALL);
        assertThat(why()).isEqualTo("units are being loaded");
        loadAll();
        assertThat(why()).isEqualTo("routers are being told of a new epoch");
        acknowledge();
        assertThat(why()).isEmpty();
    }

    @Test
    void shouldNotBeSteadyFromTheLossOfANodeUntilItsCopiesAreBack() {
        form();

        on(new PlacementEvent.NodeGone(2, 102, "killed"));
        acknowledge();
        assertThat(why()).as("it is waited for").contains("only and waits for another");
        hearAllButAfter(2, 2_000);
        assertThat(why()).contains("only and waits for another");

        on(new PlacementEvent.NodeRegistered(hello(2, 202, ROOM_FOR_ALL, List.of())));
        assertThat(why()).isEqualTo("units are being loaded");
        loadAll();
        acknowledge();
        unloadAll();
        assertThat(why()).isEmpty();
    }

    @Test
    void shouldNotWaitForCopiesForWhichThereIsNoMemory() {
        registerRouter();
        join(NODES, 40); // four units each: sixteen of twenty copies
        loadAll();
        acknowledge();

        assertThat(state.unitsShortOfReplicas()).isNotEmpty();
        assertThat(why()).isEmpty();
    }

    @Test
    void shouldNotBeSteadyWhileAUnitMovesOrANodeIsSilent() {
        form();
        hearAllButAfter(1, WAIT_MS + 1);
        assertThat(why()).isNotEmpty();

        nowNs += Sim.MS;
        on(new PlacementEvent.NodeHeard(1, 101, Held.units(state.residentOn(1))));
        loadAll();
        acknowledge();
        unloadAll();
        assertThat(why()).isEmpty();
    }

    @Test
    void shouldNotWaitForALoadThatFailsAgainAndAgain() {
        form();
        final var key = units().stream()
                .filter(unit -> !state.residentOn(3).contains(unit))
                .findFirst()
                .orElseThrow();
        on(new CoordinatorCommand.UnitLoadFailed(3, 103, key, "hash is wrong"));

        assertThat(why()).isEmpty();
    }

    private void form() {
        registerRouter();
        join(NODES, ROOM_FOR_ALL);
        loadAll();
        acknowledge();
        assertThat(why()).isEmpty();
        effects.clear();
    }

    private String why() {
        return Steadiness.unsteadyBecause(state, machine.rules(), nowNs);
    }
}
