package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Calls of tools that an assistant made earlier, as they come back: {@code tool_calls}, or {@code function_call}. */
final class CallParser {
    private static final String CALLS = "tool_calls";
    private static final int MAX_CALLS = 128;

    private final HttpLimits.Api limits;

    CallParser(final HttpLimits.Api limits) {
        this.limits = limits;
    }

    List<ApiChatMessage.Call> calls(final FieldReader message) {
        final List<ApiChatMessage.Call> calls = new ArrayList<>();
        final JsonNode list = message.get(CALLS);
        if (list != null) {
            if (!list.isArray() || list.size() > MAX_CALLS) {
                throw message.wrong(CALLS, "must be a list of at most " + MAX_CALLS);
            }
            for (int i = 0; i < list.size(); i++) {
                calls.add(wrapped(message, CALLS + "[" + i + "]", list.get(i)));
            }
        }
        final JsonNode old = message.get("function_call");
        if (old != null) {
            calls.add(call(message, "function_call", old));
        }
        return calls;
    }

    private ApiChatMessage.Call wrapped(final FieldReader message, final String place, final JsonNode value) {
        if (!(value instanceof final ObjectNode object)) {
            throw message.wrong(place, "must be an object with id, type and function");
        }
        final FieldReader call = message.within(place, object);
        call.text("id", limits.promptBytes());
        call.get("index");
        final String type = call.text("type", limits.identifierChars());
        if (type != null && !type.equals("function")) {
            throw call.wrong("type", "must be function");
        }
        final JsonNode function = call.get("function");
        if (function == null) {
            throw call.wrong("function", "is needed: an object with name and arguments");
        }
        call.finish(Map.of());
        return call(call, "function", function);
    }

    private ApiChatMessage.Call call(final FieldReader outer, final String place, final JsonNode value) {
        if (!(value instanceof final ObjectNode object)) {
            throw outer.wrong(place, "must be an object with name and arguments");
        }
        final FieldReader function = outer.within(place, object);
        final String name = function.text("name", limits.identifierChars());
        if (name == null || name.isEmpty()) {
            throw function.wrong("name", "is needed: a string");
        }
        final JsonNode arguments = function.get("arguments");
        function.finish(Map.of("parsed_arguments", "leave it out."));
        // Some clients send nothing for a function without parameters.
        if (arguments == null || (arguments.isTextual() && arguments.textValue().isBlank())) {
            return new ApiChatMessage.Call(name, "{}");
        }
        // Some clients send the object instead of its text.
        return new ApiChatMessage.Call(name, arguments.isTextual() ? arguments.textValue() : arguments.toString());
    }
}
