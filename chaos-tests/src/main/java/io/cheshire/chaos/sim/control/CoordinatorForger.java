package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.coordinator.core.CoordinatorEffect;
import io.cheshire.coordinator.core.CoordinatorInput;
import io.cheshire.coordinator.core.CoordinatorLife;
import io.cheshire.coordinator.core.EpochRules;
import io.cheshire.coordinator.core.KnownRouter;
import io.cheshire.coordinator.core.PlacementRules;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.protocol.RouterReport;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes what a coordinator hears, what it goes by and what it says as the planted bug wants, between its life and the
 * network; without a bug all passes as it is. One serves one term of a coordinator.
 */
final class CoordinatorForger {
    private final PlantedBug bug;
    private final RackForger racks = new RackForger();
    private final List<CoordinatorEffect.Tell<Place>> releases = new ArrayList<>();
    private RouterCommand.@Nullable PlacementPublished last;

    CoordinatorForger(final PlantedBug bug) {
        this.bug = bug;
    }

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

    /** What reaches the life instead of the input. */
    List<CoordinatorInput<Place>> heard(final CoordinatorInput<Place> input, final CoordinatorLife<Place> life) {
        return switch (bug) {
            case FORGET_EPOCH_SEEN -> withoutOtherEpochs(input, life);
            case LOSE_LOAD_REPORTS -> isOfLoad(input, life) ? List.of() : List.of(input);
            case COUNT_REPORT_AS_ACK ->
                input
                                instanceof
                                CoordinatorInput.RouterReports<Place>(
                                        final RouterReport report,
                                        final var id,
                                        final var f)
                        ? List.of(input, acknowledged(report.routerId(), report.incarnation(), life))
                        : List.of(input);
            case FORGET_ROUTER -> withoutOtherRouters(input, life);
            case FORGET_RACKS, FORGET_RACKS_AT_RETURN, KEEP_OLD_RACK -> List.of(racks.heard(bug, input));
            default -> List.of(input);
        };
    }

    private static CoordinatorInput<Place> acknowledged(
            final int routerId, final long incarnation, final CoordinatorLife<Place> life) {
        return new CoordinatorInput.Told<>(new CoordinatorCommand.EpochAcknowledged(
                routerId,
                incarnation,
                life.state().placement().epoch(),
                life.rules().publisher()));
    }

    private static List<CoordinatorInput<Place>> withoutOtherRouters(
            final CoordinatorInput<Place> input, final CoordinatorLife<Place> life) {
        final List<CoordinatorInput<Place>> heard = new ArrayList<>(List.of(input));
        if (input instanceof CoordinatorInput.Told<Place>(final CoordinatorCommand.EpochAcknowledged acked)) {
            for (final KnownRouter<Place> router : life.routers()) {
                if (router.hello().routerId() != acked.routerId()) {
                    heard.add(new CoordinatorInput.RouterEnded<>(
                            router.hello().routerId(), router.hello().incarnation()));
                }
            }
        }
        return heard;
    }

    private static boolean isOfLoad(final CoordinatorInput<Place> input, final CoordinatorLife<Place> life) {
        return switch (input) {
            case CoordinatorInput.Told<Place>(final CoordinatorCommand.UnitLoaded loaded) -> true;
            case CoordinatorInput.NodeReports<Place>(final var report, final long refreshId, final Place from) ->
                life.nodes().stream().anyMatch(node -> node.place().equals(from));
            default -> false;
        };
    }

    private static List<CoordinatorInput<Place>> withoutOtherEpochs(
            final CoordinatorInput<Place> input, final CoordinatorLife<Place> life) {
        return switch (input) {
            case CoordinatorInput.NodeRegisters<Place>(final NodeHello hello, final Place from) ->
                List.of(new CoordinatorInput.NodeRegisters<>(
                        new NodeHello(
                                hello.clusterName(),
                                hello.modelFingerprint(),
                                hello.endpoint(),
                                hello.memoryLimitBytes(),
                                hello.unitBytes(),
                                0,
                                0,
                                hello.resident(),
                                hello.failureDomain()),
                        from));
            case CoordinatorInput.RouterRegisters<Place>(final RouterHello hello, final Place from) ->
                List.of(new CoordinatorInput.RouterRegisters<>(
                        new RouterHello(
                                hello.clusterName(),
                                hello.modelFingerprint(),
                                hello.weightsSha256(),
                                hello.routerId(),
                                hello.incarnation(),
                                0,
                                0),
                        from));
            case CoordinatorInput.RouterReports<Place>(final RouterReport report, final long id, final Place from)
            when report.epoch() > life.state().placement().epoch() -> List.of();
            case CoordinatorInput.Told<Place>(final CoordinatorCommand.StaleCommand stale) -> List.of();
            case CoordinatorInput.Told<Place>(final CoordinatorCommand.EpochAcknowledged acked)
            when acked.publisher() != life.rules().publisher() -> List.of();
            default -> List.of(input);
        };
    }

