package io.cheshire.http.core;

import io.cheshire.http.core.PreparedCall.PreparedPrompt;
import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.PooledRow;
import io.cheshire.router.core.TokenScores;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One choice from its first event to its last: what may be shown now, and why it ended. What was shown is forgotten
 * in a stream and kept otherwise. Pure and single-threaded.
 */
public final class ChoiceState {
    private final PreparedPrompt prompt;
    private final boolean isStream;
    private final int alternatives;
    private final ChoiceText text;
    private @Nullable ShownPart echo;
    private int generatedTokens;
    private int cachedTokens;
    private @Nullable String finishReason;
    private final Set<Integer> askedStopIds;
    private int lastToken = -1;
    private final boolean keepsPromptScores;
    private List<TokenScores> promptScores = List.of();
    private List<PooledRow> pooled = List.of();

    /** A choice of {@code call} for sequence {@code sequence}. */
    public ChoiceState(
            final PreparedCall call, final int sequence, final TextModel model, final Set<Integer> stopTokenIds) {
        this.prompt = call.promptOf(sequence);
        this.askedStopIds = call.fields().stopTokenIds();
        this.isStream = call.fields().stream();
        this.keepsPromptScores = call.fields().promptLogprobs() >= 0;
        this.alternatives = call.fields().logprobs();
        final EchoedPrompt echoed = prompt.echo();
        this.text = new ChoiceText(
                model,
                call.fields().stop(),
                stopTokenIds,
                call.fields().minTokens(),
                new ChoiceText.Setting(
                        !call.shape().continuesPrompt(),
                        !isStream,
                        echoed == null ? 0 : echoed.codePoints(),
                        // Behind a prompt's last tokens, of which there are at most three.
                        prompt.maxTokens() + 4,
                        alternatives));
    }

    /** The prompt is computed: its echo, if wanted. */
    public void onPrompt(final List<TokenScores> scores, final int cached) {
        cachedTokens = cached;
        if (keepsPromptScores) {
            promptScores = List.copyOf(scores);
        }
        final EchoedPrompt echoed = prompt.echo();
        if (echoed == null) {
            return;
        }
        final int closed = echoed.closedTokens();
        final TextTokens tokens = echoed.scored(prompt.tokens(), scores, alternatives);
        echo = new ShownPart(echoed.text(), 0, echoed.text().length(), tokens, 0, closed, 0);
        for (int i = closed; i < prompt.tokens().size(); i++) {
            text.onPromptToken(prompt.tokens().get(i), EchoedPrompt.scoreOf(i, scores));
        }
    }

    /** What the model's head says, if it scores. */
    public void onPooled(final List<PooledRow> rows) {
        pooled = List.copyOf(rows);
    }

    /** A token; afterwards {@link #isFinished} tells whether a stop string ended the choice. */
    public void onToken(final int index, final int tokenId, final @Nullable TokenScores scores) {
        generatedTokens++;
        lastToken = tokenId;
        text.onToken(index, tokenId, scores);
        if (text.stopped()) {
            finishReason = "stop";
        }
    }

    /** The engine is done with the sequence. */
    public void onFinished(final FinishReason reason) {
        text.onEnd();
        finishReason = text.stopped() || reason == FinishReason.STOP ? "stop" : "length";
    }

    /** What may be written now: of a stream what wasn't yet, else everything. Valid until the next event. */
    public List<ShownPart> parts() {
        final ShownPart own = text.unshown();
        final ShownPart first = echo;
        return first == null ? List.of(own) : List.of(first, own);
    }

    /** What {@link #parts} gave was written: a stream forgets it. */
    public void shown(final List<ShownPart> parts) {
        if (isStream) {
            echo = null;
            text.shown(parts.getLast());
        }
    }

    /** No more events count. */
    public boolean isFinished() {
        return finishReason != null;
    }

    /** {@code stop}, {@code length}, or null while it goes on. */
    public @Nullable String finishReason() {
        return finishReason;
    }

    /** What the request named and ended the choice: a stop string, a token id, or null; as vLLM says it. */
    public @Nullable Object stopReason() {
        final String stop = text.stopString();
        if (stop != null) {
            return stop;
        }
        return "stop".equals(finishReason) && askedStopIds.contains(lastToken) ? (Integer) lastToken : null;
    }

    /** Tokens generated, stop tokens and those behind a stop string included. */
    public int generatedTokens() {
        return generatedTokens;
    }

    /** Prompt tokens found in the prefix cache. */
    public int cachedTokens() {
        return cachedTokens;
    }

    /** Characters of the answer that are held. */
    public int keptChars() {
        return text.keptChars();
    }

    /** What the head says where it was asked. */
    List<PooledRow> pooled() {
        return pooled;
    }

    /** Scores of the prompt's tokens from the second on, if they are wanted; forgotten from now on. */
    List<TokenScores> takePromptScores() {
        final List<TokenScores> taken = promptScores;
        promptScores = List.of();
        return taken;
    }

    /** The prompt and its budget. */
    public PreparedPrompt prompt() {
        return prompt;
    }
}
