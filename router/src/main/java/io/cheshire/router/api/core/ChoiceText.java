package io.cheshire.router.api.core;

import io.cheshire.router.core.TokenScores;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One choice on its way from tokens to text: detokenizes, looks for stop strings, and releases text together with the
 * tokens it came from. Stop tokens are reported as tokens but not as text. Tokens whose text starts after a stop
 * string are dropped. Pure and single-threaded.
 */
public final class ChoiceText {
    /** What may be shown now. */
    public record Delta(String text, List<ScoredToken> tokens) {
        public Delta {
            tokens = List.copyOf(tokens);
        }

        /** Nothing to show. */
        public boolean isEmpty() {
            return text.isEmpty() && tokens.isEmpty();
        }
    }

    private final TextModel.@Nullable Detokenizer detokenizer;
    private final StopMatcher stops;
    private final Set<Integer> stopTokenIds;
    private final int minTokens;
    private final Deque<ScoredToken> pending = new ArrayDeque<>();
    private int pushedChars;
    private int releasedChars;

    /**
     * A fresh choice.
     *
     * @param detokenizer null without a tokenizer: text stays empty
     * @param startChars  characters of an echoed prompt, which offsets count
     */
    public ChoiceText(
            final TextModel.@Nullable Detokenizer detokenizer,
            final List<String> stops,
            final Set<Integer> stopTokenIds,
            final int minTokens,
            final int startChars) {
        this.detokenizer = detokenizer;
        this.stops = new StopMatcher(stops);
        this.stopTokenIds = stopTokenIds;
        this.minTokens = minTokens;
        this.pushedChars = startChars;
        this.releasedChars = startChars;
    }

    /** A stop string is complete: the sequence needs no more tokens. */
    public boolean stopped() {
        return stops.matched();
    }

    /** The next generated token. */
    public Delta onToken(final int index, final int tokenId, final @Nullable TokenScores scores) {
        if (stops.matched()) {
            return new Delta("", List.of());
        }
        pending.add(new ScoredToken(tokenId, pushedChars, scores));
        final boolean silent = detokenizer == null || stopTokenIds.contains(tokenId);
        final String piece = silent || detokenizer == null ? "" : detokenizer.push(tokenId);
        pushedChars += piece.length();
        return release(index + 1 <= minTokens ? stops.pass(piece) : stops.push(piece), false);
    }

    /** The sequence ended by itself. */
    public Delta onEnd() {
        if (stops.matched()) {
            return release("", true);
        }
        final String rest = detokenizer == null ? "" : detokenizer.finish();
        pushedChars += rest.length();
        final String matchedText = stops.push(rest);
        return release(matchedText + stops.finish(), true);
    }

    private Delta release(final String text, final boolean ended) {
        releasedChars += text.length();
        final List<ScoredToken> tokens = new ArrayList<>();
        while (!pending.isEmpty() && isShown(pending.peek(), ended)) {
            tokens.add(pending.remove());
        }
        if (stops.matched()) {
            pending.clear();
        }
        return new Delta(text, tokens);
    }

    /** A token is shown with the first character it stands for; one without characters when what precedes it is out. */
    private boolean isShown(final ScoredToken token, final boolean ended) {
        if (stops.matched()) {
            return token.textOffset() < releasedChars;
        }
        return ended || stops.heldChars() == 0 || token.textOffset() < releasedChars;
    }
}
