package io.cheshire.router.api.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Chat messages: text only. Images, audio, files and URLs are refused; nothing is ever fetched. */
final class MessageParser {
    private static final Map<String, String> UNSUPPORTED = Map.of(
            "tool_calls", "tools are not implemented.",
            "tool_call_id", "tools are not implemented.",
            "function_call", "functions are not implemented.",
            "refusal", "send the text as content.",
            "audio", "audio is not implemented.");

    private final HttpLimits.Api limits;

    MessageParser(final HttpLimits.Api limits) {
        this.limits = limits;
    }

    List<ChatMessage> messages(final FieldReader fields) {
        final JsonNode value = fields.get("messages");
        if (value == null || !value.isArray() || value.isEmpty()) {
            throw fields.wrong("messages", "must be a list with at least one message");
        }
        if (value.size() > limits.messages()) {
            throw fields.wrong("messages", "has " + value.size() + " entries; the limit is " + limits.messages());
        }
        final List<ChatMessage> messages = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            messages.add(message(value.get(i), "messages[" + i + "]"));
        }
        return messages;
    }

    private ChatMessage message(final JsonNode node, final String path) {
        if (!(node instanceof final ObjectNode object)) {
            throw ApiException.invalid(path, path + " must be an object with role and content.");
        }
        final FieldReader fields = new FieldReader(object, path);
        final String role = fields.text("role", limits.identifierChars());
        final String name = fields.text("name", limits.identifierChars());
        if (name != null && !name.isEmpty()) {
            throw fields.wrong("name", "is not supported: the model's template has no names");
        }
        final JsonNode content = fields.get("content");
        fields.finish(UNSUPPORTED);
        if (role == null || !(role.equals("system") || role.equals("user") || role.equals("assistant"))) {
            throw fields.wrong("role", "must be system, user or assistant");
        }
        if (content == null) {
            throw fields.wrong("content", "is needed: a string or a list of text parts");
        }
        return new ChatMessage(role, content(fields, content));
    }

    private String content(final FieldReader fields, final JsonNode content) {
        if (content.isTextual()) {
            return content.textValue();
        }
        if (!content.isArray() || content.isEmpty() || content.size() > limits.contentParts()) {
            throw fields.wrong(
                    "content", "must be a string or a list of 1 to " + limits.contentParts() + " text parts");
        }
        final StringBuilder text = new StringBuilder();
        for (final JsonNode part : content) {
            if (!(part instanceof final ObjectNode object)) {
                throw fields.wrong("content", "parts must be objects {\"type\":\"text\",\"text\":…}");
            }
            final FieldReader partFields = new FieldReader(object, fields.nameOf("content"));
            if (!"text".equals(partFields.text("type", limits.identifierChars()))) {
                throw fields.wrong("content", "has a part that is not text; images, audio and files are not supported");
            }
            final String partText = partFields.text("text", Integer.MAX_VALUE);
            partFields.finish(Map.of());
            if (partText == null) {
                throw fields.wrong("content", "has a part without text");
            }
            text.append(partText);
        }
        return text.toString();
    }
}
