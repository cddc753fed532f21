package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.Left;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacedModel;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.protocol.RouterReport;
import io.cheshire.coordinator.protocol.UnitTraffic;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.coordinator.runtime.ControlConfig;
import io.cheshire.coordinator.runtime.MemberListener;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.settings.SettingReader;
import io.cheshire.testing.ExpectedErrors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sixteen expert-node actors, a coordinator and a router's stand-in in one process. */
class ClusterInOneProcessIT {
    private static final PlacedModel MODEL = new PlacedModel("f00d", 4, 16);
    private static final int NODES = 16;
    private static final Duration WAIT = Duration.ofSeconds(20);

    private ClusterSystem cluster;
    private ActorRef<CoordinatorCommand> coordinator;
    private TestProbe<RouterCommand> router;
    /** Units of which a node reads other bytes than all others. */
    private final Map<Integer, ExpertKey> otherAt = new HashMap<>();

    private final List<FakeUnitHost> hosts = new ArrayList<>();
    private final List<ActorRef<ExpertNodeCommand>> nodes = new ArrayList<>();

    @BeforeEach
    void start() {
        cluster = ClusterSystem.local(SettingReader.read(
                ConfigFactory.parseString(
                                "cheshire.coordinator.replicas = 1, cheshire.member.register-interval = 100 ms,"
                                        + " cheshire.member.concurrent-loads = 4")
                        .withFallback(ConfigFactory.load()),
                ControlConfig::alone));
        coordinator = cluster.coordinator(MODEL);
        router = TestProbe.create(cluster.system());
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void shouldPublishTheHomePlacementWhenSixteenNodesAreThere() throws Exception {
        registerRouter();
        startNodes();

        final RouterCommand.PlacementPublished published = published();

        assertThat(Epochs.round(published.placement().epoch())).isEqualTo(1);
        for (int unit = 0; unit < MODEL.unitCount(); unit++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, 16);
            assertThat(published.placement().nodesOf(key)).containsExactly(key.expert());
            assertThat(hosts.get(key.expert()).held).contains(key);
        }
        assertThat(published.nodes()).hasSize(NODES);
    }

    @Test
    void shouldReportExactFiguresWhenAskedForFreshOnes() throws Exception {
        registerRouter();
        startNodes();
        acknowledge(published());

        final var refreshed = cluster.refreshedClusterState(coordinator, Duration.ofSeconds(5));
        final RouterCommand.ReportNow ask = router
                .fishForMessage(
                        WAIT,
                        command -> command instanceof RouterCommand.ReportNow
                                ? FishingOutcomes.complete()
                                : FishingOutcomes.continueAndIgnore())
                .stream()
                .map(RouterCommand.ReportNow.class::cast)
                .findFirst()
                .orElseThrow();
        coordinator.tell(new CoordinatorCommand.RouterReported(
                new RouterReport(
                        0,
                        7,
                        NodeState.SERVING,
                        1,
                        true,
                        List.of(24L, 24L, 24L, 24L),
                        AnswerRows.NONE,
                        UnitTraffic.NONE),
                ask.refreshId(),
                router.ref()));
        final ClusterState state = refreshed.toCompletableFuture().get(20, TimeUnit.SECONDS);

        assertThat(state.complete()).isTrue();
        assertThat(Epochs.round(state.epoch())).isEqualTo(1);
        assertThat(state.nodes()).hasSize(NODES).allSatisfy(node -> {
            assertThat(node.rowsServed()).isEqualTo(12);
            assertThat(node.residentBytes()).isEqualTo(4 * FakeUnitHost.UNIT_BYTES);
            assertThat(node.state()).isEqualTo(NodeState.SERVING);
        });
        assertThat(state.routers().getFirst().rowsByLayer()).containsExactly(24L, 24L, 24L, 24L);
    }

