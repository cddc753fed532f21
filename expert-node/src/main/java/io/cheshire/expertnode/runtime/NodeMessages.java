package io.cheshire.expertnode.runtime;

import io.cheshire.coordinator.core.PlacementEvent;
import io.cheshire.coordinator.core.UnitHost;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.expertnode.core.NodeEffect;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What a node's life says, as messages of the control protocol: here, and only here, the address to answer to is added.
 *
 * @param host counts what the node computed
 * @param self where the coordinator answers
 */
record NodeMessages(UnitHost host, ActorRef<ExpertNodeCommand> self) {
    CoordinatorCommand of(final NodeEffect.Tell tell) {
        return switch (tell.fact()) {
            case final PlacementEvent.NodeRegistered fact -> new CoordinatorCommand.RegisterNode(fact.hello(), self);
            case final PlacementEvent.UnitLoaded fact ->
                new CoordinatorCommand.UnitLoaded(fact.nodeId(), fact.incarnation(), fact.unit());
            case final PlacementEvent.UnitLoadFailed fact ->
                new CoordinatorCommand.UnitLoadFailed(fact.nodeId(), fact.incarnation(), fact.key(), fact.reason());
            case final PlacementEvent.UnitUnloaded fact ->
                new CoordinatorCommand.UnitUnloaded(fact.nodeId(), fact.incarnation(), fact.key());
            case final PlacementEvent.UnitDiffers fact ->
                new CoordinatorCommand.UnitDiffers(fact.nodeId(), fact.incarnation(), fact.read());
            case final PlacementEvent.UnitProbed fact ->
                new CoordinatorCommand.UnitProbed(
                        fact.nodeId(),
                        fact.incarnation(),
                        fact.probeId(),
                        fact.key(),
                        fact.answerSha256(),
                        fact.failure());
            case final PlacementEvent.NodeLeaving fact ->
                new CoordinatorCommand.NodeLeaving(fact.nodeId(), fact.incarnation(), fact.reason());
            default -> throw new IllegalArgumentException("a node doesn't say " + tell.fact());
        };
    }

    CoordinatorCommand of(final NodeEffect.TellStale stale) {
        return new CoordinatorCommand.StaleCommand(stale.nodeId(), stale.incarnation(), stale.epochSeen());
    }

    CoordinatorCommand of(final NodeEffect.Report report) {
        final NodeReport counted = new NodeReport(
                host.endpoint().nodeId(),
                host.endpoint().incarnation(),
                report.state(),
                report.resident(),
                host.loads(),
                host.residentBytes());
        return new CoordinatorCommand.NodeReported(counted, report.refreshId(), self);
    }
}
