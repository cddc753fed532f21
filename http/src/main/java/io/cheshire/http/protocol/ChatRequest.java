package io.cheshire.http.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Body of {@code POST /v1/chat/completions}.
 *
 * @param tools   that may be called, or null
 * @param continuesFinal the answer goes on where the last message ends
 * @param ignored names of the fields that were accepted without effect
 */
public record ChatRequest(
        GenerationFields common,
        List<ApiChatMessage> messages,
        @Nullable ToolFields tools,
        boolean continuesFinal,
        List<String> ignored) {
    public ChatRequest {
        messages = List.copyOf(messages);
        ignored = List.copyOf(ignored);
    }
}
