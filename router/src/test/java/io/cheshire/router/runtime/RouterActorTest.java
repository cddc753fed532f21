package io.cheshire.router.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Left;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.UnitTraffic;
import io.cheshire.coordinator.runtime.MemberConfig;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.router.core.PlacementTarget;
import io.cheshire.settings.SettingReader;
import io.cheshire.testing.ExpectedErrors;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The router's actor before a coordinator and an engine that exist only here, in virtual time. */
class RouterActorTest {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final FakeTarget target = new FakeTarget();
    private final List<NodeState> states = new CopyOnWriteArrayList<>();
    private ActorTestKit kit;
    private ManualTime time;
    private TestProbe<CoordinatorCommand> coordinator;
    private ActorRef<RouterCommand> router;

    private static final AnswerRows ANSWER_ROWS =
            new AnswerRows(List.of(1L, 2L), List.of(0L, 0L), List.of(3L, 4L), List.of(5L, 6L));
    private static final UnitTraffic TRAFFIC = new UnitTraffic(List.of(6L, 4L, 5L, 5L), List.of(3L, 2L, 1L, 1L));

    /** Applies an epoch when the test says so. */
    private static final class FakeTarget implements PlacementTarget {
        final Deque<CompletableFuture<Long>> open = new ConcurrentLinkedDeque<>();
        final Deque<Long> offered = new ConcurrentLinkedDeque<>();

        @Override
        public CompletionStage<Long> apply(final Placement placement, final List<NodeEndpoint> nodes) {
            offered.add(placement.epoch());
            final CompletableFuture<Long> applied = new CompletableFuture<>();
            open.add(applied);
            return applied;
        }

        volatile Unanswered unanswered = Unanswered.NONE;

        @Override
        public Unanswered unanswered() {
            return unanswered;
        }

        @Override
        public List<Long> rowsByLayer() {
            return List.of(5L, 5L);
        }

        @Override
        public AnswerRows answerRows() {
            return ANSWER_ROWS;
        }

        @Override
        public UnitTraffic unitTraffic() {
            return TRAFFIC;
        }
    }

    @BeforeEach
    void start() {
        kit = ActorTestKit.create(ManualTime.config().withFallback(ConfigFactory.load()));
        time = ManualTime.get(kit.system());
        coordinator = kit.createTestProbe();
        router = kit.spawn(RouterActor.create(
                new RouterActor.Identity(4, 44, "f00d", "0".repeat(64)),
                target,
                () -> true,
                coordinator.ref(),
                SettingReader.read(ConfigFactory.load(), MemberConfig::from),
                (from, to, reason) -> states.add(to)));
        assertThat(coordinator
                        .expectMessageClass(CoordinatorCommand.RegisterRouter.class)
                        .hello()
                        .epoch())
                .isZero();
    }

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void shouldRegisterAgainUntilItIsAccepted() {
        time.timePasses(INTERVAL);
        assertThat(nextOf(CoordinatorCommand.RegisterRouter.class).hello().routerId())
                .isEqualTo(4);

        router.tell(new RouterCommand.RouterAccepted(9));
        coordinator.awaitAssert(() -> assertThat(states).containsExactly(NodeState.LOADING));
        // Reports go on, and a registration would stand among them.
        time.timePasses(INTERVAL.multipliedBy(3));
        assertThat(coordinator.receiveSeveralMessages(3))
                .allSatisfy(heard -> assertThat(heard).isInstanceOf(CoordinatorCommand.RouterReported.class));
    }

    @Test
    void shouldAcknowledgeAnEpochOnlyOnceTheEngineSwitched() {
        router.tell(new RouterCommand.RouterAccepted(9));
        router.tell(published(1, 9));
        coordinator.expectNoMessage(Duration.ofMillis(50));

        target.open.remove().complete(1L);

        assertThat(coordinator.receiveMessage()).isEqualTo(new CoordinatorCommand.EpochAcknowledged(4, 44, 1, 9));
        coordinator.awaitAssert(() -> assertThat(states).containsExactly(NodeState.LOADING, NodeState.SERVING));
    }

    @Test
    void shouldNotGoBackAndSayWhichEpochItHas() {
        serve(5, 9);

        router.tell(published(4, 8));
        assertThat(coordinator.receiveMessage()).isEqualTo(new CoordinatorCommand.EpochAcknowledged(4, 44, 5, 9));
        router.tell(published(5, 8));
        assertThat(coordinator.receiveMessage())
                .as("the same epoch of another coordinator")
                .isEqualTo(new CoordinatorCommand.EpochAcknowledged(4, 44, 5, 9));
        assertThat(target.offered).containsExactly(5L);
    }

    @Test
    void shouldNotAcknowledgeAnEpochOnAccountOfAnOlderOneWhileTheEngineSwitches() {
        serve(5, 9);
        router.tell(published(6, 9));
        coordinator.awaitAssert(() -> assertThat(target.open).hasSize(1));

        router.tell(published(4, 8));
        coordinator.expectNoMessage(Duration.ofMillis(50));
        target.open.remove().complete(6L);

        assertThat(coordinator.receiveMessage()).isEqualTo(new CoordinatorCommand.EpochAcknowledged(4, 44, 6, 9));
    }

