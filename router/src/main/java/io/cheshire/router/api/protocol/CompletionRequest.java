package io.cheshire.router.api.protocol;

import java.util.List;

/**
 * Body of {@code POST /v1/completions}.
 *
 * @param prompts at least one
 * @param echo    the prompt comes back before the completion
 */
public record CompletionRequest(GenerationFields common, List<Prompt> prompts, boolean echo) {
    public CompletionRequest {
        prompts = List.copyOf(prompts);
    }
}
