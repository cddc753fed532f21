package io.cheshire.chaos.sim.net;

import io.cheshire.chaos.sim.world.World;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Every host's media driver: asked for a channel it answers after a moment, in bad times much later or by a refusal.
 */
public final class MediaDrivers {
    private static final long LONGEST_ANSWER_NS = 2 * World.MS;
    private static final long LONGEST_BAD_ANSWER_NS = 700 * World.MS;

    private final SplittableRandom random;
    private final Map<Integer, Trouble> troubles = new HashMap<>();

    /** What ails a driver. */
    public enum Trouble {
        SLOW,
        REFUSING
    }

    MediaDrivers(final long seed) {
        this.random = new SplittableRandom(seed * 31 + 7);
    }

    /** From now on. */
    public void afflict(final int host, final Trouble trouble) {
        troubles.put(host, trouble);
    }

    /** All is well on a host again. */
    public void relieve(final int host) {
        troubles.remove(host);
    }

    void relieveAll() {
        troubles.clear();
    }

    /** How long it takes to answer. */
    public long drawAnswerNs(final int host) {
        return 1 + random.nextLong(troubles.get(host) == Trouble.SLOW ? LONGEST_BAD_ANSWER_NS : LONGEST_ANSWER_NS);
    }

    /** Whether what it answers now is a refusal. */
    public boolean refuses(final int host) {
        return troubles.get(host) == Trouble.REFUSING;
    }
}
