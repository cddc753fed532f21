package io.cheshire.coordinator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.core.Held;
import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.PlacedModel;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The shell around the placement machine, in virtual time. */
class CoordinatorActorTest {
    private static final PlacedModel MODEL = new PlacedModel("f00d", 1, 2);

    private final AtomicLong nowNs = new AtomicLong();
    private final HostedCoordinator hosted = new HostedCoordinator(nowNs::get);
    private ActorTestKit kit;
    private ManualTime time;
    private ActorRef<CoordinatorCommand> coordinator;
    private TestProbe<ExpertNodeCommand> node;
    private TestProbe<ClusterState> asker;

    @BeforeEach
    void start() {
        final var config = ClusterSettings.local(SettingReader.read(
                ConfigFactory.parseString("cheshire.coordinator { expected-nodes = 1, peer-burst = 5,"
                                + " refresh-limit = 1, event-limit = 20 }")
                        .withFallback(ConfigFactory.load()),
                ClusterConfig::alone));
        kit = ActorTestKit.create(ManualTime.config().withFallback(config));
        time = ManualTime.get(kit.system());
        coordinator = kit.spawn(CoordinatorActor.create(
                SettingReader.read(config, CoordinatorConfig::from),
                MODEL,
                nowNs::get,
                InstantSource.system(),
                hosted));
        node = kit.createTestProbe();
        asker = kit.createTestProbe();
    }

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void shouldAskAStrangerToRegister() {
        report(0);

        assertThat(node.receiveMessage()).isInstanceOf(ExpertNodeCommand.RegisterNodeAgain.class);
    }

    @Test
    void shouldAnswerBothSidesWhenItRefuses() {
        register("beef");

        assertThat(node.receiveMessage()).isInstanceOfSatisfying(ExpertNodeCommand.NodeRefused.class, refused -> {
            assertThat(refused.retry()).isFalse();
            assertThat(refused.reason()).contains("beef", "f00d");
        });
        assertThat(state().events())
                .anySatisfy(event -> assertThat(event.kind()).isEqualTo(ClusterEvent.Kind.REFUSED));
    }

    @Test
    void shouldPublishToARouterThatComesLater() {
        form();
        final TestProbe<RouterCommand> router = kit.createTestProbe();
        coordinator.tell(new CoordinatorCommand.RegisterRouter(
                new RouterHello("cheshire", "f00d", Held.ROUTER, 0, 7, 0, 0), router.ref()));

        assertThat(router.receiveMessage()).isInstanceOf(RouterCommand.RouterAccepted.class);
        final RouterCommand.PlacementPublished published =
                router.expectMessageClass(RouterCommand.PlacementPublished.class);
        assertThat(Epochs.round(published.placement().epoch())).isEqualTo(1);
        assertThat(published.nodes()).hasSize(1);
    }

    @Test
    void shouldDropANodeWhoseActorEnds() {
        form();
        assertThat(state().nodes()).hasSize(1);

        node.stop();

        asker.awaitAssert(() -> {
            final ClusterState state = state();
            assertThat(state.nodes()).isEmpty();
            assertThat(Epochs.round(state.epoch())).isEqualTo(2);
            assertThat(state.unitsWithoutNode()).hasSize(2);
            return state;
        });
    }

    @Test
    void shouldNotListenToAFloodAndStayAliveForOthers() {
        for (int i = 0; i < 50; i++) {
            report(0);
        }
        for (int i = 0; i < 5; i++) {
            node.expectMessageClass(ExpertNodeCommand.RegisterNodeAgain.class);
        }
        node.expectNoMessage(Duration.ofMillis(50));

        assertThat(state().events().stream().filter(event -> event.kind() == ClusterEvent.Kind.RATE_LIMITED))
                .hasSize(1);
        nowNs.addAndGet(1_000_000_000L);
        report(0);
        node.expectMessageClass(ExpertNodeCommand.RegisterNodeAgain.class);
    }

    @Test
    void shouldTellANodeAfterEachReportWhetherTheClusterIsSteady() {
        form();
        report(0);
        assertThat(node.expectMessageClass(ExpertNodeCommand.Steady.class).unsteadyBecause())
                .isEmpty();
    }

