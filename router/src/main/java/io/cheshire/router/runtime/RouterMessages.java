package io.cheshire.router.runtime;

import io.cheshire.coordinator.core.PlacementEvent;
import io.cheshire.coordinator.core.PlacementTarget;
import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterReport;
import io.cheshire.router.core.RouterEffect;
import java.util.function.BooleanSupplier;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What a router's life says, as messages of the control protocol: here, and only here, the address to answer to is added.
 *
 * @param identity who the router is
 * @param target   counts what the router computed and sent
 * @param ready    whether it admits requests
 * @param self     where the coordinator answers
 */
record RouterMessages(
        RouterActor.Identity identity, PlacementTarget target, BooleanSupplier ready, ActorRef<RouterCommand> self) {
    CoordinatorCommand of(final RouterEffect.Tell tell) {
        return switch (tell.fact()) {
            case final PlacementEvent.RouterRegistered fact ->
                new CoordinatorCommand.RegisterRouter(fact.hello(), self);
            case final PlacementEvent.RouterAcknowledged fact ->
                new CoordinatorCommand.EpochAcknowledged(
                        fact.routerId(), fact.incarnation(), fact.epoch(), fact.publisher());
            case final PlacementEvent.UnitUnavailable fact ->
                new CoordinatorCommand.UnitUnavailable(fact.routerId(), fact.incarnation(), fact.epoch(), fact.keys());
            default -> throw new IllegalArgumentException("a router doesn't say " + tell.fact());
        };
    }

    CoordinatorCommand of(final RouterEffect.TellLeaving leaving) {
        return new CoordinatorCommand.RouterLeaving(leaving.routerId(), leaving.incarnation(), leaving.reason());
    }

    CoordinatorCommand of(final RouterEffect.Report report) {
        final AnswerRows answerRows = target.answerRows(); // first: what is open no more is booked by then
        final RouterReport counted = new RouterReport(
                identity.routerId(),
                identity.incarnation(),
                report.state(),
                report.epoch(),
                ready.getAsBoolean(),
                target.rowsByLayer(),
                answerRows,
                target.unitTraffic());
        return new CoordinatorCommand.RouterReported(counted, report.refreshId(), self);
    }
}
