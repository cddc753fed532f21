package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.ClusterState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A coordinator whose parts have died says so. */
class CoordinatorHealthTest {
    private static final long START_NS = -7_000;

    private static final long TICK_NS = 500 * TestRules.MS;

    private final PlacementState state = PlacementState.initial(TestRules.placement(1, 1, 1), START_NS);
    private final CoordinatorHealth health = new CoordinatorHealth(TICK_NS, 2_000 * TestRules.MS, START_NS);

    @Test
    void shouldNotBeReadyFromTheBalancersFailureToItsNextSuccess() {
        assertThat(healthAt(START_NS).ready()).isTrue();

        health.balanced("java.lang.ArithmeticException: no such load");
        assertThat(healthAt(START_NS).ready()).isFalse();
        assertThat(healthAt(START_NS).notReadyBecause()).contains("balancer", "no such load");

        health.balanced("");
        assertThat(healthAt(START_NS).ready()).isTrue();
    }

    @Test
    void shouldNotBeReadyWhenItsTicksStop() {
        health.ticked(state, START_NS + TICK_NS);
        assertThat(healthAt(START_NS + 5 * TICK_NS).ready()).isTrue();
        assertThat(healthAt(START_NS + 20 * TICK_NS).ready()).isFalse();
        assertThat(healthAt(START_NS + 20 * TICK_NS).notReadyBecause()).contains("the last tick");

        health.ticked(state, START_NS + 20 * TICK_NS);
        assertThat(healthAt(START_NS + 21 * TICK_NS).ready()).isTrue();
    }

    private ClusterState.Health healthAt(final long nowNs) {
        return health.health(state, List.of(), nowNs);
    }
}
