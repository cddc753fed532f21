package io.cheshire.ops.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LocalProcessTest {
    private static ClusterPlan plan(final List<Integer> udpPorts) {
        return ClusterPlan.of(new ClusterPlan.Request(
                2,
                7000,
                List.of(7001, 7002),
                udpPorts,
                "/dev/shm/x",
                List.of("--model", "m"),
                List.of("--host", "h", "--port", "8000", "--ops-port", "9090"),
                List.of(9100, 9101, 9102)));
    }

    @Test
    void shouldFindPortsAndNumbersInWhatProcessesAreStartedWith() {
        final List<ClusterPlan.RoleProcess> processes =
                plan(List.of(40_100, 40_101, 40_102)).processes();

        assertThat(processes.stream().map(process -> LocalProcess.portsIn(process.arguments())))
                .containsExactly(
                        Map.of("control", 7000, "ops", 9100),
                        Map.of("control", 7002, "data", 40_101, "ops", 9101),
                        Map.of("data", 40_102, "ops", 9102),
                        Map.of("control", 7001, "data", 40_100, "http", 8000, "ops", 9090));
        assertThat(processes.stream().map(process -> LocalProcess.idIn(process.arguments())))
                .containsExactly(0, 0, 1, 0);
    }

    @Test
    void shouldNotNamePortsThatAProcessTakesByItself() {
        final ClusterPlan plan = plan(List.of());
        final ClusterPlan.RoleProcess node = plan.processes().get(1);

        assertThat(LocalProcess.portsIn(node.arguments())).isEqualTo(Map.of("control", 7002, "ops", 9101));
        assertThat(LocalProcess.portsIn(node.again())).isEqualTo(Map.of("ops", 9101));
    }

    @Test
    void shouldKnowAPortThatASettingGives() {
        assertThat(LocalProcess.portsIn(List.of("--node-id", "3", "-Dcheshire.ops.port=9093")))
                .isEqualTo(Map.of("ops", 9093));
    }
}
