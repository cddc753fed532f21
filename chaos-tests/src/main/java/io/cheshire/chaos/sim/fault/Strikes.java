package io.cheshire.chaos.sim.fault;

import io.cheshire.chaos.sim.parameters.RunParameters;
import io.cheshire.chaos.sim.world.World;
import java.util.List;
import java.util.SplittableRandom;

/** Chance and time of all that strikes in one run, and the end of it: what is still to come then never does. */
final class Strikes {
    final SplittableRandom random;
    private final World world;
    private final RunParameters parameters;
    private boolean over;

    Strikes(final World world, final RunParameters parameters) {
        this.world = world;
        this.parameters = parameters;
        this.random = world.newRandom();
    }

    void end() {
        over = true;
    }

    boolean areOver() {
        return over;
    }

    /** How long the next one lasts. */
    long durationNs() {
        return parameters.times.faultNs / 4 + random.nextLong(2 * parameters.times.faultNs);
    }

    <T> T one(final List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /** Later, unless all is over by then. */
    void after(final long delayNs, final Runnable action) {
        world.after(delayNs, () -> {
            if (!over) {
                action.run();
            }
        });
    }

    /** Does something now and takes it back later; true, since something was done. */
    boolean forAWhile(final Runnable does, final Runnable undoes) {
        does.run();
        after(durationNs(), undoes);
        return true;
    }
}
