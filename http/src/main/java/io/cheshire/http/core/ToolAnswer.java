package io.cheshire.http.core;

import com.fasterxml.jackson.core.JsonGenerator;
import io.cheshire.http.core.CallScanner.Found;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The choices of an answer that may call tools: what is text, and what is a call. Ids of calls come from the answer's
 * own id and their places. Single-threaded.
 */
final class ToolAnswer {
    private final String idStart;
    private final boolean isLegacy;
    private final PreparedCall.Limits limits;
    private final Map<Integer, CallScanner> scanners = new HashMap<>();
    private final Map<Integer, List<Found>> pending = new HashMap<>();

    /** @param answerId of the whole answer */
    ToolAnswer(final String answerId, final boolean isLegacy, final PreparedCall.Limits limits) {
        this.idStart = "call_" + answerId.substring(answerId.indexOf('-') + 1) + "_";
        this.isLegacy = isLegacy;
        this.limits = limits;
    }

    private CallScanner scanner(final int index) {
        return scanners.computeIfAbsent(index, _ -> limits.scanner());
    }

    /** Further text of a choice of a stream; true if there is something to be written. */
    boolean take(final int index, final String text) {
        final List<Found> found = pending.computeIfAbsent(index, _ -> new ArrayList<>());
        found.addAll(scanner(index).push(text));
        return !found.isEmpty();
    }

    void end(final int index) {
        pending.computeIfAbsent(index, _ -> new ArrayList<>())
                .addAll(scanner(index).finish());
    }

    /** Why a choice ended; a stop behind a call is a call. */
    @Nullable
    String reason(final int index, final @Nullable String ended) {
        final boolean isCall = "stop".equals(ended) && scanner(index).hasCalled();
        return isCall ? (isLegacy ? "function_call" : "tool_calls") : ended;
    }

    /** Members of a delta: what was taken and not written. */
    void delta(final JsonGenerator json, final int index) throws IOException {
        final List<Found> found = pending.getOrDefault(index, List.of());
        final StringBuilder text = new StringBuilder();
        final List<Found> calls = new ArrayList<>();
        for (final Found one : found) {
            if (one instanceof CallScanner.Plain(final String plain)) {
                text.append(plain);
            } else {
                calls.add(one);
            }
        }
        pending.remove(index);
        if (!text.isEmpty()) {
            json.writeStringField("content", text.toString());
        }
        if (calls.isEmpty()) {
            return;
        }
        if (isLegacy) {
            legacyDelta(json, calls);
            return;
        }
        json.writeArrayFieldStart("tool_calls");
        for (final Found call : calls) {
            json.writeStartObject();
            switch (call) {
                case CallScanner.Opened(final int number, final String name) -> {
                    json.writeNumberField("index", number);
                    json.writeStringField("id", id(index, number));
                    json.writeStringField("type", "function");
                    function(json, "function", name, "");
                }
                case CallScanner.Arguments(final int number, final String part) -> {
                    json.writeNumberField("index", number);
                    json.writeObjectFieldStart("function");
                    json.writeStringField("arguments", part);
                    json.writeEndObject();
                }
                case CallScanner.Plain(final String plain) -> throw new IllegalStateException("text among calls");
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void legacyDelta(final JsonGenerator json, final List<Found> calls) throws IOException {
        json.writeObjectFieldStart("function_call");
        final StringBuilder arguments = new StringBuilder();
        for (final Found call : calls) {
            if (call instanceof CallScanner.Opened(final int number, final String name)) {
                json.writeStringField("name", name);
            } else if (call instanceof CallScanner.Arguments(final int number, final String part)) {
                arguments.append(part);
            }
        }
        json.writeStringField("arguments", arguments.toString());
        json.writeEndObject();
    }

    /** Members of a whole message. */
    void whole(final JsonGenerator json, final int index, final String text) throws IOException {
        final List<Found> found = new ArrayList<>(scanner(index).push(text));
        found.addAll(scanner(index).finish());
        final StringBuilder plain = new StringBuilder();
        final List<String> names = new ArrayList<>();
        final List<StringBuilder> arguments = new ArrayList<>();
        for (final Found one : found) {
            switch (one) {
                case CallScanner.Plain(final String part) -> plain.append(part);
                case CallScanner.Opened(final int number, final String name) -> {
                    names.add(name);
                    arguments.add(new StringBuilder());
                }
                case CallScanner.Arguments(final int number, final String part) ->
                    arguments.getLast().append(part);
            }
        }
        json.writeStringField("content", plain.isEmpty() && !names.isEmpty() ? null : plain.toString());
        if (names.isEmpty()) {
            return;
        }
        if (isLegacy) {
            function(
                    json,
                    "function_call",
                    names.getFirst(),
                    arguments.getFirst().toString());
            return;
        }
        json.writeArrayFieldStart("tool_calls");
        for (int number = 0; number < names.size(); number++) {
            json.writeStartObject();
            json.writeStringField("id", id(index, number));
            json.writeStringField("type", "function");
            function(json, "function", names.get(number), arguments.get(number).toString());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void function(
            final JsonGenerator json, final String field, final String name, final String arguments)
            throws IOException {
        json.writeObjectFieldStart(field);
        json.writeStringField("name", name);
        json.writeStringField("arguments", arguments);
        json.writeEndObject();
    }

    private String id(final int index, final int number) {
        return idStart + index + "_" + number;
    }
}
