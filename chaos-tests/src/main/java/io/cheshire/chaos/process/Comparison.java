package io.cheshire.chaos.process;

import java.util.List;

/**
 * Traces held against those of a run in which nothing happened.
 *
 * @param altered      streams whose token ids differ
 * @param failed       streams that ended with an error
 * @param exampleError one of the errors, or empty
 */
public record Comparison(int altered, int failed, String exampleError) {
    /**
     * Compares.
     *
     * @param traces   of one or more runs, each with as many streams as {@code expected}, in its order
     * @param expected what each stream ought to be
     */
    public static Comparison of(final List<StreamTrace> traces, final List<StreamTrace> expected) {
        int altered = 0;
        int failed = 0;
        String error = "";
        for (int i = 0; i < traces.size(); i++) {
            final StreamTrace trace = traces.get(i);
            if (trace.error() != null) {
                failed++;
                error = trace.error();
            } else if (!trace.tokenIds()
                    .equals(expected.get(i % expected.size()).tokenIds())) {
                altered++;
            }
        }
        return new Comparison(altered, failed, error);
    }
}
