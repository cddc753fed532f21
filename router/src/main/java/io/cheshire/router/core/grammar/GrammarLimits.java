package io.cheshire.router.core.grammar;

/**
 * What a grammar may take: it comes from a client, so nothing that it asks for is without a bound.
 *
 * @param terms       expressions when it is compiled
 * @param growth      expressions and derivatives made beyond those while answers go on, before they are made anew
 * @param steps       derivatives taken to compile it
 * @param maskSteps   derivatives taken for one mask
 * @param maskBytes   masks that are kept, of one grammar
 * @param schemaNodes schemas within a schema
 * @param schemaDepth schemas within each other
 * @param properties  properties of one object
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
            60_000, 40_000, 2_000_000, 4_000_000, 1 << 20, 10_000, 64, 1_000, 1_000, 8_192, 50_000, 64);

    /** Bytes of heap that a term takes with its place in the pool; measured. */
    private static final int TERM_BYTES = 160;

    /** Most heap that one grammar takes. */
    public long bytes() {
        return (long) (terms + growth) * TERM_BYTES + maskBytes;
    }
}
