package io.cheshire.http.protocol;

import java.util.List;

/**
 * Body of {@code POST /v1/chat/completions}.
 *
 * @param ignored names of the fields that were accepted without effect
 */
public record ChatRequest(GenerationFields common, List<ApiChatMessage> messages, List<String> ignored) {
    public ChatRequest {
        messages = List.copyOf(messages);
        ignored = List.copyOf(ignored);
    }
}
