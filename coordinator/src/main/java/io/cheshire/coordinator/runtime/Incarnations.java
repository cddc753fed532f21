package io.cheshire.coordinator.runtime;

import java.security.SecureRandom;

/** Draws the numbers that tell one start of a member from another. Safe from any thread. */
public final class Incarnations {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Incarnations() {}

    /** A positive number that wasn't drawn before, by all odds. */
    public static long draw() {
        return RANDOM.nextLong(1, Long.MAX_VALUE);
    }
}
