package io.cheshire.http.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.http.protocol.ApiChatMessage;
import io.cheshire.http.protocol.ApiException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Items of responses as the messages of a chat. Pure. */
public final class Conversation {
    private static final String ASSISTANT = "assistant";

    private Conversation() {}

    /**
     * A text and the calls behind it are one message; so are calls that follow each other.
     *
     * @param items as the parser and {@link ResponseAnswer} make them
     */
    public static List<ApiChatMessage> messages(final @Nullable String instructions, final List<ObjectNode> items) {
        final List<ApiChatMessage> messages = new ArrayList<>();
        if (instructions != null && !instructions.isEmpty()) {
            messages.add(new ApiChatMessage("system", instructions));
        }
        final Set<String> called = new HashSet<>();
        for (final ObjectNode item : items) {
            switch (item.path("type").asText()) {
                case "function_call" -> {
                    called.add(item.path("call_id").asText());
                    addCall(messages, item);
                }
                case "function_call_output" -> {
                    if (!called.contains(item.path("call_id").asText())) {
                        throw ApiException.invalid(
                                "input",
                                "input has a function_call_output whose call_id belongs to no function_call before it;"
                                        + " send the call, too, or previous_response_id.");
                    }
                    messages.add(new ApiChatMessage("tool", item.path("output").asText()));
                }
                default -> messages.add(new ApiChatMessage(item.path("role").asText(), text(item)));
            }
        }
        return messages;
    }

    private static void addCall(final List<ApiChatMessage> messages, final ObjectNode item) {
        final ApiChatMessage.Call call = new ApiChatMessage.Call(
                item.path("name").asText(), item.path("arguments").asText());
        final ApiChatMessage last = messages.isEmpty() ? null : messages.getLast();
        if (last == null || !last.role().equals(ASSISTANT)) {
            messages.add(new ApiChatMessage(ASSISTANT, "", List.of(call)));
            return;
        }
        final List<ApiChatMessage.Call> calls = new ArrayList<>(last.calls());
        calls.add(call);
        messages.set(messages.size() - 1, new ApiChatMessage(ASSISTANT, last.content(), calls));
    }

    private static String text(final ObjectNode item) {
        final StringBuilder text = new StringBuilder();
        for (final JsonNode part : item.path("content")) {
            text.append(part.path("text").asText());
        }
        return text.toString();
    }
}
