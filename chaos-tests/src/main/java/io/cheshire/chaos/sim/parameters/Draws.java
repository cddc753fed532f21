package io.cheshire.chaos.sim.parameters;

import java.util.SplittableRandom;

/**
 * The numbers of one seed. All parameters are drawn from one sequence, in an order that stays, so that a seed keeps
 * what it meant; what was thought of later is drawn from sequences of its own.
 */
final class Draws {
    private final long seed;
    private final SplittableRandom random;

    Draws(final long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed ^ 0x5EEDL);
    }

    long seed() {
        return seed;
    }

    int pick(final int... choices) {
        return choices[random.nextInt(choices.length)];
    }

    int below(final int bound) {
        return random.nextInt(bound);
    }

    boolean coin(final double chance) {
        return random.nextDouble() < chance;
    }

    /** From 0 to 1. */
    double share() {
        return random.nextDouble();
    }

    long between(final long low, final long high) {
        return low + random.nextLong(high - low + 1);
    }

    /** Numbers of their own: with them what the seeds are known for stays as it is. */
    SplittableRandom apart(final int what) {
        return new SplittableRandom(seed * 31 + what);
    }

    /** Another sequence, which nothing else begins with. */
    SplittableRandom apart() {
        return new SplittableRandom(~seed * 31);
    }
}
