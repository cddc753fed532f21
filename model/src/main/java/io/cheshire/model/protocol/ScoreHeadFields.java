package io.cheshire.model.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.model.protocol.ScoreHead.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code config.json} says of a classification head. {@code architectures} names it, as transformers' own classes
 * do; {@code num_labels} and {@code id2label} may both be absent, and then there are two labels, as in every version of
 * transformers. A wrong guess can't pass: the shape of {@code score.weight} would be another.
 */
final class ScoreHeadFields {
    /** What the name of such a class ends with. */
    static final String CLASS_END = "ForSequenceClassification";

    private static final String LABELS = "id2label";
    private static final String COUNT = "num_labels";
    private static final String PROBLEM = "problem_type";
    private static final int DEFAULT_COUNT = 2;
    /** Rows of the head are held in fp32, and a request's answer has one number for each. */
    private static final int MAX_LABELS = 4_096;

    private static final int MAX_LABEL_CHARS = 256;

    private ScoreHeadFields() {}

    /** The file is one of a model with such a head. */
    static boolean areIn(final ConfigFields fields) {
        final JsonNode names = fields.find("architectures");
        return names != null && names.path(0).asText().endsWith(CLASS_END);
    }

    /** @param maxId largest token id */
    static ScoreHead read(final ConfigFields fields, final int maxId) {
        final List<String> labels = labels(fields);
        final int pad = fields.optionalInteger("pad_token_id", -1, maxId, -1, -1);
        return new ScoreHead(labels, activation(fields, labels.size()), pad);
    }

    private static List<String> labels(final ConfigFields fields) {
        final int stated = fields.optionalInteger(COUNT, 1, MAX_LABELS, 0, DEFAULT_COUNT);
        final ConfigFields named = fields.object(LABELS);
        if (named == null) {
            return numbered(stated == 0 ? DEFAULT_COUNT : stated);
        }
        final int count = named.size();
        if (count < 1 || count > MAX_LABELS) {
            fields.problem(LABELS, "has " + count + " entries; it must have 1 to " + MAX_LABELS);
            return numbered(DEFAULT_COUNT);
        }
        if (stated != 0 && stated != count) {
            fields.problem(
                    COUNT, "is " + stated + ", but " + LABELS + " has " + count + " entries; remove one of them");
        }
        final List<String> labels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            labels.add(label(named, Integer.toString(i), count));
        }
        return labels;
    }

    private static String label(final ConfigFields named, final String key, final int count) {
        if (!named.has(key)) {
            named.problem(key, "is missing; its keys must be 0 to " + (count - 1));
            return key;
        }
        final String label = named.text(key);
        if (label != null && label.length() > MAX_LABEL_CHARS) {
            named.problem(key, "has " + label.length() + " characters; at most " + MAX_LABEL_CHARS + " are served");
        }
        return label == null ? key : label;
    }

    /** As transformers calls labels that nobody named. */
    private static List<String> numbered(final int count) {
        final List<String> labels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            labels.add("LABEL_" + i);
        }
        return labels;
    }

    private static Activation activation(final ConfigFields fields, final int count) {
        final Activation single = count == 1 ? Activation.SIGMOID : Activation.SOFTMAX;
        final @Nullable String problem = fields.text(PROBLEM);
        if (problem == null) {
            return single;
        }
        final Activation known = Map.of(
                        Activation.NONE.problemType(), Activation.NONE,
                        Activation.SIGMOID.problemType(), Activation.SIGMOID,
                        Activation.SOFTMAX.problemType(), single)
                .get(problem);
        if (known == null) {
            fields.problem(
                    PROBLEM,
                    "is " + problem + "; it must be regression, single_label_classification or"
                            + " multi_label_classification");
            return single;
        }
        return known;
    }
}
