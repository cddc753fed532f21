package io.cheshire.http.protocol;

import java.util.List;

/**
 * Body of {@code POST /v1/completions}.
 *
 * @param prompts at least one
 * @param echo    the prompt comes back before the completion
 * @param ignored names of the fields that were accepted without effect
 */
public record CompletionRequest(GenerationFields common, List<Prompt> prompts, boolean echo, List<String> ignored) {
    public CompletionRequest {
        ignored = List.copyOf(ignored);
        prompts = List.copyOf(prompts);
    }
}
