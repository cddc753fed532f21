package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.SimContext;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.core.CoordinatorInput;
import io.cheshire.coordinator.core.CoordinatorLife;
import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.coordinator.protocol.ControlMessage;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.runtime.CoordinatorConfig;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one coordinator may never do with epochs and units, looked at between it and the network. Keeps its own list of
 * the routers that were accepted: a second opinion.
 */
final class CoordinatorPromises {
    private final World world;
    private final Cluster cluster;
    private final EpochBook book;
    private final SimCoordinator coordinator;
    private final CoordinatorConfig config;
    private final Deque<Long> epochTimesNs = new ArrayDeque<>();
    private final SortedMap<Integer, RouterControl> accepted = new TreeMap<>();

    CoordinatorPromises(final SimContext context, final SimCoordinator coordinator, final CoordinatorConfig config) {
        this.world = context.world();
        this.cluster = context.cluster();
        this.book = context.book();
        this.coordinator = coordinator;
        this.config = config;
    }

    /** It leads anew and owes nothing to what it did before. */
    void begin() {
        epochTimesNs.clear();
        accepted.clear();
    }

    /** It went from one state to the next, at {@code nowNs} by its own clock. */
    void stepped(final PlacementState before, final PlacementState after, final long nowNs) {
        final long epoch = after.placement().epoch();
        if (epoch < before.placement().epoch()) {
            world.violate("epochs never go back", coordinator.name() + " went back to " + epoch);
        }
        if (epoch > before.placement().epoch()) {
            checkPace(nowNs);
        }
    }

    /** n epochs take at least so long as n - burst intervals. */
    private void checkPace(final long nowNs) {
        epochTimesNs.addFirst(nowNs);
        int epochs = 0;
        for (final long atNs : epochTimesNs) {
            epochs++;
            if (nowNs - atNs
                    < (epochs - config.epochs().burst()) * config.epochs().everyNs()) {
                world.violate(
                        "a bounded number of epochs in a time",
                        coordinator.name() + " published " + epochs + " epochs in " + (nowNs - atNs) / World.MS
                                + " ms");
            }
        }
    }

    /** It hears something. */
    void hears(final CoordinatorInput<Place> input) {
        switch (input) {
            case CoordinatorInput.RouterEnded<Place>(final int routerId, final long incarnation) ->
                gone(routerId, incarnation);
            case CoordinatorInput.Told<Place>(
                    CoordinatorCommand.RouterLeaving(
                            final int routerId,
                            final long incarnation,
                            final String reason)) -> gone(routerId, incarnation);
            default -> {}
        }
    }

    private void gone(final int routerId, final long incarnation) {
        accepted.computeIfPresent(routerId, (id, router) -> router.incarnation() == incarnation ? null : router);
    }

    /** It is about to say something to somebody. */
    void says(final Place to, final ControlMessage message, final CoordinatorLife<Place> life) {
        if (to instanceof final RouterControl router) {
            if (message instanceof RouterCommand.RouterAccepted) {
                accepted.put(router.routerId(), router);
            }
            if (message instanceof final RouterCommand.PlacementPublished published) {
                book.published(
                        published.placement(),
                        published.publisher(),
                        router.process().name());
            }
        }
        if (to instanceof final NodeControl node && message instanceof final ExpertNodeCommand.UnloadUnits unload) {
            releases(node, unload, life.state().placement().epoch());
        }
    }

    private void releases(final NodeControl node, final ExpertNodeCommand.UnloadUnits unload, final long published) {
        if (cluster.active() != coordinator) {
            return; // what a removed one wants is refused by the nodes, which obey the highest epoch that they know
        }
        for (final RouterControl router : accepted.values()) {
            // A removed coordinator that woke may have given it a higher epoch, of which this one can't know yet.
            // Then the node refuses the shard and the router asks elsewhere, until the next epoch, which follows at
            // once.
            if (router.obeysAnother(unload.publisher(), published)) {
                continue;
            }
            for (final ExpertKey key : unload.keys()) {
                if (router.mayUse(node.nodeId(), node.incarnation(), key)) {
                    world.violate(
                            "no unit is released while a router may use it",
                            coordinator.name() + " frees " + key + " on node " + node.nodeId() + " at epoch "
                                    + unload.epoch() + ", but "
                                    + router.process().name() + " may send rows to it");
                }
            }
        }
    }
}
