package io.cheshire.http.core;

import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.SegmentFields;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Where segments end, and what their rewards are (docs/api.md). A token ends one if the entropy behind it, which is
 * that of the distribution that the next token was drawn from, passes the threshold. Pure.
 */
final class Segments {
    private Segments() {}

    /**
     * Places of the last tokens of an input's segments, ascending.
     *
     * @param field what the client calls the input
     */
    static NavigableSet<Integer> ends(final SegmentFields fields, final List<Integer> tokens, final String field) {
        final int count = tokens.size();
        if (fields.from() >= count) {
            throw wrong("segments.from", fields.from(), count, field);
        }
        if (!fields.entropies().isEmpty() && fields.entropies().size() != count) {
            throw ApiException.invalid(
                    "segments.entropies",
                    "segments.entropies has " + fields.entropies().size() + " entries, and " + field + " has " + count
                            + " tokens; send one for each, as logprobs tell them with echo.");
        }
        final NavigableSet<Integer> ends = new TreeSet<>();
        for (final int end : fields.ends()) {
            if (end >= count || end < fields.from()) {
                throw wrong("segments.ends", end, count, field);
            }
            ends.add(end);
        }
        for (int i = fields.from(); i < count; i++) {
            final boolean isUnsure = !fields.entropies().isEmpty()
                    && i + 1 < count
                    && fields.entropies().get(i + 1) > fields.threshold();
            if (isUnsure || fields.separators().contains(tokens.get(i))) {
                ends.add(i);
            }
        }
        ends.add(count - 1);
        return ends;
    }

    private static ApiException wrong(final String name, final int value, final int count, final String field) {
        return ApiException.invalid(
                name,
                name + " has " + value + "; places of " + field + ", which has " + count
                        + " tokens, are from segments.from (0 unless sent) to " + (count - 1) + ".");
    }

    /** The reward without what its place makes of rewards; NaN where the fit has no positive deviation. */
    static float normalised(
            final SegmentFields.Normaliser fit, final float reward, final int end, final int from, final int count) {
        final double place = StrictMath.log((end - from + 1) / (double) (count - from));
        final double deviation = fit.stdSlope() * place + fit.stdBase();
        return deviation > 0 ? (float) ((reward - (fit.meanSlope() * place + fit.meanBase())) / deviation) : Float.NaN;
    }
}
