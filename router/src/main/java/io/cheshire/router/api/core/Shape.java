package io.cheshire.router.api.core;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How one endpoint writes its choices. Pure. */
public sealed interface Shape {
    /** {@code object} of a whole response. */
    String object();

    /** {@code object} of a chunk. */
    String chunkObject();

    /** Start of response ids. */
    String idPrefix();

    /** The answer goes on where the prompt ends, instead of being a message of its own. */
    default boolean continuesPrompt() {
        return this instanceof Completion;
    }

    /** First chunk of a choice, or null if there is none of its own. */
    @Nullable
    ObjectNode opening(int index);

    /** A whole choice. */
    ObjectNode choice(int index, String text, List<ScoredToken> tokens, @Nullable String finishReason);

    /** A part of a choice. */
    ObjectNode delta(int index, String text, List<ScoredToken> tokens, @Nullable String finishReason);

    /** What choices carry beside their text. */
    Extras extras();

    /** A delta is worth a chunk: it has text, or tokens that are asked for. */
    default boolean isShown(final ChoiceText.Delta delta) {
        final boolean wantsTokens = extras().logprobs() || extras().tokenIds();
        return !delta.text().isEmpty() || (wantsTokens && !delta.tokens().isEmpty());
    }

    /** See {@link #extras}. */
    record Extras(TokenLabels labels, boolean logprobs, boolean tokenIds) {
        void fill(final ObjectNode choice, final List<ScoredToken> tokens, final @Nullable ObjectNode scores) {
            if (!logprobs || scores == null) {
                choice.putNull("logprobs");
            } else {
                choice.set("logprobs", scores);
            }
            if (tokenIds) {
                choice.set("token_ids", ResponseJson.idsOf(tokens));
            }
        }
    }

    /** The request's field that holds the prompt. */
    String promptField();

    /** {@code /v1/chat/completions}. */
    record Chat(Extras extras) implements Shape {
        @Override
        public String object() {
            return "chat.completion";
        }

        @Override
        public String promptField() {
            return "messages";
        }

        @Override
        public String chunkObject() {
            return "chat.completion.chunk";
        }

        @Override
        public String idPrefix() {
            return "chatcmpl-";
        }

        @Override
        public ObjectNode opening(final int index) {
            final ObjectNode choice = base(index);
            choice.putObject("delta").put("role", "assistant").put("content", "");
            choice.putNull("logprobs");
            choice.putNull("finish_reason");
            return choice;
        }

        @Override
        public ObjectNode choice(
                final int index, final String text, final List<ScoredToken> tokens, final @Nullable String reason) {
            final ObjectNode choice = base(index);
            final ObjectNode message =
                    choice.putObject("message").put("role", "assistant").put("content", text);
            message.putNull("refusal");
            return filled(choice, tokens, reason);
        }

        @Override
        public ObjectNode delta(
                final int index, final String text, final List<ScoredToken> tokens, final @Nullable String reason) {
            final ObjectNode choice = base(index);
            final ObjectNode delta = choice.putObject("delta");
            if (!text.isEmpty() || !tokens.isEmpty()) {
                delta.put("content", text);
            }
            return filled(choice, tokens, reason);
        }

        private ObjectNode filled(
                final ObjectNode choice, final List<ScoredToken> tokens, final @Nullable String reason) {
            final boolean wanted = extras.logprobs() && !(tokens.isEmpty() && choice.has("delta"));
            extras.fill(choice, tokens, wanted ? extras.labels().chat(tokens) : null);
            ResponseJson.finishReason(choice, reason);
            return choice;
        }
    }

    /** {@code /v1/completions}. */
    record Completion(Extras extras) implements Shape {
        @Override
        public String object() {
            return "text_completion";
        }

        @Override
        public String promptField() {
            return "prompt";
        }

        @Override
        public String chunkObject() {
            return "text_completion";
        }

        @Override
        public String idPrefix() {
            return "cmpl-";
        }

        @Override
        public @Nullable ObjectNode opening(final int index) {
            return null;
        }

        @Override
        public ObjectNode choice(
                final int index, final String text, final List<ScoredToken> tokens, final @Nullable String reason) {
            final ObjectNode choice = base(index);
            choice.put("text", text);
            extras.fill(choice, tokens, extras.logprobs() ? extras.labels().completion(tokens) : null);
            ResponseJson.finishReason(choice, reason);
            return choice;
        }

        @Override
        public ObjectNode delta(
                final int index, final String text, final List<ScoredToken> tokens, final @Nullable String reason) {
            return choice(index, text, tokens, reason);
        }
    }

    private static ObjectNode base(final int index) {
        return JsonNodeFactory.instance.objectNode().put("index", index);
    }
}