    @Test
    void shouldServeOnlyElsewhereBeforeANodeThatLeavesStops() throws Exception {
        registerRouter();
        startNodes();
        acknowledge(published());

        final var left = cluster.leave(nodes.getLast(), "planned");
        final RouterCommand.PlacementPublished second = published();

        assertThat(Epochs.round(second.placement().epoch())).isEqualTo(2);
        assertThat(second.placement().nodesByUnit()).noneMatch(holders -> holders.contains(15) || holders.isEmpty());
        assertThat(hosts.getLast().drainAsked)
                .as("drained before the router acknowledged")
                .isFalse();
        acknowledge(second);
        hosts.getLast().drained.complete(null);
        assertThat(left.toCompletableFuture().get(20, TimeUnit.SECONDS)).isEqualTo(new Left(true));
    }

    @Test
    @ExpectedErrors({"UNIT_DIFFERS", "its model files differ from those of other nodes"})
    void shouldNeverPublishACopyWhoseBytesDifferFromTheFirstHolders() throws Exception {
        final ExpertKey key = new ExpertKey(2, 3);
        registerRouter();
        otherAt.put(7, key);
        startNodes();
        acknowledge(published());

        coordinator.tell(new CoordinatorCommand.Ask(new OperatorRequest.Move(key, 3, 7, "test"), kit()));
        final ClusterState.Sameness seen = awaitRefusal();

        assertThat(seen.unitsRefused()).isEqualTo(1);
        assertThat(hosts.get(7).held).doesNotContain(key);
        final ClusterState state =
                cluster.clusterState(coordinator, WAIT).toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(state.placement().nodesOf(key)).doesNotContain(7);
        assertThat(state.events()).anySatisfy(event -> {
            assertThat(event.kind()).isEqualTo(ClusterEvent.Kind.UNIT_DIFFERS);
            assertThat(event.reason())
                    .contains("node 7", "node 3", hosts.get(3).unit(key).sha256());
        });
    }

    private ActorRef<AdminReply> kit() {
        return TestProbe.<AdminReply>create(cluster.system()).ref();
    }

    private ClusterState.Sameness awaitRefusal() {
        final TestProbe<ClusterState> probe = TestProbe.create(cluster.system());
        return probe.awaitAssert(WAIT, () -> {
            coordinator.tell(new CoordinatorCommand.GetClusterState(probe.ref()));
            final ClusterState.Sameness seen = probe.receiveMessage().sameness();
            assertThat(seen.unitsRefused()).isPositive();
            return seen;
        });
    }

    private void startNodes() {
        for (int nodeId = 0; nodeId < NODES; nodeId++) {
            final FakeUnitHost host = new FakeUnitHost(nodeId, 100 + nodeId);
            final ExpertKey other = otherAt.get(nodeId);
            if (other != null) {
                host.other.add(other);
            }
            hosts.add(host);
            nodes.add(cluster.spawn(
                    ExpertNodeActor.create(
                            new ExpertNodeActor.Identity("f00d", 1_000_000, FakeUnitHost.UNIT_BYTES, ""),
                            host,
                            coordinator,
                            cluster.memberConfig(),
                            MemberListener.NONE,
                            glance -> {}),
                    "expert-node-" + nodeId));
        }
    }

    private void registerRouter() {
        coordinator.tell(new CoordinatorCommand.RegisterRouter(
                new RouterHello("cheshire", "f00d", "0".repeat(64), 0, 7, 0, 0), router.ref()));
        assertThat(router.receiveMessage(WAIT)).isInstanceOf(RouterCommand.RouterAccepted.class);
    }

    private RouterCommand.PlacementPublished published() {
        return router.expectMessageClass(RouterCommand.PlacementPublished.class, WAIT);
    }

    private void acknowledge(final RouterCommand.PlacementPublished published) {
        coordinator.tell(new CoordinatorCommand.EpochAcknowledged(
                0, 7, published.placement().epoch(), published.publisher()));
    }
}
