package io.cheshire.planner.core.step;

import io.cheshire.router.core.GenerationListener;
import io.cheshire.router.core.TokenScores;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Nobody listens: tokens are counted where steps end. */
enum UnheardListener implements GenerationListener {
    INSTANCE;

    @Override
    public void onPrompt(final List<TokenScores> scores, final int cachedTokens) {}

    @Override
    public void onToken(final int index, final int tokenId, final @Nullable TokenScores scores) {}

    @Override
    public void onFinished(final FinishReason reason) {}

    @Override
    public void onFailed(final GenerationError error, final String message) {}
}
