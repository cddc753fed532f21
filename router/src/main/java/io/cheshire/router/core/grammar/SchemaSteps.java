package io.cheshire.router.core.grammar;

/**
 * Counts looks at what a client's schemas say: references and {@code allOf} let a small schema be read over and over.
 * One for all schemas of a grammar. Used by one thread at a time.
 */
final class SchemaSteps {
    private long most = Long.MAX_VALUE;
    private long taken;

    /** From now on there may be so many. */
    void allow(final long count) {
        most = count;
    }

    void take(final long count) {
        taken += count;
        if (taken > most) {
            throw new GrammarException(
                    "", "is too complex: more than " + most + " steps were needed to read it; simplify it");
        }
    }
}
