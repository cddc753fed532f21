package io.cheshire.router.api.protocol;

import java.util.List;

/** Body of {@code POST /v1/chat/completions}. */
public record ChatRequest(GenerationFields common, List<ChatMessage> messages) {
    public ChatRequest {
        messages = List.copyOf(messages);
    }
}
