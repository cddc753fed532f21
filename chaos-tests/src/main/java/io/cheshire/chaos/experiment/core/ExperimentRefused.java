package io.cheshire.chaos.experiment.core;

/** An experiment that isn't begun, and why: where in the file, what is there, and what would do. */
public final class ExperimentRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message the whole explanation, for people */
    public ExperimentRefused(final String message) {
        super(message);
    }
}
