package io.cheshire.benchmarks.engine.runtime;

import io.cheshire.router.core.GenerationListener;
import io.cheshire.router.core.TokenScores;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps what one sequence generates, without allocating. Engine thread until the sequence has ended. */
final class SequenceLog implements GenerationListener {
    private final RoundWatch watch;
    private final int[] tokens;
    private int count;
    private int countedTokens;
    private long firstTokenNs;

    SequenceLog(final RoundWatch watch, final int maxTokens) {
        this.watch = watch;
        this.tokens = new int[maxTokens];
    }

    @Override
    public void onPrompt(final List<TokenScores> scores, final int cachedTokens) {}

    @Override
    public void onToken(final int index, final int tokenId, final @Nullable TokenScores scores) {
        final long nowNs = System.nanoTime();
        tokens[count++] = tokenId;
        if (index == 0) {
            firstTokenNs = nowNs;
            watch.first(nowNs);
        } else if (watch.later(nowNs)) {
            countedTokens++;
            if (countedTokens == watch.wantedTokens()) {
                watch.enough();
            }
        }
    }

    @Override
    public void onFinished(final FinishReason reason) {
        watch.end(null);
    }

    @Override
    public void onFailed(final GenerationError error, final String message) {
        watch.end(message);
    }

    /** All tokens, once the sequence has ended. */
    List<Integer> tokens() {
        return Arrays.stream(tokens, 0, count).boxed().toList();
    }

    /** {@link System#nanoTime()} of the first token. */
    long firstTokenNs() {
        return firstTokenNs;
    }
}
