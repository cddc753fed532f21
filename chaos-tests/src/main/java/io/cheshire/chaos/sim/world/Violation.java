package io.cheshire.chaos.sim.world;

/**
 * A promise that did not hold.
 *
 * @param atNs      virtual time
 * @param invariant the promise
 * @param detail    what happened instead
 */
public record Violation(long atNs, String invariant, String detail) {
    @Override
    public String toString() {
        return "at " + atNs / 1_000_000 + "." + "%03d".formatted(atNs / 1_000 % 1_000) + " ms: " + invariant + ": "
                + detail;
    }
}
