package io.cheshire.ops.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.process.ProcessConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LocalClusterCommandTest {
    @Test
    void shouldMakeControlPlanesNiceWhereUnitsAreOnSeveralNodes() {
        assertThat(controlPlaneArguments(Map.of())).containsExactly("-Dcheshire.cluster.nice=5");
        assertThat(controlPlaneArguments(Map.of("cheshire.coordinator.replicas", 3)))
                .containsExactly("-Dcheshire.cluster.nice=5");
    }

    @Test
    void shouldLeaveControlPlanesTheirShareWhenOnlyTheyCanBringALostUnitBack() {
        assertThat(controlPlaneArguments(Map.of("cheshire.coordinator.replicas", 1)))
                .isEmpty();
    }

    @Test
    void shouldLeaveWhatTheUserSaysEvenWhereItIsTheDefault() {
        assertThat(controlPlaneArguments(Map.of("cheshire.cluster.nice", 0))).isEmpty();
    }

    private static List<String> controlPlaneArguments(final Map<String, ?> flags) {
        final Settings settings = Settings.load(null, flags);
        return LocalClusterCommand.controlPlaneArguments(settings, settings.read(ProcessConfig::launcher));
    }
}
