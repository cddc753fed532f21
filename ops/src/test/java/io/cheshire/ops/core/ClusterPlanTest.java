package io.cheshire.ops.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.cheshire.ops.core.ClusterPlan.RoleProcess;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClusterPlanTest {
    private static final String RACK = "-Dcheshire.role.failure-domain=rack-";

    private final ClusterPlan plan = ClusterPlan.of(new ClusterPlan.Request(
            3,
            7000,
            List.of(7001, 7002, 7003),
            List.of(),
            "/dev/shm/x",
            List.of(),
            List.of("--ops-port", "9090"),
            List.of(9100, 9101, 9102, 9103)));

    @Test
    void shouldStartOneClusterAndHaveARestartedCoordinatorJoinIt() {
        final RoleProcess coordinator = plan.processes().getFirst();

        assertThat(valuesOf(coordinator.arguments(), "--seed")).containsExactly("127.0.0.1:7000");
        assertThat(valuesOf(coordinator.again(), "--seed"))
                .as("not its own address first: that would start a second cluster")
                .containsExactly("127.0.0.1:7001", "127.0.0.1:7002", "127.0.0.1:7003");
        assertThat(valuesOf(coordinator.again(), "--cluster-port")).containsExactly("7000");
    }

    @Test
    void shouldLetOthersGreetOnlyWhoListensAlready() {
        final List<RoleProcess> others =
                plan.processes().subList(1, plan.processes().size());

        assertThat(others)
                .extracting(RoleProcess::name)
                .containsExactly("expert-node-0", "expert-node-1", "expert-node-2", "router");
        assertThat(others).allSatisfy(process -> {
            assertThat(valuesOf(process.arguments(), "--seed"))
                    .as("only the coordinator is up before them")
                    .containsExactly("127.0.0.1:7000");
        });
        assertThat(others.subList(0, 3))
                .as("a node that is started again, perhaps while there is no coordinator")
                .allSatisfy(node -> assertThat(valuesOf(node.again(), "--seed"))
                        .containsExactly("127.0.0.1:7000", "127.0.0.1:7001", "127.0.0.1:7002", "127.0.0.1:7003"));
        assertThat(others)
                .extracting(process ->
                        valuesOf(process.arguments(), "--cluster-port").getFirst())
                .containsExactly("7002", "7003", "0", "7001");
        assertThat(others.subList(0, 3))
                .as("a node that is started again, whose old address the cluster still takes for its predecessor's")
                .allSatisfy(node ->
                        assertThat(valuesOf(node.again(), "--cluster-port")).containsExactly("0"));
    }

    @Test
    void shouldHaveNodesThatJoinOthersWhoServeCallTheirKernelsFirst() {
        final String warmUp = "-Dcheshire.expert-node.warm-up=5s";

        assertThat(plan.processes().subList(1, 4)).allSatisfy(node -> {
            assertThat(node.arguments()).doesNotContain(warmUp);
            assertThat(node.again()).contains(warmUp);
        });
    }

    @Test
    void shouldRefuseAPlanWithoutAPortForTheRouter() {
        assertThatThrownBy(() -> new ClusterPlan.Request(
                        3, 7000, List.of(), List.of(), "/dev/shm/x", List.of(), List.of(), List.of(1, 2, 3, 4)))
                .hasMessageContaining("port for the router");
    }

    @Test
    void shouldGiveEachMemberAUdpPortWhereTheDataPlaneRunsOverUdp() {
        final ClusterPlan udp = ClusterPlan.of(new ClusterPlan.Request(
                2,
                7000,
                List.of(7001),
                List.of(8000, 8001, 8002),
                "/dev/shm/x",
                List.of(),
                List.of(),
                List.of(1, 2, 3)));

        assertThat(udp.processes())
                .extracting(process -> valuesOf(process.arguments(), "--channel"))
                .containsExactly(
                        List.of(),
                        List.of("aeron:udp?endpoint=127.0.0.1:8001"),
                        List.of("aeron:udp?endpoint=127.0.0.1:8002"),
                        List.of("aeron:udp?endpoint=127.0.0.1:8000"));
        assertThat(plan.processes())
                .allSatisfy(process -> assertThat(process.arguments()).doesNotContain("--channel"));
    }

    @Test
    void shouldGiveEachProcessAnOperationsListenerOfItsOwnThatStaysWhereItIs() {
        assertThat(plan.processes())
                .extracting(RoleProcess::opsPort)
                .containsExactly("9100", "9101", "9102", "9103", "9090");
        assertThat(plan.processes().subList(0, 4))
                .as("started again")
                .allSatisfy(process ->
                        assertThat(valuesOf(process.again(), "--ops-port")).containsExactly(process.opsPort()));
        assertThatThrownBy(() -> new ClusterPlan.Request(
                        3, 7000, List.of(7001), List.of(), "/dev/shm/x", List.of(), List.of(), List.of(9100)))
                .hasMessageContaining("operations of the coordinator and each of 3 nodes");
    }

    @Test
    void shouldPutNodesInRacksInTurnAlsoWhenTheyAreStartedAgain() {
        final ClusterPlan racks = plan.inRacks(2);

        assertThat(racks.processes().subList(1, 4))
                .extracting(
                        node -> node.arguments().getLast(), node -> node.again().getLast())
                .containsExactly(tuple(RACK + 0, RACK + 0), tuple(RACK + 1, RACK + 1), tuple(RACK + 0, RACK + 0));
        assertThat(List.of(racks.processes().getFirst(), racks.processes().getLast()))
                .allSatisfy(other -> assertThat(other.arguments()).noneMatch(flag -> flag.startsWith(RACK)));
    }

    @Test
    void shouldHaveASecondCoordinatorJoinTheFirst() {
        final List<RoleProcess> processes = plan.withStandby().processes();

        assertThat(processes.subList(0, 2))
                .extracting(RoleProcess::name)
                .containsExactly("coordinator", "coordinator-1");
        final RoleProcess standby = processes.get(1);
        assertThat(standby.role()).isEqualTo("coordinator");
        assertThat(valuesOf(standby.arguments(), "--seed")).containsExactly("127.0.0.1:7000");
        assertThat(valuesOf(standby.arguments(), "--cluster-port")).containsExactly("0");
        assertThat(valuesOf(standby.again(), "--cluster-port")).containsExactly("0");
    }

    private static List<String> valuesOf(final List<String> arguments, final String flag) {
        return IntStream.range(0, arguments.size() - 1)
                .filter(i -> arguments.get(i).equals(flag))
                .mapToObj(i -> arguments.get(i + 1))
                .toList();
    }
}