    @Test
    void shouldShowItselfToItsProcessAsLongAsItRuns() {
        assertThat(hosted.notReady()).isEqualTo("waits for expert nodes: 0 of 1 are here");

        form();
        nowNs.addAndGet(Duration.ofSeconds(1).toNanos());
        time.timePasses(Duration.ofSeconds(1));
        asker.awaitAssert(() -> {
            assertThat(hosted.notReady()).isNull();
            return hosted;
        });
        nowNs.addAndGet(Duration.ofSeconds(11).toNanos());
        assertThat(hosted.notReady()).contains("has not looked about for 11 s");

        kit.stop(coordinator);
        assertThat(hosted.glance()).isNull();
        assertThat(hosted.notReady()).as("another process has it").isNull();
    }

    @Test
    void shouldNameWhoDidNotReportInTime() {
        form();
        coordinator.tell(new CoordinatorCommand.RefreshClusterState(500, asker.ref()));
        node.expectMessageClass(ExpertNodeCommand.ReportNow.class);
        final TestProbe<ClusterState> second = kit.createTestProbe();
        coordinator.tell(new CoordinatorCommand.RefreshClusterState(500, second.ref()));
        assertThat(second.receiveMessage().complete())
                .as("one request more than may wait")
                .isFalse();

        time.expectNoMessageFor(Duration.ofMillis(499), asker);
        time.timePasses(Duration.ofMillis(2));
        final ClusterState late = asker.receiveMessage();
        assertThat(late.complete()).isFalse();
        assertThat(late.notFresh()).containsExactly("node 0");
    }

    @Test
    void shouldAnswerWithFreshFiguresAsSoonAsAllReported() {
        form();
        coordinator.tell(new CoordinatorCommand.RefreshClusterState(500, asker.ref()));
        report(node.expectMessageClass(ExpertNodeCommand.ReportNow.class).refreshId());

        final ClusterState fresh = asker.receiveMessage();
        assertThat(fresh.complete()).isTrue();
        assertThat(fresh.nodes().getFirst().state()).isEqualTo(NodeState.SERVING);
    }

    @Test
    void shouldTryAFailedLoadAgainAfterThePause() {
        register("f00d");
        final ExpertNodeCommand.LoadUnits load = receiveLoad();
        load.keys().forEach(key -> coordinator.tell(new CoordinatorCommand.UnitLoadFailed(0, 5, key, "hash is wrong")));
        assertThat(state().nodes().getFirst().loading()).isEmpty();

        nowNs.addAndGet(Duration.ofMillis(1_001).toNanos());
        time.timePasses(Duration.ofMillis(1_001));

        assertThat(receiveLoad().keys()).isEqualTo(load.keys());
    }

    private void form() {
        register("f00d");
        receiveLoad().keys().forEach(key -> coordinator.tell(new CoordinatorCommand.UnitLoaded(0, 5, Held.unit(key))));
        assertThat(Epochs.round(state().epoch())).isEqualTo(1);
    }

    private ExpertNodeCommand.LoadUnits receiveLoad() {
        ExpertNodeCommand command = node.receiveMessage();
        if (command instanceof ExpertNodeCommand.NodeAccepted) {
            command = node.receiveMessage();
        }
        return (ExpertNodeCommand.LoadUnits) command;
    }

    private void register(final String fingerprint) {
        final NodeHello hello = new NodeHello(
                "cheshire", fingerprint, new NodeEndpoint(0, 5, "aeron:ipc", 1), 1_000, 10, 0, 0, List.of(), "");
        coordinator.tell(new CoordinatorCommand.RegisterNode(hello, node.ref()));
    }

    private void report(final long refreshId) {
        final NodeReport report = new NodeReport(
                0,
                5,
                NodeState.SERVING,
                Held.units(List.of(new ExpertKey(0, 0), new ExpertKey(0, 1))),
                List.of(),
                20,
                "");
        coordinator.tell(new CoordinatorCommand.NodeReported(report, refreshId, node.ref()));
    }

    private ClusterState state() {
        final TestProbe<ClusterState> probe = kit.createTestProbe();
        coordinator.tell(new CoordinatorCommand.GetClusterState(probe.ref()));
        return probe.receiveMessage();
    }
}
