package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.coordinator.core.EpochRules;
import io.cheshire.coordinator.core.PlacementEffect;
import io.cheshire.coordinator.core.PlacementRules;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterHello;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes what a coordinator hears, what it goes by and what it says as the planted bug wants; without one all passes as it is.
 * Holds nothing.
 */
record CoordinatorForger(PlantedBug bug) {
    PlacementRules rules(final PlacementRules drawn) {
        return bug == PlantedBug.EPOCHS_WITHOUT_LIMIT
                ? new PlacementRules(
                        drawn.clusterName(),
                        drawn.model(),
                        drawn.publisher(),
                        drawn.members(),
                        drawn.loads(),
                        drawn.replicas(),
                        new EpochRules(
                                drawn.epochs().republishNs(), drawn.epochs().publishEveryNs(), Short.MAX_VALUE, 1),
                        drawn.scrubTimeoutNs())
                : drawn;
    }

    NodeHello heard(final NodeHello hello) {
        return bug != PlantedBug.FORGET_EPOCH_SEEN
                ? hello
                : new NodeHello(
                        hello.clusterName(),
                        hello.modelFingerprint(),
                        hello.endpoint(),
                        hello.memoryLimitBytes(),
                        hello.unitBytes(),
                        0,
                        0,
                        hello.resident());
    }

    RouterHello heard(final RouterHello hello) {
        return bug != PlantedBug.FORGET_EPOCH_SEEN
                ? hello
                : new RouterHello(
                        hello.clusterName(),
                        hello.modelFingerprint(),
                        hello.weightsSha256(),
                        hello.routerId(),
                        hello.incarnation(),
                        0,
                        0);
    }

    /** Whether the coordinator never hears of it. */
    boolean isLost(final PlacementEvent event, final long publisher) {
        return switch (bug) {
            case FORGET_EPOCH_SEEN ->
                event instanceof PlacementEvent.EpochSeen
                        || (event instanceof final CoordinatorCommand.EpochAcknowledged acked
                                && acked.publisher() != publisher);
            case LOSE_LOAD_REPORTS ->
                event instanceof CoordinatorCommand.UnitLoaded || event instanceof PlacementEvent.NodeHeard;
            default -> false;
        };
    }

    PlacementEffect.Publish said(final PlacementEffect.Publish publish) {
        return bug == PlantedBug.TWO_PLACEMENTS_ONE_EPOCH && publish.routerId() > 0
                ? new PlacementEffect.Publish(publish.routerId(), rotated(publish.placement()), publish.endpoints())
                : publish;
    }

    private static Placement rotated(final Placement placement) {
        final List<List<Integer>> units = new ArrayList<>(placement.nodesByUnit());
        units.add(units.removeFirst());
        return new Placement(placement.epoch(), placement.expertsPerLayer(), units);
    }
}
