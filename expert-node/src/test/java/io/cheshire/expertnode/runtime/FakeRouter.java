package io.cheshire.expertnode.runtime;

import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.protocol.RouterReport;
import io.cheshire.coordinator.protocol.UnitTraffic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Stands in for a router, whose module is built after this one: registers, reports, acknowledges at once. */
final class FakeRouter {
    private static final int ROUTER_ID = 0;
    private static final long INCARNATION = 77;

    final List<Placement> placements = new CopyOnWriteArrayList<>();
    private volatile long publisher;

    long epoch() {
        return placements.isEmpty() ? 0 : placements.getLast().epoch();
    }

    Behavior<RouterCommand> behavior(final String fingerprint, final ActorRef<CoordinatorCommand> coordinator) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(new RouterCommand.ReportNow(0), Duration.ofMillis(200));
            return Behaviors.receiveMessage(command -> {
                switch (command) {
                    case RouterCommand.ReportNow(final long refreshId) -> {
                        final RouterReport report = new RouterReport(
                                ROUTER_ID,
                                INCARNATION,
                                NodeState.SERVING,
                                epoch(),
                                true,
                                List.of(1L, 1L),
                                AnswerRows.NONE,
                                UnitTraffic.NONE);
                        coordinator.tell(new CoordinatorCommand.RouterReported(report, refreshId, context.getSelf()));
                    }
                    case RouterCommand.RegisterRouterAgain(final String reason) -> {
                        final RouterHello hello = new RouterHello(
                                "cheshire", fingerprint, "0".repeat(64), ROUTER_ID, INCARNATION, epoch(), publisher);
                        coordinator.tell(new CoordinatorCommand.RegisterRouter(hello, context.getSelf()));
                    }
                    case final RouterCommand.PlacementPublished published -> {
                        if (published.placement().epoch() > epoch()) {
                            placements.add(published.placement());
                            publisher = published.publisher();
                        }
                        coordinator.tell(
                                new CoordinatorCommand.EpochAcknowledged(ROUTER_ID, INCARNATION, epoch(), publisher));
                    }
                    case final RouterCommand.RouterAccepted accepted -> {}
                    case final RouterCommand.RouterRefused refused -> {}
                    case final RouterCommand.LeaveGranted granted -> {}
                    case final RouterCommand.Leave leave -> {}
                }
                return Behaviors.same();
            });
        }));
    }
}
