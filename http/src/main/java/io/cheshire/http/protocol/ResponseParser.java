package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Bodies of {@code POST /v1/responses}, as strictly as {@link RequestParser} reads those of chats. */
final class ResponseParser {
    private static final String TEXT = "text";
    private static final String FORMAT = "format";
    private static final String TOOLS = "tools";
    private static final String INSTRUCTIONS = "instructions";
    private static final String METADATA = "metadata";
    private static final String TOP_LOGPROBS = "top_logprobs";
    /** What {@code include} asks log-probabilities by. */
    private static final String LOGPROBS = "message.output_text.logprobs";
    /** What it may ask for that there never is. */
    private static final List<String> NEVER_THERE = List.of("reasoning.encrypted_content");

    private final HttpLimits.Api limits;
    private final RequestParser parser;

    ResponseParser(final HttpLimits.Api limits, final RequestParser parser) {
        this.limits = limits;
        this.parser = parser;
    }

    ResponseRequest request(final FieldReader fields, final IgnoredFields ignored) {
        final List<ObjectNode> items = new ResponseItems(limits).items(fields);
        final String instructions = fields.text(INSTRUCTIONS, limits.promptBytes());
        final String previous = fields.text("previous_response_id", limits.identifierChars());
        if (items.isEmpty() && previous == null) {
            throw fields.wrong("input", "is needed: a string or a list of items");
        }
        final GenerationFields read = parser.common(fields, TokenBudget.ofResponse(fields), logprobs(fields));
        if (read.n() != 1) {
            throw fields.wrong("n", "is " + read.n() + "; a response has one answer");
        }
        if (read.promptLogprobs() >= 0 || read.returnTokenIds()) {
            throw fields.wrong(
                    read.returnTokenIds() ? "return_token_ids" : "prompt_logprobs",
                    "is not served here; use /v1/chat/completions");
        }
        final JsonNode format = formatOf(fields);
        final OutputForm form = format == null ? null : new OutputRulesParser(limits).form(formatReader(format), "");
        if (form != null && read.output().form() != null) {
            throw fields.wrong(TEXT, "says which form the answer has, and so does another field; send one of them");
        }
        final GenerationFields common = form == null ? read : read.withForm(form);
        final ToolFields tools = new ToolParser(limits).tools(fields);
        final boolean isStored = fields.bool("store", true);
        if (fields.bool("background", false)) {
            throw fields.wrong("background", "is true, which is not served: send a batch to /v1/batches instead");
        }
        final ObjectNode echo = echo(fields, common, isStored, format);
        fields.finish(KnownFields.Place.RESPONSE);
        return new ResponseRequest(common, items, instructions, previous, tools, isStored, echo, ignored.names());
    }

    private static FieldReader formatReader(final JsonNode format) {
        return new FieldReader((ObjectNode) format, TEXT + "." + FORMAT);
    }

    /** {@code text.format}; its other member, {@code verbosity}, is a hint. */
    private @Nullable JsonNode formatOf(final FieldReader fields) {
        final JsonNode value = fields.get(TEXT);
        if (value == null) {
            return null;
        }
        if (!(value instanceof final ObjectNode object)) {
            throw fields.wrong(TEXT, "must be an object with a format");
        }
        final FieldReader text = fields.within(TEXT, object);
        final JsonNode format = text.get(FORMAT);
        if (text.text("verbosity", limits.identifierChars()) != null) {
            text.ignore("verbosity");
        }
        text.finish(Map.of());
        if (format != null && !format.isObject()) {
            throw text.wrong(FORMAT, "must be an object with a type");
        }
        return format;
    }

    /** Alternatives of each token; -1: nothing is told of tokens. */
    private int logprobs(final FieldReader fields) {
        final boolean isWanted = include(fields);
        final Integer top = fields.integerOrNull(TOP_LOGPROBS, 0, limits.topLogprobs());
        if (!isWanted && top != null && top > 0) {
            throw fields.wrong(TOP_LOGPROBS, "needs " + LOGPROBS + " in include");
        }
        if (!isWanted && fields.bool("entropy", false)) {
            throw fields.wrong("entropy", "is true, which needs " + LOGPROBS + " in include");
        }
        return !isWanted ? -1 : top == null ? 0 : top;
    }

    /** Log-probabilities are asked for. */
    private static boolean include(final FieldReader fields) {
        final JsonNode value = fields.get("include");
        if (value != null && !value.isArray()) {
            throw fields.wrong("include", "must be a list");
        }
        boolean isWanted = false;
        for (final JsonNode name : Objects.requireNonNullElse(value, JsonNodeFactory.instance.arrayNode())) {
            final boolean isLogprobs = name.asText().equals(LOGPROBS);
            if (!isLogprobs && !NEVER_THERE.contains(name.asText())) {
                throw fields.wrong("include", "has " + JsonValues.shown(name, true) + ", which is not served");
            }
            isWanted |= isLogprobs;
        }
        return isWanted;
    }

    private ObjectNode echo(
            final FieldReader fields,
            final GenerationFields common,
            final boolean isStored,
            final @Nullable JsonNode format) {
        final ObjectNode echo = JsonNodeFactory.instance.objectNode();
        echo.set(INSTRUCTIONS, fields.peek(INSTRUCTIONS));
        echo.put("max_output_tokens", common.maxTokens());
        echo.set(METADATA, Objects.requireNonNullElseGet(Metadata.of(fields), JsonNodeFactory.instance::objectNode));
        final JsonNode parallel = fields.peek("parallel_tool_calls");
        echo.put("parallel_tool_calls", parallel == null || parallel.booleanValue());
        echo.set("previous_response_id", fields.peek("previous_response_id"));
        echo.putObject("reasoning").putNull("effort").putNull("summary");
        echo.put("service_tier", common.yields() ? "flex" : "default");
        echo.put("store", isStored);
        echo.put("temperature", common.sampling().temperature());
        echo.put("top_p", common.sampling().topP());
        echo.putObject(TEXT)
                .set(
                        FORMAT,
                        format == null ? JsonNodeFactory.instance.objectNode().put("type", TEXT) : format);
        final JsonNode choice = fields.peek("tool_choice");
        echo.set("tool_choice", choice == null ? JsonNodeFactory.instance.textNode("auto") : choice);
        echo.set(TOOLS, tools(fields.peek(TOOLS)));
        echo.put(TOP_LOGPROBS, Math.max(0, common.logprobs()));
        echo.put("truncation", "disabled");
        return echo;
    }

    /** Clients check what comes back: all members of a tool are there. */
    private static ArrayNode tools(final @Nullable JsonNode sent) {
        final ArrayNode tools = JsonNodeFactory.instance.arrayNode();
        for (final JsonNode tool : Objects.requireNonNullElse(sent, tools)) {
            final JsonNode function = tool.hasNonNull("function") ? tool.get("function") : tool;
            final ObjectNode shown = tools.addObject().put("type", "function");
            shown.set("name", function.get("name"));
            shown.set("description", function.get("description"));
            shown.set("parameters", function.get("parameters"));
            shown.put("strict", function.path("strict").booleanValue());
        }
        return tools;
    }
}
