package io.cheshire.router.api.core;

import io.cheshire.router.api.core.PreparedCall.PreparedPrompt;
import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.TokenScores;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One choice from its first event to its last: what may be shown now, what was shown in all, and why it ended. Pure
 * and single-threaded.
 */
public final class ChoiceState {
    private final PreparedPrompt prompt;
    private final boolean isKept;
    private final ChoiceText text;
    private final StringBuilder allText = new StringBuilder();
    private final List<ScoredToken> allTokens = new ArrayList<>();
    private int generatedTokens;
    private int cachedTokens;
    private boolean sawPrompt;
    private @Nullable String finishReason;

    /** A choice of {@code call} for sequence {@code sequence}. */
    public ChoiceState(
            final PreparedCall call, final int sequence, final TextModel model, final Set<Integer> stopTokenIds) {
        this.prompt = call.promptOf(sequence);
        this.isKept = !call.fields().stream();
        final EchoedPrompt echo = prompt.echo();
        this.text = new ChoiceText(
                model.hasTokenizer()
                        ? model.newDetokenizer(call.shape().continuesPrompt() ? prompt.tokens() : List.of())
                        : null,
                call.fields().stop(),
                stopTokenIds,
                call.fields().minTokens(),
                echo == null ? 0 : echo.text().length());
    }

    /** The prompt is computed: its echo, if wanted. */
    public ChoiceText.Delta onPrompt(final List<TokenScores> scores, final int cached) {
        sawPrompt = true;
        cachedTokens = cached;
        final EchoedPrompt echo = prompt.echo();
        if (echo == null) {
            return kept(new ChoiceText.Delta("", List.of()));
        }
        return kept(new ChoiceText.Delta(echo.text(), echo.scored(prompt.tokens(), scores)));
    }

    /** A token; afterwards {@link #isFinished} tells whether a stop string ended the choice. */
    public ChoiceText.Delta onToken(final int index, final int tokenId, final @Nullable TokenScores scores) {
        generatedTokens++;
        final ChoiceText.Delta delta = text.onToken(index, tokenId, scores);
        if (text.stopped()) {
            finishReason = "stop";
        }
        return kept(delta);
    }

    /** The engine is done with the sequence. */
    public ChoiceText.Delta onFinished(final FinishReason reason) {
        final ChoiceText.Delta delta = text.onEnd();
        finishReason = text.stopped() || reason == FinishReason.STOP ? "stop" : "length";
        return kept(delta);
    }

    /** The prompt's event came. */
    public boolean sawPrompt() {
        return sawPrompt;
    }

    /** No more events count. */
    public boolean isFinished() {
        return finishReason != null;
    }

    /** {@code stop}, {@code length}, or null while it goes on. */
    public @Nullable String finishReason() {
        return finishReason;
    }

    /** Tokens generated, stop tokens and those behind a stop string included. */
    public int generatedTokens() {
        return generatedTokens;
    }

    /** Prompt tokens found in the prefix cache. */
    public int cachedTokens() {
        return cachedTokens;
    }

    /** The prompt and its budget. */
    public PreparedPrompt prompt() {
        return prompt;
    }

    /** Everything shown, with the echo; empty for a stream, which keeps nothing. */
    public String text() {
        return allText.toString();
    }

    /** Every token shown, with the echo's; empty for a stream. */
    public List<ScoredToken> tokens() {
        return List.copyOf(allTokens);
    }

    private ChoiceText.Delta kept(final ChoiceText.Delta delta) {
        if (isKept) {
            allText.append(delta.text());
            allTokens.addAll(delta.tokens());
        }
        return delta;
    }
}
