package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.Left;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.PlacedModel;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.runtime.ClusterRole;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.coordinator.runtime.ControlConfig;
import io.cheshire.coordinator.runtime.MemberListener;
import io.cheshire.settings.SettingReader;
import io.cheshire.testing.ListenPort;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Several actor systems in one JVM that talk over real connections: a cluster as of several processes. Each test has
 * clusters of its own and mostly waits for overdue heartbeats, so some run at a time.
 */
@Execution(ExecutionMode.CONCURRENT)
class ClusterOverTheNetworkIT {
    private static final PlacedModel MODEL = new PlacedModel("f00d", 2, 4);
    private static final Duration WAIT = Duration.ofSeconds(60);

    private final List<ClusterSystem> systems = new ArrayList<>();
    private final FakeRouter router = new FakeRouter();
    private List<Integer> seedPorts;
    private ClusterSystem firstCoordinator;

    private record Node(ClusterSystem system, FakeUnitHost host, ActorRef<ExpertNodeCommand> actor) {}

    @BeforeEach
    void startTwoCoordinatorsAndARouter() throws IOException {
        seedPorts = List.of(ListenPort.free(), ListenPort.free());
        firstCoordinator = join(ClusterRole.COORDINATOR, seedPorts.getFirst());
        firstCoordinator.coordinator(MODEL);
        final ClusterSystem routers = join(ClusterRole.ROUTER, seedPorts.getLast());
        routers.spawn(router.behavior("f00d", routers.coordinator(MODEL)), "router");
    }

    @AfterEach
    void stop() {
        systems.reversed().forEach(system -> system.system().terminate());
        systems.forEach(system -> system.whenTerminated().toCompletableFuture().join());
    }

    @Test
    void shouldPlaceAgainWhenNodesLeaveAndJoin() throws Exception {
        final List<Node> nodes = IntStream.range(0, 2).mapToObj(this::startNode).toList();
        awaitPlacedOn(List.of(0, 1));
        assertThat(Epochs.round(router.epoch())).isEqualTo(1);

        startNode(2);
        awaitPlacedOn(List.of(0, 1, 2));
        final long withThree = router.epoch();
        assertThat(withThree).isGreaterThan(1);

        final Node leaver = nodes.getFirst();
        leaver.host().drained.complete(null);
        assertThat(leaver.system()
                        .leave(leaver.actor(), "planned")
                        .toCompletableFuture()
                        .get(60, TimeUnit.SECONDS))
                .isEqualTo(new Left(true));
        assertThat(router.epoch()).isGreaterThan(withThree);
        awaitPlacedOn(List.of(1, 2));
    }

    @Test
    void shouldPlaceAgainWhenANodesProcessIsKilled() {
        final List<Node> nodes = IntStream.range(0, 3).mapToObj(this::startNode).toList();
        awaitPlacedOn(List.of(0, 1, 2));

        nodes.get(1).system().system().terminate();

        awaitPlacedOn(List.of(0, 2));
    }

    @Test
    void shouldGoOnWithAHigherEpochWhenTheCoordinatorIsKilled() throws Exception {
        final ClusterSystem successor = join(ClusterRole.COORDINATOR, 0);
        final ActorRef<CoordinatorCommand> coordinator = successor.coordinator(MODEL);
        IntStream.range(0, 2).forEach(this::startNode);
        awaitPlacedOn(List.of(0, 1));
        final long before = router.epoch();
        awaitAcquainted();

        firstCoordinator.system().terminate();

        await("the successor publishes").atMost(WAIT).until(() -> router.epoch() > before);
        awaitPlacedOn(List.of(0, 1));
        final ClusterState state = successor
                .refreshedClusterState(coordinator, Duration.ofSeconds(5))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        assertThat(state.complete()).isTrue();
        assertThat(state.nodes())
                .hasSize(2)
                .allSatisfy(node -> assertThat(node.state()).isEqualTo(NodeState.SERVING));
        assertThat(state.unitsWithoutNode()).isEmpty();
        assertThat(router.placements).extracting(placement -> placement.epoch()).isSorted();
    }

    /**
     * A coordinator killed before it told anybody of a member, or a lone one that starts anew: nobody knows the member.
     */
    @Test
    void shouldEndAProcessThatNobodyElseTakesForAMember() throws Exception {
        final int port = ListenPort.free();
        final String patient = "cheshire.pekko.cluster.failure-detector.acceptable-heartbeat-pause = 60 s";
        final ClusterSystem lone = join(ClusterRole.COORDINATOR, port, List.of(port), patient);
        final ClusterSystem member = join(ClusterRole.EXPERT_NODE, 0, List.of(port), patient);
        await("both are members for both").atMost(WAIT).until(() -> membersUp(lone) == 2 && membersUp(member) == 2);
        lone.system().terminate();
        lone.whenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertThat(member.whenTerminated().toCompletableFuture()).isNotDone();

        join(ClusterRole.COORDINATOR, port, List.of(port), patient);

        member.whenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    /** As when a coordinator is started again while the processes of its cluster are all stopped or cut off. */
    @Test
    void shouldEndACoordinatorWhoseClusterIsASecondAndSmallerOne() throws Exception {
        final int first = ListenPort.free();
        final int second = ListenPort.free();
        final ClusterSystem lone = join(ClusterRole.COORDINATOR, first, List.of(first, second), "");
        await("the lone one founds a cluster of its own").atMost(WAIT).until(() -> membersUp(lone) == 1);
        final ClusterSystem larger = join(ClusterRole.COORDINATOR, second, List.of(second), "");
        final ClusterSystem member = join(ClusterRole.EXPERT_NODE, 0, List.of(second), "");
        await("the other cluster has two members").atMost(WAIT).until(() -> membersUp(larger) == 2);

        lone.whenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);

        assertThat(larger.hasEnded() || member.hasEnded()).isFalse();
    }

