package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.coordinator.runtime.CoordinatorConfig;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;

/** What one coordinator may never do with epochs and units, looked at whenever it does something with them. */
final class CoordinatorPromises {
    private final World world;
    private final String name;
    private final CoordinatorConfig config;
    private final Deque<Long> epochTimesNs = new ArrayDeque<>();

    CoordinatorPromises(final World world, final String name, final CoordinatorConfig config) {
        this.world = world;
        this.name = name;
        this.config = config;
    }

    /** It leads anew and owes nothing to what it did before. */
    void begin() {
        epochTimesNs.clear();
    }

    /** It went from one state to the next, at {@code nowNs} by its own clock. */
    void stepped(final PlacementState before, final PlacementState after, final long nowNs) {
        final long epoch = after.placement().epoch();
        if (epoch < before.placement().epoch()) {
            world.violate("epochs never go back", name + " went back to " + epoch);
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
                        name + " published " + epochs + " epochs in " + (nowNs - atNs) / World.MS + " ms");
            }
        }
    }

    /**
     * It is about to let a node release units.
     *
     * @param epoch     of the command
     * @param published the coordinator's own newest epoch
     * @param routers   those that it knows
     */
    void releases(
            final NodeControl node,
            final List<ExpertKey> keys,
            final long epoch,
            final long publisher,
            final long published,
            final Collection<RouterControl> routers) {
        for (final RouterControl router : routers) {
            // A removed coordinator that woke may have given it a higher epoch, of which this one can't know yet.
            // Then the node refuses the shard and the router asks elsewhere, until the next epoch, which follows at
            // once.
            if (router.obeysAnother(publisher, published)) {
                continue;
            }
            for (final ExpertKey key : keys) {
                if (router.mayUse(node.nodeId(), node.incarnation(), key)) {
                    world.violate(
                            "no unit is released while a router may use it",
                            name + " frees " + key + " on node " + node.nodeId() + " at epoch " + epoch + ", but "
                                    + router.process().name() + " may send rows to it");
                }
            }
        }
    }
}
