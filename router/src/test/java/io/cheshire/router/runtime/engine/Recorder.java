package io.cheshire.router.runtime.engine;

import io.cheshire.router.core.Engine;
import io.cheshire.router.core.GenerationListener;
import io.cheshire.router.core.PooledRow;
import io.cheshire.router.core.TokenScores;
import java.util.ArrayList;
import java.util.List;

/** Remembers what one sequence was told, and objects to what a listener must never hear. */
class Recorder implements GenerationListener {
    final List<Integer> tokens = new ArrayList<>();
    final List<TokenScores> scores = new ArrayList<>();
    List<TokenScores> promptScores;
    List<PooledRow> pooled = List.of();
    int cachedTokens = -1;
    FinishReason finished;
    GenerationError failed;
    String message;
    Engine.Handle handle;
    int cancelAfter = Integer.MAX_VALUE;
    int accepted;
    int rejected;
    /** Guessed tokens among those that are still to come of a step. */
    private int announced;

    boolean done() {
        return finished != null || failed != null;
    }

    @Override
    public void onPrompt(final List<TokenScores> given, final int cached) {
        refuseAfterEnd();
        if (promptScores != null || !tokens.isEmpty()) {
            throw new AssertionError("onPrompt came twice or too late");
        }
        promptScores = given;
        cachedTokens = cached;
    }

    @Override
    public void onPooled(final List<PooledRow> rows) {
        refuseAfterEnd();
        if (promptScores == null || !pooled.isEmpty()) {
            throw new AssertionError("onPooled came before the prompt, or twice");
        }
        pooled = rows;
    }

    @Override
    public void onGuessed(final int right, final int wrong) {
        refuseAfterEnd();
        if (promptScores == null || announced > 0 || right < 0 || wrong < 0 || right + wrong == 0) {
            throw new AssertionError("guesses: " + right + " right, " + wrong + " wrong, " + announced + " to come");
        }
        announced = right;
        accepted += right;
        rejected += wrong;
    }

    @Override
    public void onToken(final int index, final int tokenId, final TokenScores given) {
        refuseAfterEnd();
        if (promptScores == null || index != tokens.size()) {
            throw new AssertionError("token " + index + " came as number " + tokens.size());
        }
        announced = Math.max(0, announced - 1);
        tokens.add(tokenId);
        scores.add(given);
        if (tokens.size() == cancelAfter && handle != null) {
            handle.cancel();
        }
    }

    @Override
    public void onFinished(final FinishReason reason) {
        refuseAfterEnd();
        finished = reason;
    }

    @Override
    public void onFailed(final GenerationError error, final String why) {
        refuseAfterEnd();
        failed = error;
        message = why;
    }

    private void refuseAfterEnd() {
        if (done()) {
            throw new AssertionError("a call after the terminal one");
        }
    }
}
