package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code segments} of {@code POST /pooling}: an object for all inputs alike, or a list with one for each. */
final class SegmentParser {
    private static final String FIELD = "segments";
    private static final String ENTROPIES = "entropies";
    private static final String NORMALIZER = "normalizer";
    private static final double MOST = 1e6;

    private SegmentParser() {}

    static List<SegmentFields> segments(final FieldReader fields, final int inputs) {
        final JsonNode value = fields.get(FIELD);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray()) {
            return List.of(one(fields, FIELD, value));
        }
        if (value.size() != inputs) {
            throw fields.wrong(
                    FIELD,
                    "has " + value.size() + " entries for " + inputs + " inputs; send one for each, or an object");
        }
        final List<SegmentFields> all = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            all.add(one(fields, FIELD + "[" + i + "]", value.get(i)));
        }
        return all;
    }

    private static SegmentFields one(final FieldReader outer, final String place, final JsonNode value) {
        if (!(value instanceof final ObjectNode object)) {
            throw outer.wrong(place, "must be an object with ends, separator_token_ids or entropies");
        }
        final FieldReader fields = outer.within(place, object);
        final List<Integer> ends = ids(fields, "ends");
        final List<Integer> separators = ids(fields, "separator_token_ids");
        final List<Double> entropies = entropies(fields);
        final Double threshold = fields.get("threshold") == null ? null : fields.number("threshold", 0, 0, MOST);
        if ((threshold == null) != entropies.isEmpty()) {
            throw fields.wrong("threshold", "and entropies need each other");
        }
        final int from = fields.integer("from", 0, 0, Integer.MAX_VALUE);
        final SegmentFields.Normaliser normaliser = normaliser(fields);
        fields.finish(Map.of());
        return new SegmentFields(
                from, ends, new HashSet<>(separators), entropies, threshold == null ? 0 : threshold, normaliser);
    }

    private static List<Integer> ids(final FieldReader fields, final String name) {
        final JsonNode value = fields.get(name);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray()) {
            throw fields.wrong(name, "must be a list of integers");
        }
        return PromptParser.ids(value, fields.nameOf(name));
    }

    /** As logprobs tell them: null where there is none. */
    private static List<Double> entropies(final FieldReader fields) {
        final JsonNode value = fields.get(ENTROPIES);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray() || value.isEmpty()) {
            throw fields.wrong(ENTROPIES, "must be a list with a number or null for each token");
        }
        final List<Double> all = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            final JsonNode one = value.get(i);
            all.add(
                    one.isNull()
                            ? Double.NaN
                            : FieldReader.numberOf(one, fields.nameOf(ENTROPIES) + "[" + i + "]", 0, MOST));
        }
        return all;
    }

    private static SegmentFields.@Nullable Normaliser normaliser(final FieldReader outer) {
        final JsonNode value = outer.get(NORMALIZER);
        if (value == null) {
            return null;
        }
        if (!(value instanceof final ObjectNode object)) {
            throw outer.wrong(NORMALIZER, "must be an object with w_mu, w_sigma, b_mu and b_sigma");
        }
        final FieldReader fields = outer.within(NORMALIZER, object);
        final SegmentFields.Normaliser read = new SegmentFields.Normaliser(
                needed(fields, "w_mu"), needed(fields, "w_sigma"), needed(fields, "b_mu"), needed(fields, "b_sigma"));
        fields.finish(Map.of());
        return read;
    }

    private static double needed(final FieldReader fields, final String name) {
        if (fields.get(name) == null) {
            throw fields.wrong(name, "is needed: a number");
        }
        return fields.number(name, 0, -MOST, MOST);
    }
}
