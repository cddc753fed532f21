package io.cheshire.chaos.sim.net;

import io.cheshire.chaos.sim.world.World;
import io.cheshire.transport.core.link.Lifeline;
import io.cheshire.transport.core.link.LifelineDoor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/** The routers' lifelines to nodes: cut soon after a node's death, and now and then though it lives. */
public final class Lifelines {
    private static final long LONGEST_DEATH_NS = 30 * World.MS;
    private static final int MOST_CUTS = 5;
    private static final long SHORTEST_REST_NS = 100 * World.MS;
    private static final long LONGEST_CONNECT_NS = 5 * World.MS;

    private final World world;
    private final SplittableRandom random;
    private long longestDeathNs = LONGEST_DEATH_NS;
    /** By the node's incarnation: those that live. */
    private final Map<Long, Door> doors = new TreeMap<>();

    Lifelines(final World world, final long seed) {
        this.world = world;
        this.random = new SplittableRandom(seed);
    }

    /** From now on kernels take up to so long to cut a dead process's lifelines. */
    public void dieWithin(final long ns) {
        longestDeathNs = ns;
    }

    /** One start of a node lets routers hold on. */
    public LifelineDoor open(final long incarnation) {
        final Door door = new Door(incarnation);
        doors.put(incarnation, door);
        return door;
    }

    /**
     * Connects to one start of a node.
     *
     * @param proof what its door must know by then, or there is no lifeline
     */
    public Held hold(final long incarnation, final long proof) {
        final Held held = new Held(incarnation);
        world.after(1 + random.nextLong(LONGEST_CONNECT_NS), () -> {
            final Door door = doors.get(incarnation);
            if (door != null && door.proofs.contains(proof) && !held.closed) {
                held.held = true;
                door.held.add(held);
            }
        });
        return held;
    }

    /** A start of a node is over: its kernel takes a moment to say so, to one router after the other. */
    public void die(final long incarnation) {
        final Door door = doors.remove(incarnation);
        if (door != null) {
            cut(door);
        }
    }

    private void cut(final Door door) {
        door.held.forEach(held -> world.after(1 + random.nextLong(longestDeathNs), held::cut));
        door.held.clear();
    }

    /** The network ends those to one node that lives; false if there are none. */
    public boolean cutAny() {
        final List<Door> busy =
                doors.values().stream().filter(door -> !door.held.isEmpty()).toList();
        if (busy.isEmpty()) {
            return false;
        }
        cut(busy.get(random.nextInt(busy.size())), 1 + random.nextInt(MOST_CUTS));
        return true;
    }

    /** Again and again, as they are held again, so that routers come to believe none of them. */
    private void cut(final Door door, final int times) {
        cut(door);
        if (times > 1) {
            world.after(SHORTEST_REST_NS + random.nextLong(SHORTEST_REST_NS), () -> {
                if (lives(door.incarnation)) {
                    cut(door, times - 1);
                }
            });
        }
    }

    private boolean lives(final long incarnation) {
        return doors.containsKey(incarnation);
    }

    /** One router's hold on one start of a node. */
    public final class Held implements Lifeline {
        private final long incarnation;
        private boolean held;
        private boolean cut;
        private boolean closed;

        private Held(final long incarnation) {
            this.incarnation = incarnation;
        }

        private void cut() {
            cut = true;
        }

        @Override
        public boolean isCut(final long observedNs) {
            return held && cut && !closed;
        }

        /** Whether the node is still alive. */
        public boolean isItsNodeAlive() {
            return lives(incarnation);
        }

        @Override
        public void close() {
            closed = true;
            final Door door = doors.get(incarnation);
            if (door != null) {
                door.held.remove(this);
            }
        }
    }

    private final class Door implements LifelineDoor {
        private final long incarnation;
        private final Set<Long> proofs = new TreeSet<>();
        private final List<Held> held = new ArrayList<>();

        private Door(final long incarnation) {
            this.incarnation = incarnation;
        }

        @Override
        public void allow(final long proof) {
            proofs.add(proof);
        }

        @Override
        public void revoke(final long proof) {
            proofs.remove(proof);
        }

        @Override
        public void close() {
            die(incarnation);
        }
    }
}
