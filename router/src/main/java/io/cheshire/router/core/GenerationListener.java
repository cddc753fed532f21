package io.cheshire.router.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hears of one sequence, on the engine thread: implementations hand over and return at once, never block, never throw.
 * Calls: at most one {@code onPrompt}, then {@code onToken} with indexes 0, 1, 2 …, then exactly one terminal call.
 */
public interface GenerationListener {
    /**
     * The prompt is in the KV cache.
     *
     * @param scores       one entry a prompt token from the second on, if asked for; else empty
     * @param cachedTokens prompt tokens found in the prefix cache
     */
    void onPrompt(List<TokenScores> scores, int cachedTokens);

    /**
     * What the head says where it was asked, in the order of positions. Follows {@code onPrompt}; who never asks
     * needn't listen.
     */
    default void onPooled(final List<PooledRow> rows) {}

    /**
     * Tokens of the step whose tokens follow had been guessed. Said before them, and only of steps with guesses; who
     * doesn't count them needn't listen.
     *
     * @param accepted of the tokens that follow, from the first on, so many were guessed
     * @param rejected so many guessed ones weren't drawn
     */
    default void onGuessed(final int accepted, final int rejected) {}

    /**
     * A token was generated. A stop token is reported too (index as usual), followed by {@code onFinished(STOP)}.
     *
     * @param scores null unless asked for
     */
    void onToken(int index, int tokenId, @Nullable TokenScores scores);

    /** Terminal: done. */
    void onFinished(FinishReason reason);

    /** Terminal: ended without a result; the message is safe to show a client. */
    void onFailed(GenerationError error, String message);

    /** Why a sequence is done. */
    enum FinishReason {
        /** A stop token was sampled. */
        STOP,
        /** {@code maxTokens} or the context limit is reached. */
        LENGTH,
        /** {@link Engine.Handle#cancel()} was called. */
        CANCELLED
    }

    /** Why a sequence failed, and how far the damage goes. */
    enum GenerationError {
        /** The request's deadline passed. */
        DEADLINE,
        /** No live node holds an expert that the request needs. */
        EXPERT_UNAVAILABLE,
        /** NaN or infinity in the logits: this request only. */
        NUMERIC,
        /** No token can go on with the form that was asked for. */
        FORMAT,
        /** The engine is stopping. */
        SHUTDOWN,
        /** A defect; the log has it with its cause. */
        INTERNAL
    }
}
