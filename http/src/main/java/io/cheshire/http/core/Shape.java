package io.cheshire.http.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Predicate;

/** What sets one endpoint's answers apart from the other's; {@link AnswerWriter} writes them. Pure. */
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

    /** What choices carry beside their text. */
    Extras extras();

    /** A stream's text is kept, too: its last event has all of it. */
    default boolean keepsText() {
        return this instanceof Response;
    }

    /** Parts are worth a chunk: they have text, or tokens that are asked for. */
    default boolean isShown(final List<ShownPart> parts) {
        final boolean wantsTokens = extras().logprobs() || extras().tokenIds();
        for (final ShownPart part : parts) {
            if (part.textFrom() < part.textTo() || (wantsTokens && part.from() < part.to())) {
                return true;
            }
        }
        return false;
    }

    /** See {@link #extras}. */
    record Extras(TokenLabels labels, boolean logprobs, boolean tokenIds) {}

    /** The request's field that holds the prompt. */
    String promptField();

    /** The request's field that says how many alternatives a token has. */
    default String logprobsField() {
        return this instanceof Completion ? "logprobs" : "top_logprobs";
    }

    /** Of a head that scores: nothing is generated. */
    record Scores(Extras extras, ScoreCall call) implements Shape {
        @Override
        public String object() {
            return "list";
        }

        @Override
        public String promptField() {
            return call.request().kind().field();
        }

        @Override
        public String chunkObject() {
            return object();
        }

        @Override
        public String idPrefix() {
            return call.request().kind().idPrefix();
        }
    }

    /** {@code /v1/chat/completions}; {@code continuesPrompt}: the last message goes on. */
    record Chat(Extras extras, boolean continuesPrompt) implements Shape {
        /** An answer of its own. */
        public Chat(final Extras extras) {
            this(extras, false);
        }

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
    }

    /**
     * {@code /v1/responses}.
     *
     * @param echo members of the request that the response repeats
     * @param kept takes the response once it is over; false: there is no room for it
     */
    record Response(Extras extras, ObjectNode echo, Predicate<ObjectNode> kept) implements Shape {
        @Override
        public String object() {
            return "response";
        }

        @Override
        public String promptField() {
            return "input";
        }

        @Override
        public String chunkObject() {
            return "response";
        }

        @Override
        public String idPrefix() {
            return "resp_";
        }
    }
}