    /** What reaches the network instead of the effects. */
    List<CoordinatorEffect<Place>> said(
            final List<CoordinatorEffect<Place>> effects, final CoordinatorLife<Place> life) {
        if (bug == PlantedBug.NONE) {
            return effects;
        }
        final List<CoordinatorEffect<Place>> said = new ArrayList<>();
        for (final CoordinatorEffect<Place> effect : effects) {
            switch (effect) {
                case CoordinatorEffect.Tell<Place>(final Place to, final RouterCommand.PlacementPublished published) ->
                    publish(to, published, life, said);
                case CoordinatorEffect.Tell<Place>(final Place to, final ExpertNodeCommand.UnloadUnits unload) -> {
                    said.add(effect);
                    releases.add(new CoordinatorEffect.Tell<>(to, unload));
                }
                default -> said.add(effect);
            }
        }
        return said;
    }

    private void publish(
            final Place to,
            final RouterCommand.PlacementPublished published,
            final CoordinatorLife<Place> life,
            final List<CoordinatorEffect<Place>> said) {
        said.add(new CoordinatorEffect.Tell<>(
                to, bug == PlantedBug.TWO_PLACEMENTS_ONE_EPOCH ? forged(to, published) : published));
        final RouterCommand.PlacementPublished before = last;
        if (before != null
                && before.placement().epoch() >= published.placement().epoch()) {
            return;
        }
        last = published;
        switch (bug) {
            case PUBLISH_OLD_EPOCH -> {
                if (before != null) {
                    said.add(new CoordinatorEffect.Tell<>(to, before));
                }
            }
            case RELEASE_EARLY -> releaseUnlisted(published, life, said);
            case RELEASE_AGAIN -> releaseAgain(published, said);
            default -> {}
        }
    }

    private static RouterCommand.PlacementPublished forged(
            final Place to, final RouterCommand.PlacementPublished published) {
        if (!(to instanceof final RouterControl router) || router.routerId() == 0) {
            return published;
        }
        final Placement placement = published.placement();
        final List<List<Integer>> rotated = new ArrayList<>(placement.nodesByUnit());
        rotated.add(rotated.removeFirst());
        return new RouterCommand.PlacementPublished(
                new Placement(placement.epoch(), placement.expertsPerLayer(), rotated),
                published.nodes(),
                published.publisher());
    }

    /** Everything that the new epoch doesn't list goes at once. */
    private static void releaseUnlisted(
            final RouterCommand.PlacementPublished published,
            final CoordinatorLife<Place> life,
            final List<CoordinatorEffect<Place>> said) {
        final Placement placement = published.placement();
        life.nodes().forEach(node -> {
            final int nodeId = node.hello().nodeId();
            final List<ExpertKey> unlisted = life.state().residentOn(nodeId).stream()
                    .filter(key -> !placement.nodesOf(key).contains(nodeId))
                    .toList();
            if (!unlisted.isEmpty()) {
                said.add(new CoordinatorEffect.Tell<>(
                        node.place(),
                        new ExpertNodeCommand.UnloadUnits(placement.epoch(), published.publisher(), unlisted)));
            }
        });
    }

    /** Everything that was ever released is released once more, under the newest epoch. */
    private void releaseAgain(
            final RouterCommand.PlacementPublished published, final List<CoordinatorEffect<Place>> said) {
        releases.forEach(release -> {
            if (release.message() instanceof final ExpertNodeCommand.UnloadUnits unload) {
                said.add(new CoordinatorEffect.Tell<>(
                        release.to(),
                        new ExpertNodeCommand.UnloadUnits(
                                published.placement().epoch(), published.publisher(), unload.keys())));
            }
        });
    }
}
