package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code tools} with {@code tool_choice}, and their old spelling, {@code functions} with {@code function_call}. */
final class ToolParser {
    private static final int MAX_TOOLS = 128;
    private static final String NAME = "[A-Za-z0-9_-]{1,64}";
    private static final String ANY_OBJECT = "{\"type\":\"object\",\"properties\":{}}";
    private static final String TOOLS = "tools";
    private static final String CHOICE = "tool_choice";

    private final HttpLimits.Api limits;

    ToolParser(final HttpLimits.Api limits) {
        this.limits = limits;
    }

    /** What may be called; null for nothing. */
    @Nullable
    ToolFields tools(final FieldReader fields) {
        final List<ToolFields.Tool> tools = list(fields, TOOLS);
        final List<ToolFields.Tool> functions = list(fields, "functions");
        final boolean isSingle = !fields.bool("parallel_tool_calls", true);
        if (!tools.isEmpty() && !functions.isEmpty()) {
            throw fields.wrong("functions", "is the old name of tools; send one of them");
        }
        final boolean isLegacy = !functions.isEmpty();
        final JsonNode choice = choice(fields, CHOICE, !tools.isEmpty());
        final JsonNode call = choice(fields, "function_call", isLegacy);
        final List<ToolFields.Tool> all = isLegacy ? functions : tools;
        if (all.isEmpty()) {
            return null;
        }
        final ToolFields chosen = isLegacy ? legacy(fields, all, call) : chosen(fields, all, choice, isSingle);
        if (chosen == null) {
            fields.ignore(isLegacy ? "functions" : TOOLS);
        }
        return chosen;
    }

    private static @Nullable JsonNode choice(final FieldReader fields, final String name, final boolean hasTools) {
        final JsonNode value = fields.get(name);
        if (value != null && !hasTools && !"none".equals(value.textValue()) && !"auto".equals(value.textValue())) {
            throw fields.wrong(
                    name, "asks for a call, but there are no " + (name.equals(CHOICE) ? TOOLS : "functions"));
        }
        return value;
    }

    private List<ToolFields.Tool> list(final FieldReader fields, final String name) {
        final JsonNode value = fields.get(name);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray() || value.size() > MAX_TOOLS) {
            throw fields.wrong(name, "must be a list of at most " + MAX_TOOLS);
        }
        final Set<String> names = new LinkedHashSet<>();
        final List<ToolFields.Tool> tools = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            final String place = name + "[" + i + "]";
            if (!(value.get(i) instanceof final ObjectNode object)) {
                throw fields.wrong(place, "must be an object");
            }
            final FieldReader reader = fields.within(place, object);
            final ToolFields.Tool tool = name.equals(TOOLS) ? wrapped(reader) : function(reader);
            if (!names.add(tool.name())) {
                throw reader.wrong("name", "is there twice; give each tool a name of its own");
            }
            tools.add(tool);
        }
        return tools;
    }

    private ToolFields.Tool wrapped(final FieldReader tool) {
        final String type = tool.text("type", limits.identifierChars());
        if (!"function".equals(type)) {
            throw tool.wrong("type", "must be function; no other kind of tool is implemented");
        }
        if (!(tool.get("function") instanceof final ObjectNode object)) {
            // The API of responses has the members beside the type.
            return function(tool);
        }
        final ToolFields.Tool made = function(tool.within("function", object));
        tool.finish(Map.of());
        return made;
    }

    private ToolFields.Tool function(final FieldReader function) {
        final String name = function.text("name", limits.identifierChars());
        if (name == null || !name.matches(NAME)) {
            throw function.wrong("name", "must be 1 to 64 of the characters a-z, A-Z, 0-9, _ and -");
        }
        final String description = function.text("description", limits.promptBytes());
        final boolean isStrict = function.bool("strict", false);
        final JsonNode parameters = function.get("parameters");
        if (parameters != null && !parameters.isObject()) {
            throw function.wrong("parameters", "must be a JSON schema of an object");
        }
        function.finish(Map.of());
        return new ToolFields.Tool(
                function.nameOf("parameters"),
                name,
                description == null ? "" : description,
                parameters == null || parameters.isEmpty() ? ANY_OBJECT : parameters.toString(),
                isStrict);
    }

    private static @Nullable ToolFields legacy(
            final FieldReader fields, final List<ToolFields.Tool> tools, final @Nullable JsonNode call) {
        if (call == null || "auto".equals(call.textValue())) {
            return new ToolFields(tools, false, true, true);
        }
        if ("none".equals(call.textValue())) {
            return null;
        }
        return new ToolFields(List.of(named(fields, "function_call", tools, call.path("name"))), true, true, true);
    }

    private @Nullable ToolFields chosen(
            final FieldReader fields,
            final List<ToolFields.Tool> tools,
            final @Nullable JsonNode choice,
            final boolean isSingle) {
        if (choice == null) {
            return new ToolFields(tools, false, isSingle, false);
        }
        if (choice.isTextual()) {
            return switch (choice.textValue()) {
                case "none" -> null;
                case "auto" -> new ToolFields(tools, false, isSingle, false);
                case "required" -> new ToolFields(tools, true, isSingle, false);
                default -> throw wrong(fields);
            };
        }
        final String type = choice.path("type").asText();
        if (type.equals("function")) {
            final JsonNode name =
                    choice.hasNonNull("function") ? choice.path("function").path("name") : choice.path("name");
            return new ToolFields(List.of(named(fields, CHOICE, tools, name)), true, true, false);
        }
        if (type.equals("allowed_tools")) {
            return allowed(
                    fields,
                    tools,
                    choice.hasNonNull("allowed_tools") ? choice.path("allowed_tools") : choice,
                    isSingle);
        }
        throw wrong(fields);
    }

    private static ApiException wrong(final FieldReader fields) {
        return fields.wrong(
                CHOICE,
                "must be none, auto, required, {\"type\":\"function\",\"function\":{\"name\":…}} or"
                        + " {\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":…,\"tools\":[…]}}");
    }

    private static ToolFields allowed(
            final FieldReader fields,
            final List<ToolFields.Tool> tools,
            final JsonNode allowed,
            final boolean isSingle) {
        final String mode = allowed.path("mode").asText();
        if (!mode.equals("auto") && !mode.equals("required")) {
            throw fields.wrong(CHOICE, "must have auto or required as mode of allowed_tools");
        }
        final Set<ToolFields.Tool> some = new LinkedHashSet<>();
        for (final JsonNode tool : allowed.path(TOOLS)) {
            final JsonNode name =
                    tool.hasNonNull("function") ? tool.path("function").path("name") : tool.path("name");
            some.add(named(fields, CHOICE, tools, name));
        }
        if (some.isEmpty()) {
            throw fields.wrong(CHOICE, "must name at least one tool in allowed_tools");
        }
        return new ToolFields(List.copyOf(some), mode.equals("required"), isSingle, false);
    }

    private static ToolFields.Tool named(
            final FieldReader fields, final String field, final List<ToolFields.Tool> tools, final JsonNode name) {
        for (final ToolFields.Tool tool : tools) {
            if (tool.name().equals(name.textValue())) {
                return tool;
            }
        }
        throw fields.wrong(field, "names a tool that isn't there");
    }
}
