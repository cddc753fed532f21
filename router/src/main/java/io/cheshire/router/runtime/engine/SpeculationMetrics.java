package io.cheshire.router.runtime.engine;

import java.util.concurrent.atomic.AtomicLongArray;

/** What became of guessed tokens since start. Written by the engine thread, read by any. */
public final class SpeculationMetrics {
    /** What is counted. */
    public enum What {
        /** Steps of a sequence in which tokens were guessed. */
        DRAFTS,
        /** Tokens guessed and computed. */
        DRAFTED_TOKENS,
        /** Of these the tokens that were drawn: each saved a step of its sequence. */
        ACCEPTED_TOKENS,
        /** Guesses that weren't worth their rows. */
        PASSED_OVER,
        /** Units that only guessed rows chose, summed over layers: weights that were read for guesses alone. */
        EXTRA_UNITS,
        /** Tokens that a grammar left no choice of, taken without drawing them. */
        CERTAIN_TOKENS,
        /** Tokens guessed of a text that must follow, and computed. */
        FORM_TOKENS,
        /** Of these the tokens that were drawn. */
        FORM_ACCEPTED_TOKENS
    }

    private final AtomicLongArray counts = new AtomicLongArray(What.values().length);

    /** Safe from any thread. */
    public long get(final What what) {
        return counts.getAcquire(indexOf(what));
    }

    void stepDone(final int drafted, final int accepted) {
        add(What.DRAFTS, 1);
        add(What.DRAFTED_TOKENS, drafted);
        add(What.ACCEPTED_TOKENS, accepted);
    }

    void jumped(final int certain) {
        add(What.CERTAIN_TOKENS, certain);
    }

    void formDone(final int drafted, final int accepted) {
        add(What.FORM_TOKENS, drafted);
        add(What.FORM_ACCEPTED_TOKENS, accepted);
    }

    void units(final long extra) {
        add(What.EXTRA_UNITS, extra);
    }

    void passedOver(final long total) {
        counts.setRelease(indexOf(What.PASSED_OVER), total);
    }

    private void add(final What what, final long amount) {
        counts.setRelease(indexOf(what), counts.getPlain(indexOf(what)) + amount);
    }

    private static int indexOf(final What what) {
        return switch (what) {
            case DRAFTS -> 0;
            case DRAFTED_TOKENS -> 1;
            case ACCEPTED_TOKENS -> 2;
            case PASSED_OVER -> 3;
            case EXTRA_UNITS -> 4;
            case CERTAIN_TOKENS -> 5;
            case FORM_TOKENS -> 6;
            case FORM_ACCEPTED_TOKENS -> 7;
        };
    }
}
