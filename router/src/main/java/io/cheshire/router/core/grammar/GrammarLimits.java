package io.cheshire.router.core.grammar;

/**
 * What a grammar may take: it comes from a client, so nothing that it asks for is without a bound.
 *
 * @param terms       expressions when it is compiled
 * @param growth      expressions and derivatives made while answers go on, before they are made anew; twice as many
 *                    as when it was compiled if that is more
 * @param steps       derivatives taken to compile it, and as many looks at what its schemas say
 * @param maskSteps   derivatives taken for one mask
 * @param maskBytes   masks that are kept, of one grammar
 * @param schemaNodes schemas within a schema
 * @param schemaDepth schemas within each other
 * @param properties  properties of one object, and names in its {@code required}
 * @param enumValues  values of one {@code enum} or choice
 * @param literalBytes of one value or name
 * @param repeats     what a pattern's repetitions, multiplied, unfold to
 * @param alternatives alternatives that {@code allOf} of {@code anyOf} multiplies to
 */
public record GrammarLimits(
        int terms,
        int growth,
        int steps,
        int maskSteps,
        int maskBytes,
        int schemaNodes,
        int schemaDepth,
        int properties,
        int enumValues,
        int literalBytes,
        int repeats,
        int alternatives) {
    /** Those that servers use. */
    public static final GrammarLimits DEFAULT = new GrammarLimits(
            60_000, 8_000, 2_000_000, 200_000, 512 << 10, 10_000, 64, 1_000, 1_000, 8_192, 50_000, 64);

    /** Bytes of heap that a term takes with its place in the pool; measured. */
    private static final int TERM_BYTES = 160;

    /** What may be made while answers go on, for a grammar that was compiled to so many terms. */
    int growthOf(final int compiled) {
        return Math.max(growth, 2 * compiled);
    }

    /** Most heap of a grammar that was compiled to so many terms; what is made in one go may double its growth. */
    long bytesOf(final int compiled) {
        return (compiled + 2L * growthOf(compiled)) * TERM_BYTES + maskBytes;
    }
}
