package io.cheshire.router.api.core;

import io.cheshire.router.api.protocol.ApiError;
import io.cheshire.router.api.protocol.ApiException;
import io.cheshire.router.api.protocol.GenerationFields;
import io.cheshire.router.api.protocol.SamplingFields;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** From a checked body and tokens to what the engine is asked for. Pure. */
public final class RequestPlan {
    /** OpenAI's default of {@code max_tokens} for completions. */
    public static final int COMPLETION_DEFAULT_TOKENS = 16;

    private static final long CHOICE_SEED_STEP = 0x9E3779B97F4A7C15L;

    private RequestPlan() {}

    /** Refuses any model but the served one; a map look-up, the name is never a path. */
    public static void checkModel(final ModelInfo model, final @org.jspecify.annotations.Nullable String name) {
        if (name != null && !name.equals(model.id())) {
            throw new ApiException(new ApiError(
                    404,
                    "not_found_error",
                    "The model does not exist here; this server has " + model.id() + ".",
                    "model",
                    "model_not_found",
                    0));
        }
    }

    /** Refuses ids outside the vocabulary. */
    public static void checkIds(final ModelInfo model, final Collection<Integer> ids, final String field) {
        for (final int id : ids) {
            if (id < 0 || id >= model.vocabSize()) {
                throw ApiException.invalid(
                        field,
                        field + " has token id " + id + "; ids of this model are 0 to " + (model.vocabSize() - 1)
                                + ".");
            }
        }
    }

    /** Checks of the common fields that need the model. */
    public static void checkFields(final ModelInfo model, final GenerationFields fields) {
        checkModel(model, fields.model());
        checkIds(model, fields.stopTokenIds(), "stop_token_ids");
        checkIds(model, fields.sampling().logitBias().keySet(), "logit_bias");
    }

    /**
     * Most tokens a chat answer may have when the request doesn't say: up to the context, but not across the LongRoPE
     * boundary, since a longer total would change the table and with it the answer.
     */
    public static int defaultChatTokens(final ModelInfo model, final int promptTokens) {
        final boolean isShort = promptTokens < model.ropeBoundaryTokens();
        return (isShort ? Math.min(model.ropeBoundaryTokens(), model.contextTokens()) : model.contextTokens())
                - promptTokens;
    }

    /** Prompt, which came in {@code promptField}, and output must fit the context; never clamped silently. */
    public static void checkContext(
            final ModelInfo model, final String promptField, final int promptTokens, final int maxTokens) {
        final long total = (long) promptTokens + maxTokens;
        if (promptTokens >= 1 && maxTokens >= 0 && total <= model.contextTokens()) {
            return;
        }
        throw tooLong(promptField, promptTokens, maxTokens, model.contextTokens());
    }

    /** The error for a sequence that can never fit. */
    public static ApiException tooLong(
            final String promptField, final int promptTokens, final int maxTokens, final int limitTokens) {
        return new ApiException(ApiError.invalid(
                promptTokens >= limitTokens ? promptField : "max_tokens",
                "context_length_exceeded",
                "This model's context is " + limitTokens + " tokens; the request asks for "
                        + ((long) promptTokens + maxTokens) + " (" + promptTokens + " in the prompt, " + maxTokens
                        + " to generate). Shorten the prompt or max_tokens."));
    }

    /** The engine's request for choice {@code choice} of a prompt. */
    public static GenerationRequest engineRequest(
            final ModelInfo model,
            final GenerationFields fields,
            final List<Integer> prompt,
            final int maxTokens,
            final int choice,
            final long seed,
            final boolean promptScores,
            final String cacheScope,
            final long deadlineNs) {
        return new GenerationRequest(
                prompt,
                maxTokens,
                Math.min(fields.minTokens(), maxTokens),
                stopIds(model, fields),
                sampling(fields.sampling(), seed + choice * CHOICE_SEED_STEP),
                fields.logprobs(),
                promptScores ? fields.logprobs() : -1,
                cacheScope,
                deadlineNs);
    }

    /** Ids that end a sequence of this request. */
    public static Set<Integer> stopIds(final ModelInfo model, final GenerationFields fields) {
        final Set<Integer> ids = new HashSet<>(fields.stopTokenIds());
        if (!fields.ignoreEos()) {
            ids.addAll(model.stopTokenIds());
        }
        return Set.copyOf(ids);
    }

    private static SamplingParams sampling(final SamplingFields fields, final long seed) {
        return new SamplingParams(
                fields.temperature(),
                fields.topK(),
                fields.topP(),
                fields.minP(),
                fields.presencePenalty(),
                fields.frequencyPenalty(),
                fields.repetitionPenalty(),
                fields.logitBias(),
                seed);
    }
}
