package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.Placement;
import java.util.HashMap;
import java.util.Map;

/** Remembers who published what under which epoch, and who obeyed: what no participant can know alone. */
public final class EpochBook {
    private final World world;
    private final PlantedBug bug;
    private final Map<Key, Placement> contents = new HashMap<>();
    private final Map<String, Long> lastSent = new HashMap<>();
    private final Map<Long, Long> obeyed = new HashMap<>();
    private long publishers;

    private record Key(long publisher, long epoch) {}

    public EpochBook(final World world, final PlantedBug bug) {
        this.world = world;
        this.bug = bug;
    }

    /** The incarnation of the next coordinator. */
    long nextPublisher() {
        publishers++;
        return bug == PlantedBug.SHARE_EPOCH_NUMBERS ? publishers << 32 : publishers;
    }

    /** Coordinators so far. */
    public long publishers() {
        return publishers;
    }

    /** A coordinator sends a placement to a router. */
    void published(final Placement placement, final long publisher, final String router) {
        final Placement before = contents.putIfAbsent(new Key(publisher, placement.epoch()), placement);
        if (before != null && !before.equals(placement)) {
            world.violate("one placement per epoch", "epoch " + placement.epoch() + " differs at " + router);
        }
        final Long last = lastSent.put(publisher + " to " + router, placement.epoch());
        if (last != null && last > placement.epoch()) {
            world.violate(
                    "epochs never go back",
                    router + " was sent epoch " + placement.epoch() + " after " + last + " by publisher " + publisher);
        }
    }

    /** A router starts to use a placement. */
    void applied(final Placement placement, final long publisher, final String router, final long before) {
        if (placement.epoch() <= before) {
            world.violate("epochs never go back", router + " went from epoch " + before + " to " + placement.epoch());
        }
        final Long other = obeyed.putIfAbsent(placement.epoch(), publisher);
        if (other != null && other != publisher) {
            world.violate(
                    "one publisher per epoch",
                    router + " obeys epoch " + Epochs.text(placement.epoch()) + " from publisher " + publisher
                            + ", but somebody obeyed it from " + other);
        }
    }
}
