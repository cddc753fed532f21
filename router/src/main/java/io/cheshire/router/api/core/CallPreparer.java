package io.cheshire.router.api.core;

import io.cheshire.router.api.core.PreparedCall.PreparedPrompt;
import io.cheshire.router.api.protocol.ApiError;
import io.cheshire.router.api.protocol.ApiException;
import io.cheshire.router.api.protocol.ChatMessage;
import io.cheshire.router.api.protocol.ChatRequest;
import io.cheshire.router.api.protocol.CompletionRequest;
import io.cheshire.router.api.protocol.GenerationFields;
import io.cheshire.router.api.protocol.HttpLimits;
import io.cheshire.router.api.protocol.Prompt;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** From parsed requests to {@link PreparedCall}s: tokenising and the checks that need the model. Thread-safe. */
public final class CallPreparer {
    private final ModelInfo model;
    private final TextModel text;
    private final HttpLimits.Api limits;
    private final LongSupplier seeds;

    /** {@code seeds} draws one for a request without. */
    public CallPreparer(
            final ModelInfo model, final TextModel text, final HttpLimits.Api limits, final LongSupplier seeds) {
        this.model = model;
        this.text = text;
        this.limits = limits;
        this.seeds = seeds;
    }

    /** A chat request. */
    public PreparedCall chat(final ChatRequest request) {
        final GenerationFields fields = request.common();
        RequestPlan.checkFields(model, fields);
        final List<Integer> tokens = render(request.messages());
        final Integer asked = fields.maxTokens();
        final int maxTokens = asked != null ? asked : Math.max(1, RequestPlan.defaultChatTokens(model, tokens.size()));
        RequestPlan.checkContext(model, "messages", tokens.size(), maxTokens);
        final Shape.Extras extras = extras(fields);
        return new PreparedCall(
                new Shape.Chat(extras),
                fields,
                List.of(new PreparedPrompt(tokens, maxTokens, null)),
                seed(fields),
                extras.tokenIds(),
                fields.returnTokenIds());
    }

    /** A completion request. */
    public PreparedCall completion(final CompletionRequest request) {
        final GenerationFields fields = request.common();
        RequestPlan.checkFields(model, fields);
        final Integer asked = fields.maxTokens();
        final int maxTokens = asked != null ? asked : RequestPlan.COMPLETION_DEFAULT_TOKENS;
        final List<PreparedPrompt> prompts = new ArrayList<>(request.prompts().size());
        for (final Prompt prompt : request.prompts()) {
            prompts.add(prompt(prompt, maxTokens, request.echo()));
        }
        final Shape.Extras extras = extras(fields);
        return new PreparedCall(
                new Shape.Completion(extras),
                fields,
                prompts,
                seed(fields),
                extras.tokenIds(),
                fields.returnTokenIds() || (request.echo() && !text.hasTokenizer()));
    }

    /** Tokens of a conversation. */
    public List<Integer> render(final List<ChatMessage> messages) {
        needTokenizer("messages");
        if (!text.hasChatTemplate()) {
            throw ApiException.invalid(
                    "messages", "This checkpoint has no chat template; use /v1/completions with a whole prompt.");
        }
        long bytes = 0;
        for (final ChatMessage message : messages) {
            bytes += utf8Bytes(message.content());
        }
        checkBytes("messages", bytes);
        try {
            return nonEmpty(text.renderChat(messages), "messages");
        } catch (final IllegalArgumentException e) {
            throw ApiException.invalid("messages", "The chat template refuses these messages: " + e.getMessage());
        }
    }

    /** Tokens of a raw prompt. */
    public List<Integer> encode(final String prompt, final boolean addSpecialTokens) {
        needTokenizer("prompt");
        checkBytes("prompt", utf8Bytes(prompt));
        return nonEmpty(text.encode(prompt, addSpecialTokens), "prompt");
    }

    /** Refuses what needs a tokenizer where there is none. */
    public void needTokenizer(final String field) {
        if (!text.hasTokenizer()) {
            throw new ApiException(ApiError.invalid(
                    field,
                    "no_tokenizer",
                    "This checkpoint has no tokenizer: it is served for token-id prompts only. Send /v1/completions "
                            + "with prompt as a list of token ids."));
        }
    }

    private PreparedPrompt prompt(final Prompt prompt, final int maxTokens, final boolean isEcho) {
        final List<Integer> tokens = switch (prompt) {
            case Prompt.Text(final String content) -> encode(content, true);
            case Prompt.Tokens(final List<Integer> ids) -> ids;
        };
        RequestPlan.checkIds(model, tokens, "prompt");
        RequestPlan.checkContext(model, "prompt", tokens.size(), maxTokens);
        final String original = prompt instanceof Prompt.Text(final String content) ? content : null;
        final EchoedPrompt echo = isEcho ? EchoedPrompt.of(text, tokens, original) : null;
        return new PreparedPrompt(tokens, maxTokens, echo);
    }

    private Shape.Extras extras(final GenerationFields fields) {
        return new Shape.Extras(
                new TokenLabels(text, fields.returnTokensAsTokenIds()),
                fields.logprobs() >= 0,
                fields.returnTokenIds() || !text.hasTokenizer());
    }

    private long seed(final GenerationFields fields) {
        final @Nullable Long asked = fields.sampling().seed();
        return asked != null ? asked : seeds.getAsLong();
    }

    private void checkBytes(final String field, final long bytes) {
        if (bytes > limits.promptBytes()) {
            throw new ApiException(ApiError.invalid(
                    field,
                    "context_length_exceeded",
                    field + " has " + bytes + " bytes of text; the limit is " + limits.promptBytes()
                            + ". Shorten it."));
        }
    }

    private static List<Integer> nonEmpty(final List<Integer> tokens, final String field) {
        if (tokens.isEmpty()) {
            throw ApiException.invalid(field, field + " has no tokens; send some text.");
        }
        return tokens;
    }

    private static long utf8Bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
