package io.cheshire.http.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Body of the endpoints of a model whose head scores texts.
 *
 * @param kind          which endpoint, or which of its tasks
 * @param model         the model asked for, or null for the one that is served
 * @param inputs        at least one
 * @param truncate      of an input only its first tokens, so many; 0 all, -1 what the context has room for
 * @param specialTokens texts get those that the tokenizer adds
 * @param activates     outputs become probabilities
 * @param yields        may wait for requests that don't
 * @param topN          so many of the best; 0 all
 * @param segments      where rewards are wanted: of each input, of all alike where there is one, or of none
 * @param ignored       names of the fields that were accepted without effect
 */
public record ScoreRequest(
        Kind kind,
        @Nullable String model,
        List<Input> inputs,
        int truncate,
        boolean specialTokens,
        boolean activates,
        boolean yields,
        int topN,
        List<SegmentFields> segments,
        List<String> ignored) {
    public ScoreRequest {
        inputs = List.copyOf(inputs);
        segments = List.copyOf(segments);
        ignored = List.copyOf(ignored);
    }

    /** What is asked of a head. */
    public enum Kind {
        /** The classes of texts. */
        CLASSIFY("input", "classify-"),
        /** One number of each pair of texts. */
        SCORE("text_1", "score-"),
        /** The same of a query with each document, the best first. */
        RERANK("documents", "rerank-"),
        /** What the head says of texts. */
        POOL_TEXTS("input", "pool-"),
        /** What the head says at their tokens. */
        POOL_TOKENS("input", "pool-");

        private final String field;
        private final String idPrefix;

        Kind(final String field, final String idPrefix) {
            this.field = field;
            this.idPrefix = idPrefix;
        }

        /** The request's field that holds texts. */
        public String field() {
            return field;
        }

        /** Start of an answer's id. */
        public String idPrefix() {
            return idPrefix;
        }
    }

    /**
     * A text, or two that are scored together.
     *
     * @param second     follows on {@code first}, or null
     * @param firstField where the first came from, for errors
     * @param field      where the second came from, or else the first
     */
    public record Input(Prompt first, @Nullable Prompt second, String firstField, String field) {}
}
