package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.Left;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.runtime.MemberConfig;
import io.cheshire.expertnode.core.NodeGlance;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.settings.SettingReader;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The node's actor before a coordinator that exists only here, in virtual time. */
class ExpertNodeActorTest {
    private static final ExpertKey A = new ExpertKey(0, 0);
    private static final ExpertKey B = new ExpertKey(1, 0);
    private static final long PUBLISHER = 9;

    private final FakeUnitHost host = new FakeUnitHost(3, 33);
    private final List<NodeState> states = new CopyOnWriteArrayList<>();
    private final List<NodeGlance> glances = new CopyOnWriteArrayList<>();
    private ActorTestKit kit;
    private ManualTime time;
    private TestProbe<CoordinatorCommand> coordinator;
    private ActorRef<ExpertNodeCommand> node;

    @BeforeEach
    void start() {
        kit = ActorTestKit.create(ManualTime.config().withFallback(ConfigFactory.load()));
        time = ManualTime.get(kit.system());
        coordinator = kit.createTestProbe();
        node = kit.spawn(ExpertNodeActor.create(
                new ExpertNodeActor.Identity("f00d", 1_000_000, FakeUnitHost.UNIT_BYTES, ""),
                host,
                coordinator.ref(),
                SettingReader.read(ConfigFactory.load(), MemberConfig::from),
                (from, to, reason) -> states.add(to),
                glances::add));
        coordinator.expectMessageClass(CoordinatorCommand.RegisterNode.class);
    }

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void shouldServeOnceWhatItWasToldIsLoaded() {
        serve();

        assertThat(states).containsExactly(NodeState.LOADING, NodeState.SERVING);
        assertThat(host.held).containsExactly(A, B);
    }

    @Test
    void shouldShowThatItIsReadyOnlyInASteadyCluster() {
        serve();
        assertThat(glances.getLast().notReady()).isEqualTo("no coordinator has said yet whether the cluster is steady");

        node.tell(new ExpertNodeCommand.Steady(PUBLISHER, 1, "units are being loaded"));
        coordinator.awaitAssert(() ->
                assertThat(glances.getLast().notReady()).isEqualTo("the cluster isn't steady: units are being loaded"));
        node.tell(new ExpertNodeCommand.Steady(PUBLISHER, 1, ""));

        coordinator.awaitAssert(() -> {
            assertThat(glances.getLast().notReady()).isNull();
            return glances;
        });
        assertThat(glances.getLast().held()).containsExactly(A, B);
    }

    @Test
    void shouldReportAFailedLoadInWordsAndLoadTheRest() {
        host.broken.add(A);
        node.tell(new ExpertNodeCommand.NodeAccepted(PUBLISHER, 0));
        node.tell(new ExpertNodeCommand.LoadUnits(1, PUBLISHER, List.of(A, B), List.of()));

        assertThat(nextOf(CoordinatorCommand.UnitLoadFailed.class))
                .isEqualTo(new CoordinatorCommand.UnitLoadFailed(3, 33, A, "hash of " + A + " is wrong"));
        assertThat(nextOf(CoordinatorCommand.UnitLoaded.class).unit()).isEqualTo(host.unit(B));
    }

    @Test
    void shouldNotObeyACoordinatorThatIsOutOfDate() {
        serve();

        node.tell(new ExpertNodeCommand.UnloadUnits(0, 8, List.of(A)));
        assertThat(coordinator.receiveMessage()).isEqualTo(new CoordinatorCommand.StaleCommand(3, 33, 1));
        node.tell(new ExpertNodeCommand.UnloadUnits(1, 8, List.of(A)));
        assertThat(coordinator.receiveMessage())
                .as("the same epoch of another coordinator")
                .isEqualTo(new CoordinatorCommand.StaleCommand(3, 33, 1));
        assertThat(host.held).contains(A);

        node.tell(new ExpertNodeCommand.UnloadUnits(2, 8, List.of(A)));
        assertThat(coordinator.receiveMessage()).isEqualTo(new CoordinatorCommand.UnitUnloaded(3, 33, A));
    }

