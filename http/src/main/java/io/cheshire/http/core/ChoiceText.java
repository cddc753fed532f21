package io.cheshire.http.core;

import io.cheshire.router.core.TokenScores;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One choice on its way from tokens to text: looks for stop strings and releases text together with the tokens it came
 * from, whole tokens at a time. Stop tokens and special tokens are reported as tokens without text. What a stop string
 * takes away is taken from its token, too, and tokens that begin behind it are dropped. Pure and single-threaded.
 */
public final class ChoiceText {
    private final TextWalk walk;
    private final boolean hasText;
    private final boolean isKept;
    private final TextModel model;
    private final StopMatcher stops;
    private final Set<Integer> stopTokenIds;
    private final int minTokens;
    /** Characters of the walk's text that no stop string can take away any more. */
    private int settledChars;

    private boolean ended;
    private int shownCodePoints;

    /** Which text a choice goes on from, and what becomes of its own. */
    public record Setting(boolean opensText, boolean isKept, int firstOffset, int maxTokens, int alternatives) {}

    /**
     * A fresh choice.
     *
     * @param setting {@code firstOffset}: code points of an echoed prompt; {@code isKept}: until the choice is whole
     */
    public ChoiceText(
            final TextModel model,
            final List<String> stops,
            final Set<Integer> stopTokenIds,
            final int minTokens,
            final Setting setting) {
        this.model = model;
        this.hasText = model.hasTokenizer();
        this.isKept = setting.isKept();
        this.stops = new StopMatcher(stops);
        this.stopTokenIds = stopTokenIds;
        this.minTokens = minTokens;
        this.shownCodePoints = setting.firstOffset();
        this.walk =
                new TextWalk(model, new TextTokens(setting.maxTokens(), setting.alternatives()), setting.opensText());
    }

    /** A stop string is complete: the sequence needs no more tokens. */
    public boolean stopped() {
        return stops.matched();
    }

    /** The stop string that is complete, or null. */
    @Nullable
    String stopString() {
        return stops.found();
    }

    /** Characters kept. */
    public int keptChars() {
        return walk.text().length();
    }

    /** The end of an echoed prompt whose last character isn't complete: the answer may complete it. */
    void onPromptToken(final int tokenId, final @Nullable TokenScores scores) {
        final int before = walk.text().length();
        walk.add(tokenId, !hasText, scores);
        settle(stops.pass(walk.text().substring(before)));
    }

    /** The next generated token. */
    public void onToken(final int index, final int tokenId, final @Nullable TokenScores scores) {
        if (stops.matched()) {
            return;
        }
        final int before = walk.text().length();
        final boolean isSilent = !hasText || stopTokenIds.contains(tokenId) || model.isSpecial(tokenId);
        walk.add(tokenId, isSilent, scores);
        final String piece = walk.text().substring(before);
        settle(index + 1 <= minTokens ? stops.pass(piece) : stops.push(piece));
    }

    /** The sequence ended by itself. */
    public void onEnd() {
        ended = true;
        if (stops.matched()) {
            return;
        }
        final int before = walk.text().length();
        walk.finish();
        settle(stops.push(walk.text().substring(before)));
        settle(stops.finish());
    }

    private void settle(final String released) {
        settledChars += released.length();
        if (stops.matched()) {
            walk.cut(settledChars);
        }
    }

    /** What may be shown and wasn't; of a choice that is kept, everything. Valid until the next token. */
    public ShownPart unshown() {
        final int to = showable();
        final int textTo = to == 0 ? 0 : walk.tokens().end(to - 1);
        return new ShownPart(walk.text(), 0, textTo, walk.tokens(), 0, to, shownCodePoints);
    }

    private int showable() {
        final TextTokens tokens = walk.tokens();
        if (ended || stops.matched()) {
            return tokens.size();
        }
        final int closed = walk.closedTokens();
        int to = 0;
        while (to < closed && tokens.end(to) <= settledChars) {
            to++;
        }
        // A character is shown with all tokens that it is made of.
        while (to > 0 && tokens.isLinked(to - 1)) {
            to--;
        }
        return to;
    }

    /** What {@link #unshown} gave is out, and needn't be remembered. Nothing for a choice that is kept. */
    public void shown(final ShownPart part) {
        if (isKept || part.isEmpty()) {
            return;
        }
        shownCodePoints += part.codePoints();
        settledChars -= part.textTo();
        walk.forget(part.to());
    }
}
