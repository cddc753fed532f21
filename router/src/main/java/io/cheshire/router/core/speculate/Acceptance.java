package io.cheshire.router.core.speculate;

/**
 * How likely the next guessed token of one sequence is right, from what became of its guesses. Begins with trust, so
 * that a text that repeats itself is found out; a few wrong guesses take it away, and time gives it back, so that a
 * text which begins to repeat itself later is found out, too. Engine thread only.
 */
public final class Acceptance {
    /** The chance before anything is known. */
    static final double TRUST = 0.8;
    /** So many guessed tokens that trust counts for. */
    static final double WEIGHT = 4;

    /** What is further back than so many guessed tokens fades. */
    private static final double MEMORY = 32;
    /** A guess that wasn't tried takes the estimate by this share back to {@link #TRUST}. */
    private static final double RETURN = 1.0 / 64;

    private double right = TRUST * WEIGHT;
    private double tried = WEIGHT;

    /** Of one token, if those before it are right; below 1. */
    public double chance() {
        return right / tried;
    }

    /**
     * What became of a guess. Tokens behind the first wrong one say nothing.
     *
     * @param guessed  tokens
     * @param accepted of them, from the first on, that were right
     */
    public void tried(final int guessed, final int accepted) {
        right += accepted;
        tried += Math.min(guessed, accepted + 1);
        if (tried > MEMORY) {
            right *= MEMORY / tried;
            tried = MEMORY;
        }
    }

    /** There was a guess, and it wasn't worth its rows. */
    public void passedOver() {
        right += RETURN * (TRUST * WEIGHT - right);
        tried += RETURN * (WEIGHT - tried);
    }
}
