package io.cheshire.chaos.experiment.core;

/**
 * One thing that the file claims, beside what was found.
 *
 * @param claim  as in the file
 * @param figure what was found
 * @param limit  what was asked
 * @param holds  whether it does
 */
public record Claim(String claim, String figure, String limit, boolean holds) {
    /** For people: which, figure and limit. */
    public String words() {
        return claim + (holds ? " holds: " : " does not hold: ") + figure + "; asked: " + limit;
    }
}