    /** Until it is removed, every other member would try to connect to it, to tell it that it is gone. */
    @Test
    void shouldRemoveADownedMemberLongBeforeItsHeartbeatsAreOverdue() throws Exception {
        final int port = ListenPort.free();
        final String patient = "cheshire.pekko.cluster.failure-detector.acceptable-heartbeat-pause = 10 m";
        final ClusterSystem coordinator = join(ClusterRole.COORDINATOR, port, List.of(port), patient);
        final ClusterSystem member = join(ClusterRole.EXPERT_NODE, 0, List.of(port), patient);
        final ClusterSystem victim = join(ClusterRole.EXPERT_NODE, 0, List.of(port), patient);
        await("all are members for all")
                .atMost(WAIT)
                .until(() -> Stream.of(coordinator, member, victim).allMatch(system -> membersUp(system) == 3));
        final Address gone = Cluster.get(victim.system()).selfMember().address();
        victim.system().terminate();
        victim.whenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);

        Cluster.get(coordinator.system()).manager().tell(new Down(gone));

        await("the others know two members, whatever their status")
                .atMost(WAIT)
                .until(() -> Stream.of(coordinator, member)
                        .allMatch(system -> members(system).count() == 2));
    }

    @Test
    void shouldTakeBackACoordinatorThatIsStartedAgainAtItsAddress() {
        IntStream.range(0, 2).forEach(this::startNode);
        awaitPlacedOn(List.of(0, 1));
        final long before = router.epoch();
        awaitAcquainted();

        firstCoordinator.system().terminate();
        firstCoordinator.whenTerminated().toCompletableFuture().join();

        final ClusterSystem again =
                join(ClusterRole.COORDINATOR, seedPorts.getFirst(), List.of(seedPorts.getLast()), "");
        again.coordinator(MODEL);

        await("it publishes to the members that are still there").atMost(WAIT).until(() -> router.epoch() > before);
        awaitPlacedOn(List.of(0, 1));
        assertThat(router.placements).extracting(placement -> placement.epoch()).isSorted();
    }

    /** A member that only a killed coordinator knew would be a stranger to the rest, whose gossip ignores strangers. */
    private void awaitAcquainted() {
        await("every member knows every other")
                .atMost(WAIT)
                .until(() -> systems.stream().allMatch(system -> membersUp(system) == systems.size()));
    }

    private static long membersUp(final ClusterSystem system) {
        return members(system)
                .filter(member -> member.status().equals(MemberStatus.up()))
                .count();
    }

    /** Whatever their status. */
    private static Stream<Member> members(final ClusterSystem system) {
        return StreamSupport.stream(
                Cluster.get(system.system()).state().getMembers().spliterator(), false);
    }

    private void awaitPlacedOn(final List<Integer> nodeIds) {
        await("every unit lives on one of the live nodes " + nodeIds + ", and each of them has some")
                .atMost(WAIT)
                .untilAsserted(() -> {
                    assertThat(router.placements).isNotEmpty();
                    final Placement placement = router.placements.getLast();
                    assertThat(placement.nodesByUnit()).allMatch(holders -> holders.size() == 1);
                    assertThat(placement.nodesByUnit().stream().map(List::getFirst))
                            .isSubsetOf(nodeIds)
                            .containsAll(nodeIds);
                });
    }

    private Node startNode(final int nodeId) {
        final ClusterSystem system = join(ClusterRole.EXPERT_NODE, 0);
        final FakeUnitHost host = new FakeUnitHost(nodeId, 100 + nodeId);
        final ActorRef<ExpertNodeCommand> actor = system.spawn(
                ExpertNodeActor.create(
                        new ExpertNodeActor.Identity("f00d", 1_000_000, FakeUnitHost.UNIT_BYTES, ""),
                        host,
                        system.coordinator(MODEL),
                        system.memberConfig(),
                        MemberListener.NONE,
                        glance -> {}),
                "expert-node");
        return new Node(system, host, actor);
    }

    private ClusterSystem join(final ClusterRole role, final int port) {
        return join(role, port, seedPorts, "");
    }

    private ClusterSystem join(final ClusterRole role, final int port, final List<Integer> ports, final String more) {
        final List<String> seeds =
                ports.stream().map(seed -> "127.0.0.1:" + seed).toList();
        final Config config = ConfigFactory.parseMap(
                        Map.of("cheshire.cluster.seeds", seeds, "cheshire.cluster.port", port))
                .withFallback(ConfigFactory.parseString(more))
                .withFallback(ConfigFactory.parseString("""
                        cheshire.cluster { acquaintance-interval = 200 ms, stranger-after = 2 s }
                        cheshire.coordinator { expected-nodes = 2, replicas = 1, recovery = 2 s, report-interval = 200 ms }
                        cheshire.pekko {
                          # A system that is terminated vanishes as if its process were killed.
                          coordinated-shutdown.run-by-actor-system-terminate = off
                          cluster.run-coordinated-shutdown-when-down = off
                          cluster.failure-detector { heartbeat-interval = 1 s, acceptable-heartbeat-pause = 3 s }
                          cluster.split-brain-resolver.stable-after = 2 s
                          loglevel = WARNING
                        }
                        """))
                .withFallback(ConfigFactory.load());
        final ClusterSystem system = ClusterSystem.join(role, SettingReader.read(config, ControlConfig::joining));
        systems.add(system);
        return system;
    }
}
