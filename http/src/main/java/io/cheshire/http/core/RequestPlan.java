package io.cheshire.http.core;

import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.GenerationFields;
import io.cheshire.http.protocol.SamplingFields;
import io.cheshire.model.protocol.ScoreHead;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.Scoring;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From a checked body and tokens to what the engine is asked for. Pure. */
public final class RequestPlan {
    /** OpenAI's default of {@code max_tokens} for completions. */
    public static final int COMPLETION_DEFAULT_TOKENS = 16;

    private static final long CHOICE_SEED_STEP = 0x9E3779B97F4A7C15L;

    private RequestPlan() {}

    /** Refuses any model but the served one; names are compared, none is ever a path. */
    public static void checkModel(final ModelInfo model, final @Nullable String name) {
        if (name != null && !model.isNamed(name)) {
            throw new ApiException(new ApiError(
                    404,
                    "not_found_error",
                    "The model does not exist here; this server has " + String.join(", ", model.names()) + ".",
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

    /** Refuses to go on with a text where the model's head only scores texts. */
    public static void checkGenerates(final ModelInfo model) {
        final ScoreHead head = model.head();
        if (head != null) {
            throw ApiException.of(
                    400,
                    "no_language_head",
                    "This model has a classification head of " + head.labelCount()
                            + (head.labelCount() == 1 ? " label" : " labels")
                            + " and generates nothing: send texts to /classify, /score or /pooling.");
        }
    }

    /** Checks of the common fields that need the model. */
    public static void checkFields(final ModelInfo model, final GenerationFields fields) {
        checkModel(model, fields.model());
        checkIds(model, fields.stopTokenIds(), "stop_token_ids");
        checkIds(model, fields.sampling().logitBias().keySet(), "logit_bias");
        checkIds(model, fields.output().allowedIds(), "allowed_token_ids");
    }

    /**
     * Most tokens that a completion may have: what the request says, or else the default, as far as the context has
     * room for it. At least 1, so that a prompt without room is refused.
     *
     * @param promptField where the prompt came from, for errors
     */
    public static int completionTokens(
            final ModelInfo model, final GenerationFields fields, final String promptField, final int promptTokens) {
        final int room = model.contextTokens() - promptTokens;
        return outputTokens(model, fields, promptField, promptTokens, Math.min(COMPLETION_DEFAULT_TOKENS, room));
    }

    /** The same for a chat; see {@link #defaultChatTokens}. */
    public static int chatTokens(
            final ModelInfo model, final GenerationFields fields, final String promptField, final int promptTokens) {
        return outputTokens(model, fields, promptField, promptTokens, defaultChatTokens(model, promptTokens));
    }

    private static int outputTokens(
            final ModelInfo model,
            final GenerationFields fields,
            final String promptField,
            final int promptTokens,
            final int unasked) {
        final @Nullable Integer asked = fields.maxTokens();
        final int maxTokens = asked != null ? asked : Math.max(1, unasked);
        checkContext(model, promptField, fields.budgetField(), promptTokens, maxTokens);
        if (fields.minTokens() > maxTokens) {
            throw ApiException.invalid(
                    "min_tokens",
                    "min_tokens is " + fields.minTokens() + ", but without " + fields.budgetField()
                            + " this request gets at most " + maxTokens + " tokens; send " + fields.budgetField()
                            + ", too.");
        }
        return maxTokens;
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

    /**
     * Prompt, which came in {@code promptField}, and output, which {@code budgetField} limits, must fit the context;
     * never clamped silently.
     */
    public static void checkContext(
            final ModelInfo model,
            final String promptField,
            final String budgetField,
            final int promptTokens,
            final int maxTokens) {
        final long total = (long) promptTokens + maxTokens;
        if (promptTokens >= 1 && maxTokens >= 0 && total <= model.contextTokens()) {
            return;
        }
        throw tooLong(promptField, budgetField, promptTokens, maxTokens, model.contextTokens());
    }

    /** The error for a sequence that can never fit. */
    public static ApiException tooLong(
            final String promptField,
            final String budgetField,
            final int promptTokens,
            final int maxTokens,
            final int limitTokens) {
        if (maxTokens == 0) {
            return new ApiException(ApiError.invalid(
                    promptField,
                    "context_length_exceeded",
                    "This model's maximum context length is " + limitTokens + " tokens; " + promptField + " has "
                            + promptTokens + ". Shorten it, or send truncate_prompt_tokens."));
        }
        return new ApiException(ApiError.invalid(
                promptTokens >= limitTokens ? promptField : budgetField,
                "context_length_exceeded",
                "This model's maximum context length is " + limitTokens + " tokens; the request asks for "
                        + ((long) promptTokens + maxTokens) + " (" + promptTokens + " in " + promptField + ", "
                        + maxTokens + " to generate). Shorten " + promptField + " or ask for fewer with " + budgetField
                        + "."));
    }

    /** The engine's request for a sequence of a call, which may yield though the call itself doesn't say so. */
    public static GenerationRequest engineRequest(
            final ModelInfo model,
            final PreparedCall call,
            final int sequence,
            final String cacheScope,
            final long deadlineNs,
            final boolean yields) {
        final GenerationFields fields = call.fields();
        final PreparedCall.PreparedPrompt prompt = call.promptOf(sequence);
        final int choice = sequence % fields.n();
        return new GenerationRequest(
                prompt.tokens(),
                prompt.maxTokens(),
                Math.min(fields.minTokens(), prompt.maxTokens()),
                stopIds(model, fields),
                sampling(fields.sampling(), call.seed() + choice * CHOICE_SEED_STEP),
                fields.logprobs(),
                Math.max(prompt.echo() == null ? -1 : fields.logprobs(), fields.promptLogprobs()),
                cacheScope,
                deadlineNs,
                call.limits().rules(),
                yields || fields.yields(),
                new Scoring(fields.entropies(), fields.promptLogprobs() >= 0, prompt.pooled()));
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
