package io.cheshire.ops.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import org.junit.jupiter.api.Test;

class LocalClusterCommandTest {
    @Test
    void shouldMakeControlPlanesNiceWhereUnitsAreOnSeveralNodes() {
        assertThat(LocalClusterCommand.controlPlaneArguments(with(""))).containsExactly("-Dcheshire.cluster.nice=5");
        assertThat(LocalClusterCommand.controlPlaneArguments(with("cheshire.coordinator.replicas = 3")))
                .containsExactly("-Dcheshire.cluster.nice=5");
    }

    @Test
    void shouldLeaveControlPlanesTheirShareWhenOnlyTheyCanBringALostUnitBack() {
        assertThat(LocalClusterCommand.controlPlaneArguments(with("cheshire.coordinator.replicas = 1")))
                .isEmpty();
    }

    @Test
    void shouldLeaveWhatTheUserSaysEvenWhereItIsTheDefault() {
        assertThat(LocalClusterCommand.controlPlaneArguments(with("cheshire.cluster.nice = 0")))
                .isEmpty();
    }

    private static Config with(final String settings) {
        return ConfigFactory.parseString(settings)
                .withFallback(ConfigFactory.defaultReference())
                .resolve();
    }
}
