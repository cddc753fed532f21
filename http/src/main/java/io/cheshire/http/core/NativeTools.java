package io.cheshire.http.core;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cheshire.http.protocol.ApiChatMessage;
import io.cheshire.http.protocol.ToolFields;
import io.cheshire.router.core.grammar.CallMarks;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How tools, calls and results are written for models whose template has a place for tools in a system message, as that
 * of Phi-4-mini: what it was trained on is a list of names, descriptions and parameters with short types and no more
 * ({@link TextModel#hasToolMarks}). Pure.
 */
public final class NativeTools {
    static final CallMarks MARKS = new CallMarks("<|tool_call|>", "[", "", "", ", ", "]", "<|/tool_call|>");
    private static final String SYSTEM = "system";
    private static final String RESPONSE = "tool_response";
    private static final String DESCRIPTION = "description";
    private static final ObjectMapper JSON = new ObjectMapper();

    private NativeTools() {}

    /** How calls are written, for a model with {@link TextModel#hasToolMarks} or one without. */
    static CallMarks marks(final boolean hasMarks) {
        return hasMarks ? MARKS : ToolFormat.MARKS;
    }

    /** The conversation as the template is to have it. */
    static List<ApiChatMessage> turns(
            final boolean hasMarks, final List<ApiChatMessage> messages, final @Nullable ToolFields tools) {
        if (!hasMarks) {
            return ToolFormat.plain(messages, tools);
        }
        final List<ApiChatMessage> turns = new ArrayList<>();
        for (final ApiChatMessage message : messages) {
            turns.add(message.role().equals("tool") ? new ApiChatMessage(RESPONSE, message.content()) : message);
        }
        if (tools != null) {
            final boolean hasSystem =
                    !turns.isEmpty() && turns.getFirst().role().equals(SYSTEM);
            final String own = hasSystem ? turns.removeFirst().content() : "";
            turns.addFirst(new ApiChatMessage(SYSTEM, own, List.of(), list(tools)));
        }
        return turns;
    }

    /** Calls as an assistant's turn has them between its marks. */
    public static String calls(final List<ApiChatMessage.Call> calls) {
        final StringBuilder text = new StringBuilder(MARKS.begin());
        for (int i = 0; i < calls.size(); i++) {
            text.append(i == 0 ? "" : MARKS.between());
            ToolFormat.append(text, calls.get(i));
        }
        return text.append(MARKS.end()).toString();
    }

    private static String list(final ToolFields tools) {
        final List<String> all = new ArrayList<>();
        for (final ToolFields.Tool tool : tools.tools()) {
            final List<String> members = new ArrayList<>();
            members.add(member("name", ToolFormat.quoted(tool.name())));
            if (!tool.description().isEmpty()) {
                members.add(member(DESCRIPTION, ToolFormat.quoted(tool.description())));
            }
            members.add(member("parameters", parameters(tool.parameters())));
            all.add(object(members));
        }
        return "[" + String.join(", ", all) + "]";
    }

    private static String parameters(final String schema) {
        final List<String> members = new ArrayList<>();
        for (final Map.Entry<String, JsonNode> property :
                read(schema).path("properties").properties()) {
            final List<String> facts = new ArrayList<>();
            final String type = type(property.getValue().path("type"));
            if (!type.isEmpty()) {
                facts.add(member("type", ToolFormat.quoted(type)));
            }
            final JsonNode description = property.getValue().path(DESCRIPTION);
            if (description.isTextual()) {
                facts.add(member(DESCRIPTION, ToolFormat.quoted(description.textValue())));
            }
            members.add(member(property.getKey(), object(facts)));
        }
        return object(members);
    }

    /** Of several the first that isn't null. */
    private static String type(final JsonNode type) {
        if (type.isArray()) {
            for (final JsonNode each : type) {
                if (!each.asText().equals("null")) {
                    return type(each);
                }
            }
        }
        return type.asText().equals("string") ? "str" : type.asText();
    }

    private static JsonNode read(final String schema) {
        try {
            return JSON.readTree(schema);
        } catch (final JsonProcessingException impossible) {
            throw new IllegalArgumentException("parameters were read before", impossible);
        }
    }

    private static String member(final String name, final String value) {
        return ToolFormat.quoted(name) + ": " + value;
    }

    private static String object(final List<String> members) {
        return "{" + String.join(", ", members) + "}";
    }
}
