package io.cheshire.http.core;

import io.cheshire.http.core.PreparedCall.PreparedPrompt;
import io.cheshire.http.protocol.ApiChatMessage;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.ChatRequest;
import io.cheshire.http.protocol.CompletionRequest;
import io.cheshire.http.protocol.GenerationFields;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.http.protocol.OutputRules;
import io.cheshire.http.protocol.Prompt;
import io.cheshire.http.protocol.ToolFields;
import io.cheshire.router.core.TokenRules;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** From parsed requests to {@link PreparedCall}s: tokenising and the checks that need the model. Thread-safe. */
public final class CallPreparer {
    private final ModelInfo model;
    private final TextModel text;
    private final HttpLimits.Api limits;
    private final LongSupplier seeds;
    private final OutputGrammars grammars;

    /** {@code seeds} draws one for a request without. */
    public CallPreparer(
            final ModelInfo model, final TextModel text, final HttpLimits.Api limits, final LongSupplier seeds) {
        this.model = model;
        this.text = text;
        this.limits = limits;
        this.seeds = seeds;
        this.grammars = new OutputGrammars(model, text);
    }

    /** A chat request. */
    public PreparedCall chat(final ChatRequest request) {
        return chat(request, extras -> new Shape.Chat(extras, request.continuesFinal()));
    }

    /** A conversation whose answer has another form than a chat's. */
    public PreparedCall chat(final ChatRequest request, final Function<Shape.Extras, Shape> shape) {
        final GenerationFields fields = request.common();
        RequestPlan.checkFields(model, fields);
        RequestPlan.checkGenerates(model);
        final List<ApiChatMessage> messages =
                NativeTools.turns(text.hasToolMarks(), request.messages(), request.tools());
        final boolean isOpen = request.continuesFinal();
        final Shape.Extras extras = extras(fields);
        final Shape made = shape.apply(extras);
        final List<Integer> tokens =
                truncated(fields, render(messages, made.promptField(), isOpen, mostTokens(fields)));
        final int maxTokens = RequestPlan.chatTokens(model, fields, made.promptField(), tokens.size());
        return new PreparedCall(
                made,
                fields,
                List.of(new PreparedPrompt(tokens, maxTokens, null)),
                seed(fields),
                extras.tokenIds(),
                fields.returnTokenIds(),
                request.ignored(),
                limits(fields, request.tools(), !isOpen));
    }

