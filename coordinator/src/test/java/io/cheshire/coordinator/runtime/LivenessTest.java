package io.cheshire.coordinator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.ModelIdentity;
import io.cheshire.settings.SettingReader;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A coordinator whose parts have died says so. */
class LivenessTest {
    private static final long START_NS = -7_000;

    private final CoordinatorConfig config = SettingReader.read(ConfigFactory.load(), CoordinatorConfig::from);
    private final PlacementState state =
            PlacementState.initial(config.rules(new ModelIdentity("f00d", 1, 2), 1), START_NS);
    private final Liveness liveness = new Liveness(config, START_NS);

    @Test
    void shouldNotBeReadyFromTheBalancersFailureToItsNextSuccess() {
        assertThat(healthAt(START_NS).ready()).isTrue();

        liveness.balanced("java.lang.ArithmeticException: no such load");
        assertThat(healthAt(START_NS).ready()).isFalse();
        assertThat(healthAt(START_NS).notReadyBecause()).contains("balancer", "no such load");

        liveness.balanced("");
        assertThat(healthAt(START_NS).ready()).isTrue();
    }

    @Test
    void shouldNotBeReadyWhenItsTicksStop() {
        final long dueNs = config.tickInterval().toNanos();
        liveness.ticked(state, START_NS + dueNs);
        assertThat(healthAt(START_NS + 5 * dueNs).ready()).isTrue();
        assertThat(healthAt(START_NS + 20 * dueNs).ready()).isFalse();
        assertThat(healthAt(START_NS + 20 * dueNs).notReadyBecause()).contains("the last tick");

        liveness.ticked(state, START_NS + 20 * dueNs);
        assertThat(healthAt(START_NS + 21 * dueNs).ready()).isTrue();
    }

    private ClusterState.Health healthAt(final long nowNs) {
        return liveness.health(state, List.of(), nowNs);
    }
}
