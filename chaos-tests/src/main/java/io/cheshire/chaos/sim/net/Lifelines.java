package io.cheshire.chaos.sim.net;

import io.cheshire.chaos.sim.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** The routers' lifelines to nodes: cut soon after a node's death, and now and then though it lives. */
public final class Lifelines {
    private static final long LONGEST_DEATH_NS = 30 * World.MS;

    private final World world;
    private final SplittableRandom random;
    /** By the node's incarnation. */
    private final Map<Long, List<Runnable>> held = new TreeMap<>();

    Lifelines(final World world, final long seed) {
        this.world = world;
        this.random = new SplittableRandom(seed);
    }

    /** @param cut run once, when it is cut */
    public void hold(final long incarnation, final Runnable cut) {
        held.computeIfAbsent(incarnation, unheld -> new ArrayList<>()).add(cut);
    }

    /** Those to one start of a node end: a dead process's kernel takes a moment to say so, to one router after the other. */
    public void cut(final long incarnation) {
        final List<Runnable> cuts = held.remove(incarnation);
        if (cuts != null) {
            cuts.forEach(cut -> world.after(1 + random.nextLong(LONGEST_DEATH_NS), cut));
        }
    }

    /** The network ends those to one node, dead or alive; false if there are none. */
    public boolean cutAny() {
        if (held.isEmpty()) {
            return false;
        }
        final List<Long> incarnations = List.copyOf(held.keySet());
        cut(incarnations.get(random.nextInt(incarnations.size())));
        return true;
    }
}
