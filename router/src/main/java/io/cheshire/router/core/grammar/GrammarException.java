package io.cheshire.router.core.grammar;

/** A schema, pattern or choice that isn't served; the message names what, the limit if there is one, and a remedy. */
public final class GrammarException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String place;

    /** @param place a JSON pointer into what was compiled; empty for all of it */
    public GrammarException(final String place, final String message) {
        super(message, null, false, false);
        this.place = place;
    }

    /** Where it is in the schema, as a JSON pointer. */
    public String place() {
        return place;
    }
}
