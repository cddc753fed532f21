package io.cheshire.http.runtime.console;

/** Why something can't be planned, in words for people. */
public final class PlanDeskRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param words with the remedy */
    public PlanDeskRefused(final String words) {
        super(words, null, false, false);
    }
}
