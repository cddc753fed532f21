package io.cheshire.model.core.jinja;

/**
 * Bounds on one rendering.
 *
 * @param maxOutputChars longest string, the result included, in UTF-16 units
 * @param maxTotalChars  sum of all strings that are made on the way, in UTF-16 units
 * @param maxItems       sum of the elements of all lists and dicts that are made on the way
 * @param maxDepth       macros and recursive loops inside each other
 */
public record RenderLimits(int maxOutputChars, long maxTotalChars, long maxItems, int maxDepth) {
    private static final int TOTAL_PER_OUTPUT = 16;
    private static final int MAX_ITEMS = 2_000_000;
    private static final int MAX_DEPTH = 100;

    /** Limits that follow from the longest output: 16 times as many characters on the way, 2 M elements, 100 deep. */
    public static RenderLimits forOutput(final int maxOutputChars) {
        return new RenderLimits(maxOutputChars, (long) maxOutputChars * TOTAL_PER_OUTPUT, MAX_ITEMS, MAX_DEPTH);
    }
}
