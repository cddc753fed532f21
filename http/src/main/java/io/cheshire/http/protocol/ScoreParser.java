package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.http.protocol.ScoreRequest.Input;
import io.cheshire.http.protocol.ScoreRequest.Kind;
import java.util.ArrayList;
import java.util.List;

/** Bodies of {@code /classify}, {@code /score}, {@code /rerank} and {@code /pooling}, in vLLM's shapes. */
final class ScoreParser {
    private static final String FIRST = "text_1";
    private static final String SECOND = "text_2";
    private static final String DOCUMENTS = "documents";

    private final HttpLimits.Api limits;

    ScoreParser(final HttpLimits.Api limits) {
        this.limits = limits;
    }

    ScoreRequest request(final Kind endpoint, final FieldReader fields, final IgnoredFields ignored) {
        final Kind kind = endpoint == Kind.POOL_TOKENS ? task(fields) : endpoint;
        final List<Input> inputs = switch (kind) {
            case CLASSIFY, POOL_TEXTS, POOL_TOKENS -> singles(fields);
            case SCORE -> pairs(fields);
            case RERANK -> withQuery(fields);
        };
        if (inputs.size() > limits.sequences()) {
            throw fields.wrong(
                    kind.field(), "makes " + inputs.size() + " sequences; the limit is " + limits.sequences());
        }
        final int topN = kind == Kind.RERANK ? fields.integer("top_n", 0, 0, Integer.MAX_VALUE) : 0;
        final List<SegmentFields> segments =
                kind == Kind.POOL_TOKENS ? SegmentParser.segments(fields, inputs.size()) : List.of();
        final int truncate = RequestParser.truncation(fields);
        if (truncate != 0 && !segments.isEmpty()) {
            throw fields.wrong("truncate_prompt_tokens", "and segments exclude each other: places would be lost");
        }
        final String model = fields.text("model", Integer.MAX_VALUE);
        final boolean specialTokens = fields.bool("add_special_tokens", true);
        final boolean activates = fields.bool("use_activation", kind != Kind.POOL_TOKENS);
        final boolean yields = RequestParser.yields(fields);
        fields.finish(KnownFields.Place.SCORE);
        return new ScoreRequest(
                kind, model, inputs, truncate, specialTokens, activates, yields, topN, segments, ignored.names());
    }

    /** vLLM's names of what may be asked of a head. */
    private Kind task(final FieldReader fields) {
        final String task = fields.text("task", limits.identifierChars());
        return switch (task) {
            case null -> Kind.POOL_TOKENS;
            case "token_classify" -> Kind.POOL_TOKENS;
            case "classify" -> Kind.POOL_TEXTS;
            default ->
                throw fields.wrong("task", "must be token_classify or classify: this model's head makes no embeddings");
        };
    }

    private List<Input> singles(final FieldReader fields) {
        return inputs(new PromptParser(limits).prompts(fields, "input"), "input");
    }

    private static List<Input> inputs(final List<Prompt> prompts, final String field) {
        final List<Input> inputs = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            final String place = place(field, i, prompts.size());
            inputs.add(new Input(prompts.get(i), null, place, place));
        }
        return inputs;
    }

    private static String place(final String field, final int i, final int count) {
        return count == 1 ? field : field + "[" + i + "]";
    }

    /** One with each of many, or each with its own. */
    private List<Input> pairs(final FieldReader fields) {
        final PromptParser parser = new PromptParser(limits);
        final List<Prompt> first = parser.prompts(fields, FIRST);
        final List<Prompt> second = parser.prompts(fields, SECOND);
        if (first.size() != 1 && first.size() != second.size()) {
            throw fields.wrong(
                    SECOND,
                    "has " + second.size() + " entries, and " + FIRST + " " + first.size() + "; send as many, or one "
                            + FIRST);
        }
        final List<Input> inputs = new ArrayList<>();
        for (int i = 0; i < second.size(); i++) {
            final int left = first.size() == 1 ? 0 : i;
            inputs.add(new Input(
                    first.get(left), second.get(i), place(FIRST, left, first.size()), place(SECOND, i, second.size())));
        }
        return inputs;
    }

    private List<Input> withQuery(final FieldReader fields) {
        final PromptParser parser = new PromptParser(limits);
        final List<Prompt> query = parser.prompts(fields, "query");
        if (query.size() != 1) {
            throw fields.wrong("query", "must be one text");
        }
        final JsonNode value = fields.peek(DOCUMENTS);
        if (value == null || !value.isArray()) {
            throw fields.wrong(DOCUMENTS, "must be a list of strings, or of lists of token ids");
        }
        final List<Input> inputs = new ArrayList<>();
        for (final Input document : inputs(parser.prompts(fields, DOCUMENTS), DOCUMENTS)) {
            inputs.add(new Input(query.getFirst(), document.first(), "query", document.field()));
        }
        return inputs;
    }
}
