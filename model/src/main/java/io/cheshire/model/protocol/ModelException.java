package io.cheshire.model.protocol;

import java.util.List;

/** A model directory cannot be served. The message lists every problem found, one a line, each with what to do. */
public final class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // List.copyOf is serializable
    private final List<String> problems;

    public ModelException(final String what, final List<String> problems) {
        super(problems.isEmpty() ? what : what + ":\n  - " + String.join("\n  - ", problems));
        this.problems = List.copyOf(problems);
    }

    public ModelException(final String what, final Throwable cause) {
        super(what, cause);
        this.problems = List.of(what);
    }

    /** Every problem, in the order found. */
    public List<String> problems() {
        return problems;
    }
}
