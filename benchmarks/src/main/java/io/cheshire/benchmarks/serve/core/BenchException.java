package io.cheshire.benchmarks.serve.core;

/**
 * The run can't start: the message names the thing, the value, the limit and the remedy, for the person at the
 * terminal.
 */
public final class BenchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BenchException(final String message) {
        super(message);
    }

    public BenchException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
