package io.cheshire.http.runtime;

import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.GenerationListener.GenerationError;
import io.cheshire.router.core.PooledRow;
import io.cheshire.router.core.TokenScores;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the engine said about one sequence of a call, on its way to the call's own thread. */
sealed interface CallEvent {
    /** The prompt is computed. */
    record Prompt(int sequence, List<TokenScores> scores, int cachedTokens) implements CallEvent {
        public Prompt {
            scores = List.copyOf(scores);
        }
    }

    /** What the head says where it was asked. */
    record Pooled(int sequence, List<PooledRow> rows) implements CallEvent {
        public Pooled {
            rows = List.copyOf(rows);
        }
    }

    /**
     * A token.
     *
     * @param isGuessed it had been guessed
     * @param rejected  guessed tokens of its step that weren't drawn; 0 but for a step's first token
     */
    record Token(
            int sequence,
            int index,
            int tokenId,
            @Nullable TokenScores scores,
            long atNs,
            boolean isGuessed,
            int rejected)
            implements CallEvent {}

    /** Done. */
    record Finished(int sequence, FinishReason reason) implements CallEvent {}

    /** Ended without a result. */
    record Failed(int sequence, GenerationError error, String message) implements CallEvent {}

    /** Nothing new: look at the flags. */
    record Wake() implements CallEvent {}
}