    @Test
    void shouldTellANewCoordinatorWhatItHolds() {
        serve();

        node.tell(new ExpertNodeCommand.RegisterNodeAgain("new here"));

        final var hello = nextOf(CoordinatorCommand.RegisterNode.class).hello();
        assertThat(hello.resident()).containsExactly(host.unit(A), host.unit(B));
        assertThat(List.of(hello.epochSeen(), hello.publisher())).containsExactly(1L, PUBLISHER);
    }

    @Test
    void shouldNotWaitForALoadBeforeItAnswers() {
        host.loadGate = new CompletableFuture<>();
        node.tell(new ExpertNodeCommand.NodeAccepted(PUBLISHER, 0));
        node.tell(new ExpertNodeCommand.LoadUnits(1, PUBLISHER, List.of(A, B), List.of()));
        node.tell(new ExpertNodeCommand.ReportNow(7));

        final var reported = nextOf(CoordinatorCommand.NodeReported.class);
        assertThat(reported.refreshId()).isEqualTo(7);
        assertThat(reported.report().resident()).isEmpty();
        assertThat(reported.report().state()).isEqualTo(NodeState.LOADING);
    }

    @Test
    void shouldServeUntilItMayLeaveAndThenDrain() {
        serve();
        final TestProbe<Left> left = kit.createTestProbe();
        node.tell(new ExpertNodeCommand.Leave("planned", left.ref()));
        nextOf(CoordinatorCommand.NodeLeaving.class);
        assertThat(host.drainAsked).isFalse();

        node.tell(new ExpertNodeCommand.LeaveGranted(2));
        coordinator.awaitAssert(() -> assertThat(host.drainAsked).isTrue());
        left.expectNoMessage(Duration.ofMillis(50));
        host.drained.complete(null);

        assertThat(left.receiveMessage()).isEqualTo(new Left(true));
        coordinator.expectTerminated(node);
        assertThat(states).containsExactly(NodeState.LOADING, NodeState.SERVING, NodeState.DRAINING, NodeState.STOPPED);
    }

    @Test
    void shouldLeaveInTheEndEvenIfNoCoordinatorAnswers() {
        serve();
        host.drained.complete(null);
        final TestProbe<Left> left = kit.createTestProbe();
        node.tell(new ExpertNodeCommand.Leave("SIGTERM", left.ref()));
        nextOf(CoordinatorCommand.NodeLeaving.class);

        time.timePasses(Duration.ofSeconds(36));

        assertThat(left.receiveMessage()).isEqualTo(new Left(false));
    }

    @Test
    void shouldStopWhenRefusedForGoodAndTryAgainOtherwise() {
        node.tell(new ExpertNodeCommand.NodeRefused("id 3 is used", true));
        time.timePasses(Duration.ofSeconds(1));
        nextOf(CoordinatorCommand.RegisterNode.class);

        node.tell(new ExpertNodeCommand.NodeRefused("another model", false));

        coordinator.expectTerminated(node);
        assertThat(states).containsExactly(NodeState.STOPPED);
    }

    private void serve() {
        node.tell(new ExpertNodeCommand.NodeAccepted(PUBLISHER, 0));
        node.tell(new ExpertNodeCommand.LoadUnits(1, PUBLISHER, List.of(A, B), List.of()));
        nextOf(CoordinatorCommand.UnitLoaded.class);
        nextOf(CoordinatorCommand.UnitLoaded.class);
        coordinator.awaitAssert(() -> assertThat(states).endsWith(NodeState.SERVING));
    }

    private <T extends CoordinatorCommand> T nextOf(final Class<T> type) {
        final Deque<CoordinatorCommand> seen = new ArrayDeque<>();
        while (seen.size() < 10) {
            final CoordinatorCommand command = coordinator.receiveMessage();
            if (type.isInstance(command)) {
                return type.cast(command);
            }
            seen.add(command);
        }
        throw new AssertionError("no " + type.getSimpleName() + " among " + seen);
    }
}
