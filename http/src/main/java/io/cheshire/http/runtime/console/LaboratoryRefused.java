package io.cheshire.http.runtime.console;

/** Why an experiment can't be run, in words for people. */
public final class LaboratoryRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param words with the remedy */
    public LaboratoryRefused(final String words) {
        super(words, null, false, false);
    }
}
