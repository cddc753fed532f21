package io.cheshire.http.protocol;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What chat and completion requests have in common.
 *
 * @param model                   the model asked for, or null for the one that is served
 * @param maxTokens               null: the endpoint's default
 * @param continuousUsage         each chunk of a stream has the usage so far
 * @param logprobs                -1 none, else how many of the best tokens beside the chosen one
 * @param returnTokenIds          choices carry token ids
 * @param returnTokensAsTokenIds  tokens in logprobs are written {@code token_id:N}
 * @param output                  what the answer may be at all
 * @param truncatePrompt          of a prompt only its last tokens, so many; 0 all, -1 what the context has room for
 * @param promptLogprobs          likewise of the prompt's tokens
 * @param yields                  may wait for requests that don't
 * @param entropies               of each position whose log-probabilities are told the entropy, too
 * @param budgetField             the field that says {@code maxTokens}, as the client calls it
 */
public record GenerationFields(
        @Nullable String model,
        SamplingFields sampling,
        @Nullable Integer maxTokens,
        int minTokens,
        List<String> stop,
        Set<Integer> stopTokenIds,
        boolean ignoreEos,
        int n,
        boolean stream,
        boolean includeUsage,
        boolean continuousUsage,
        int logprobs,
        boolean returnTokenIds,
        boolean returnTokensAsTokenIds,
        OutputRules output,
        int truncatePrompt,
        int promptLogprobs,
        boolean yields,
        boolean entropies,
        String budgetField) {
    public GenerationFields {
        stop = List.copyOf(stop);
        stopTokenIds = Set.copyOf(stopTokenIds);
    }

    /** Of a call that generates nothing. */
    public static GenerationFields scoring(final @Nullable String model, final boolean yields) {
        return new GenerationFields(
                model,
                new SamplingFields(0, 1, 0, 0, 0, 0, 1, Map.of(), 0L),
                0,
                0,
                List.of(),
                Set.of(),
                false,
                1,
                false,
                false,
                false,
                -1,
                false,
                false,
                OutputRules.NONE,
                0,
                -1,
                yields,
                false,
                "max_tokens");
    }

    /** The same with a form of the answer's text. */
    GenerationFields withForm(final OutputForm form) {
        return new GenerationFields(
                model,
                sampling,
                maxTokens,
                minTokens,
                stop,
                stopTokenIds,
                ignoreEos,
                n,
                stream,
                includeUsage,
                continuousUsage,
                logprobs,
                returnTokenIds,
                returnTokensAsTokenIds,
                new OutputRules(form, output.allowedIds(), output.badWords()),
                truncatePrompt,
                promptLogprobs,
                yields,
                entropies,
                budgetField);
    }
}
