package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chat messages: text only. Images, audio, files and URLs are refused; nothing is ever fetched. */
final class MessageParser {
    private static final String SYSTEM = "system";
    private static final String ASSISTANT = "assistant";
    private static final String TOOL = "tool";
    private static final String CONTENT = "content";

    private final HttpLimits.Api limits;

    MessageParser(final HttpLimits.Api limits) {
        this.limits = limits;
    }

    List<ApiChatMessage> messages(final FieldReader fields) {
        final JsonNode value = fields.get("messages");
        if (value == null || !value.isArray() || value.isEmpty()) {
            throw fields.wrong("messages", "must be a list with at least one message");
        }
        if (value.size() > limits.messages()) {
            throw fields.wrong("messages", "has " + value.size() + " entries; the limit is " + limits.messages());
        }
        final List<ApiChatMessage> messages = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            final String field = "messages[" + i + "]";
            if (!(value.get(i) instanceof final ObjectNode object)) {
                throw fields.wrong(field, "must be an object with role and content");
            }
            messages.add(message(fields.within(field, object)));
        }
        return messages;
    }

    ApiChatMessage message(final FieldReader fields) {
        final String role = role(fields);
        final JsonNode content = fields.get("content");
        final List<ApiChatMessage.Call> calls =
                role.equals(ASSISTANT) ? new CallParser(limits).calls(fields) : List.of();
        if (role.equals(TOOL)) {
            // Which call it answers shows by its place.
            fields.text("tool_call_id", limits.promptBytes());
        }
        fields.finish(KnownFields.Place.MESSAGE);
        if (content == null) {
            return calls.isEmpty() ? emptyTurn(fields, role) : new ApiChatMessage(role, "", calls);
        }
        return new ApiChatMessage(role, content(fields, CONTENT, role.equals(ASSISTANT), content), calls);
    }

    /** OpenAI renamed {@code system} for its newer models; both mean the same. */
    private String role(final FieldReader fields) {
        final String role = fields.text("role", limits.identifierChars());
        return switch (role) {
            case "developer" -> SYSTEM;
            case SYSTEM, "user", ASSISTANT -> role;
            case TOOL, "function" -> TOOL;
            case null, default -> throw fields.wrong("role", "must be system, developer, user, assistant or tool");
        };
    }

    /** Clients send an answer back as they got it, and an answer without text is null in OpenAI's API. */
    private static ApiChatMessage emptyTurn(final FieldReader fields, final String role) {
        if (role.equals(ASSISTANT) && fields.has("content")) {
            return new ApiChatMessage(role, "");
        }
        throw fields.wrong("content", "is needed: a string or a list of text parts");
    }

    /** A string, or parts of text: joined. */
    String content(final FieldReader fields, final String name, final boolean mayBeEmpty, final JsonNode content) {
        if (content.isTextual()) {
            return content.textValue();
        }
        if (!content.isArray() || (content.isEmpty() && !mayBeEmpty) || content.size() > limits.contentParts()) {
            throw fields.wrong(name, "must be a string or a list of 1 to " + limits.contentParts() + " text parts");
        }
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < content.size(); i++) {
            final String field = name + "[" + i + "]";
            if (!(content.get(i) instanceof final ObjectNode object)) {
                throw fields.wrong(field, "must be an object {\"type\":\"text\",\"text\":…}");
            }
            text.append(part(fields.within(field, object)));
        }
        return text.toString();
    }

    private String part(final FieldReader part) {
        final @Nullable String type = part.text("type", limits.identifierChars());
        return switch (type) {
            case "text", "input_text", "output_text" -> {
                final String text = part.text("text", Integer.MAX_VALUE);
                part.finish(KnownFields.Place.PART);
                if (text == null) {
                    throw part.wrong("text", "is needed: a string");
                }
                yield text;
            }
            case null -> throw part.wrong("type", "is needed: text");
            default ->
                throw part.wrong(
                        "type", "must be text, input_text or output_text; images, audio and files are not supported");
        };
    }
}