    @Test
    void shouldAcknowledgeAgainWhenTheEpochIsSentAgain() {
        serve(5, 9);

        router.tell(published(5, 9));

        assertThat(coordinator.receiveMessage()).isEqualTo(new CoordinatorCommand.EpochAcknowledged(4, 44, 5, 9));
        assertThat(target.offered).containsExactly(5L);
    }

    @Test
    @ExpectedErrors("can't apply epoch 1")
    void shouldTryAgainAnEpochThatTheEngineCouldNotApply() {
        router.tell(new RouterCommand.RouterAccepted(9));
        router.tell(published(1, 9));
        coordinator.awaitAssert(() -> assertThat(target.open).hasSize(1));
        target.open.remove().completeExceptionally(new IllegalStateException("no channel"));
        coordinator.expectNoMessage(Duration.ofMillis(50));

        router.tell(published(1, 9));
        coordinator.awaitAssert(() -> assertThat(target.open).hasSize(1));
        target.open.remove().complete(1L);

        assertThat(coordinator.receiveMessage()).isEqualTo(new CoordinatorCommand.EpochAcknowledged(4, 44, 1, 9));
    }

    @Test
    void shouldTellANewCoordinatorWhatItHas() {
        serve(5, 9);

        router.tell(new RouterCommand.RegisterRouterAgain("new here"));

        final var hello = nextOf(CoordinatorCommand.RegisterRouter.class).hello();
        assertThat(List.of(hello.epoch(), hello.publisher())).containsExactly(5L, 9L);
    }

    @Test
    void shouldReportWhenAsked() {
        serve(5, 9);

        router.tell(new RouterCommand.ReportNow(12));

        final var reported = nextOf(CoordinatorCommand.RouterReported.class);
        assertThat(reported.refreshId()).isEqualTo(12);
        assertThat(reported.report().rowsByLayer()).containsExactly(5L, 5L);
        assertThat(reported.report().answerRows()).isEqualTo(ANSWER_ROWS);
        assertThat(reported.report().traffic()).isEqualTo(TRAFFIC);
        assertThat(reported.report().epoch()).isEqualTo(5);
    }

    @Test
    void shouldTellWhichUnitsNobodyAnswersForAtEachChangeAndWithEachReport() {
        serve(5, 9);
        final ExpertKey key = new ExpertKey(0, 3);
        target.unanswered = new PlacementTarget.Unanswered(5, List.of(key));

        time.timePasses(Duration.ofMillis(100));

        final var told = new CoordinatorCommand.UnitUnavailable(4, 44, 5, List.of(key));
        assertThat(coordinator.receiveMessage()).isEqualTo(told);
        time.timePasses(INTERVAL);
        assertThat(coordinator.receiveMessage()).isInstanceOf(CoordinatorCommand.RouterReported.class);
        assertThat(coordinator.receiveMessage()).isEqualTo(told);

        target.unanswered = new PlacementTarget.Unanswered(5, List.of());
        time.timePasses(Duration.ofMillis(100));
        assertThat(coordinator.receiveMessage()).isEqualTo(new CoordinatorCommand.UnitUnavailable(4, 44, 5, List.of()));
        time.timePasses(INTERVAL);
        assertThat(coordinator.receiveMessage()).isInstanceOf(CoordinatorCommand.RouterReported.class);
        coordinator.expectNoMessage(Duration.ofMillis(50));
    }

    @Test
    void shouldStopWhenRefusedForGood() {
        router.tell(new RouterCommand.RouterRefused("another model", false));

        coordinator.expectTerminated(router);
        assertThat(states).containsExactly(NodeState.STOPPED);
    }

    @Test
    void shouldLeaveEvenIfNoCoordinatorAnswers() {
        serve(5, 9);
        final TestProbe<Left> left = kit.createTestProbe();
        router.tell(new RouterCommand.Leave("SIGTERM", left.ref()));
        nextOf(CoordinatorCommand.RouterLeaving.class);

        time.timePasses(Duration.ofSeconds(36));

        assertThat(left.receiveMessage()).isEqualTo(new Left(false));
    }

    private void serve(final long epoch, final long publisher) {
        router.tell(new RouterCommand.RouterAccepted(publisher));
        router.tell(published(epoch, publisher));
        coordinator.awaitAssert(() -> assertThat(target.open).hasSize(1));
        target.open.remove().complete(epoch);
        coordinator.expectMessageClass(CoordinatorCommand.EpochAcknowledged.class);
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

    private static RouterCommand published(final long epoch, final long publisher) {
        return new RouterCommand.PlacementPublished(
                new Placement(epoch, 1, List.of(List.of(0))),
                List.of(new NodeEndpoint(0, 1, "aeron:ipc", 1)),
                publisher);
    }
}