    /** A completion request. */
    public PreparedCall completion(final CompletionRequest request) {
        final GenerationFields fields = request.common();
        RequestPlan.checkFields(model, fields);
        RequestPlan.checkGenerates(model);
        final int count = request.prompts().size();
        final List<PreparedPrompt> prompts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            final String field = count == 1 ? "prompt" : "prompt[" + i + "]";
            prompts.add(prompt(request.prompts().get(i), field, fields, request.echo()));
        }
        final Shape.Extras extras = extras(fields);
        return new PreparedCall(
                new Shape.Completion(extras),
                fields,
                prompts,
                seed(fields),
                extras.tokenIds(),
                fields.returnTokenIds() || (request.echo() && !text.hasTokenizer()),
                request.ignored(),
                limits(fields, null, false));
    }

    /** Tokens of a conversation, however many. */
    public List<Integer> render(final List<ApiChatMessage> messages) {
        return render(NativeTools.turns(text.hasToolMarks(), messages, null), "messages", false, Integer.MAX_VALUE);
    }

    /** @param field what the client calls the conversation */
    private List<Integer> render(
            final List<ApiChatMessage> messages, final String field, final boolean isOpen, final int maxTokens) {
        needTokenizer(field);
        if (!text.hasChatTemplate()) {
            throw ApiException.invalid(
                    field, "This checkpoint has no chat template; use /v1/completions with a whole prompt.");
        }
        long bytes = 0;
        for (final ApiChatMessage message : messages) {
            bytes += utf8Bytes(message.content()) + utf8Bytes(message.tools());
            for (final ApiChatMessage.Call call : message.calls()) {
                bytes += utf8Bytes(call.arguments());
            }
        }
        checkBytes(field, bytes);
        try {
            final List<Integer> tokens =
                    isOpen ? text.renderOpenChat(messages, maxTokens) : text.renderChat(messages, maxTokens);
            return nonEmpty(tokens, field);
        } catch (final IllegalArgumentException e) {
            throw ApiException.invalid(field, "The chat template refuses these messages: " + e.getMessage());
        } catch (final ApiException e) {
            throw e.about("messages", field);
        }
    }

    /** Tokens of a raw prompt, however many. */
    public List<Integer> encode(final String prompt, final boolean addSpecialTokens) {
        return encode(prompt, "prompt", addSpecialTokens, Integer.MAX_VALUE);
    }

    /** The same of the field that the client calls so, refused where it can't but be longer than {@code maxTokens}. */
    List<Integer> encode(final String prompt, final String field, final boolean addSpecialTokens, final int maxTokens) {
        needTokenizer(field);
        checkBytes(field, utf8Bytes(prompt));
        try {
            return nonEmpty(text.encode(prompt, addSpecialTokens, maxTokens), field);
        } catch (final ApiException e) {
            throw e.about("prompt", field);
        }
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

    private PreparedPrompt prompt(
            final Prompt prompt, final String field, final GenerationFields fields, final boolean isEcho) {
        final List<Integer> all = switch (prompt) {
            case Prompt.Text(final String content) -> encode(content, field, true, mostTokens(fields));
            case Prompt.Tokens(final List<Integer> ids) -> ids;
        };
        final List<Integer> tokens = truncated(fields, all);
        final int maxTokens = RequestPlan.completionTokens(model, fields, field, tokens.size());
        RequestPlan.checkIds(model, tokens, field);
        final boolean isWhole = tokens.size() == all.size();
        final String original = isWhole && prompt instanceof Prompt.Text(final String content) ? content : null;
        final EchoedPrompt echo = isEcho ? EchoedPrompt.of(text, tokens, original) : null;
        return new PreparedPrompt(tokens, maxTokens, echo);
    }

    /** A prompt that will be cut may be longer than the context. */
    private int mostTokens(final GenerationFields fields) {
        return fields.truncatePrompt() == 0 ? model.contextTokens() : Integer.MAX_VALUE;
    }

    /** The last tokens of a prompt, as many as the request wants kept. */
    private List<Integer> truncated(final GenerationFields fields, final List<Integer> tokens) {
        final @Nullable Integer asked = fields.maxTokens();
        final int room = Math.max(1, model.contextTokens() - (asked == null ? 1 : asked));
        final int kept = fields.truncatePrompt() == -1 ? room : fields.truncatePrompt();
        return kept == 0 || tokens.size() <= kept ? tokens : tokens.subList(tokens.size() - kept, tokens.size());
    }

    private PreparedCall.Limits limits(
            final GenerationFields fields, final @Nullable ToolFields tools, final boolean opensText) {
        final OutputRules output = fields.output();
        if (tools == null && output.equals(OutputRules.NONE)) {
            return PreparedCall.Limits.NONE;
        }
        return new PreparedCall.Limits(
                new TokenRules(
                        output.allowedIds(),
                        badWords(output.badWords()),
                        grammars.grammar(output.form(), tools),
                        opensText),
                tools,
                NativeTools.marks(text.hasToolMarks()),
                output.form() != null);
    }

    /** As vLLM: a word is looked for where a text begins, and behind a space if that is another token. */
    private List<List<Integer>> badWords(final List<String> words) {
        final List<List<Integer>> all = new ArrayList<>();
        for (final String word : words) {
            needTokenizer("bad_words");
            final List<Integer> bare = text.encode(word.stripLeading(), false);
            final List<Integer> spaced = text.encode(" " + word.stripLeading(), false);
            all.add(nonEmpty(bare, "bad_words"));
            if (!spaced.getFirst().equals(bare.getFirst()) && spaced.size() == bare.size()) {
                all.add(spaced);
            }
        }
        return all;
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
