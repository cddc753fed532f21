package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code input} of a response: a text, or items. What comes out has one form whatever came in: messages with parts,
 * calls, their outputs, and references to items of earlier responses.
 */
final class ResponseItems {
    static final String MESSAGE = "message";
    static final String CALL = "function_call";
    static final String OUTPUT = "function_call_output";
    static final String REFERENCE = "item_reference";
    private static final String INPUT = "input";
    private static final String TYPE = "type";
    private static final String CALL_ID = "call_id";

    private final HttpLimits.Api limits;

    ResponseItems(final HttpLimits.Api limits) {
        this.limits = limits;
    }

    /** Empty for no input. */
    List<ObjectNode> items(final FieldReader fields) {
        final JsonNode value = fields.get(INPUT);
        if (value == null) {
            return List.of();
        }
        if (value.isTextual()) {
            return List.of(message("user", value.textValue()));
        }
        if (!value.isArray() || value.size() > limits.messages()) {
            throw fields.wrong(INPUT, "must be a string, or a list of at most " + limits.messages() + " items");
        }
        final List<ObjectNode> items = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            final String place = INPUT + "[" + i + "]";
            if (!(value.get(i) instanceof final ObjectNode object)) {
                throw fields.wrong(place, "must be an object");
            }
            final ObjectNode item = item(fields.within(place, object));
            if (item != null) {
                items.add(item);
            }
        }
        return items;
    }

    /** A message with one part of text. */
    static ObjectNode message(final String role, final String text) {
        final ObjectNode item = JsonNodeFactory.instance.objectNode();
        item.put(TYPE, MESSAGE).put("role", role).put("status", "completed");
        item.putArray("content")
                .addObject()
                .put(TYPE, role.equals("assistant") ? "output_text" : "input_text")
                .put("text", text);
        return item;
    }

    private @Nullable ObjectNode item(final FieldReader item) {
        final String given = item.text(TYPE, limits.identifierChars());
        final String type = given != null ? given : item.has("role") ? MESSAGE : item.has("id") ? REFERENCE : "";
        // Items of an answer come back with what they were given.
        item.get("id");
        item.get("status");
        return switch (type) {
            case MESSAGE -> {
                item.get("phase");
                final ApiChatMessage read = new MessageParser(limits).message(item);
                if (read.role().equals("tool") || !read.calls().isEmpty()) {
                    throw item.wrong(
                            "role",
                            "must be system, developer, user or assistant; calls and their outputs are items of"
                                    + " the types function_call and function_call_output");
                }
                yield message(read.role(), read.content());
            }
            case CALL -> call(item);
            case OUTPUT -> output(item);
            // Of another server's model: no template has a place for it.
            case "reasoning" -> null;
            case REFERENCE -> reference(item);
            default ->
                throw item.wrong(
                        TYPE,
                        "must be message, function_call, function_call_output or item_reference; what other tools"
                                + " did, images and files are not served");
        };
    }

    private ObjectNode call(final FieldReader item) {
        final ObjectNode call = JsonNodeFactory.instance.objectNode();
        call.put(TYPE, CALL).put("status", "completed");
        call.put(CALL_ID, needed(item, CALL_ID));
        call.put("name", needed(item, "name"));
        final String arguments = item.text("arguments", limits.promptBytes());
        call.put("arguments", arguments == null || arguments.isBlank() ? "{}" : arguments);
        item.finish(Map.of("namespace", "tools have no namespaces; leave it out."));
        return call;
    }

    private ObjectNode output(final FieldReader item) {
        final ObjectNode output = JsonNodeFactory.instance.objectNode();
        output.put(TYPE, OUTPUT).put("status", "completed");
        output.put(CALL_ID, needed(item, CALL_ID));
        final JsonNode value = item.get("output");
        if (value == null) {
            throw item.wrong("output", "is needed: a string or a list of text parts");
        }
        output.put("output", new MessageParser(limits).content(item, "output", true, value));
        item.finish(Map.of());
        return output;
    }

    private static ObjectNode reference(final FieldReader item) {
        final JsonNode id = item.get("id");
        item.finish(Map.of());
        if (id == null || !id.isTextual()) {
            throw item.wrong("id", "is needed: the id of an item of an earlier response");
        }
        final ObjectNode reference = JsonNodeFactory.instance.objectNode();
        return reference.put(TYPE, REFERENCE).put("id", id.textValue()).put("place", item.nameOf("id"));
    }

    private String needed(final FieldReader item, final String name) {
        final String value = item.text(name, limits.promptBytes());
        if (value == null || value.isEmpty()) {
            throw item.wrong(name, "is needed: a string");
        }
        return value;
    }
}
