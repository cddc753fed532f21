package io.cheshire.http.core;

import io.cheshire.router.core.TokenScores;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A prompt given back before its completion: the text as it was sent, or what its ids say, and which part of it each
 * token stands for. Special tokens are shown; white space that one swallowed belongs to it. Immutable.
 */
public final class EchoedPrompt {
    private final String text;
    private final int[] ends;
    private final BitSet parts;
    private final BitSet openings;
    private final int closedTokens;

    private EchoedPrompt(
            final String text, final int[] ends, final BitSet parts, final BitSet openings, final int closedTokens) {
        this.text = text;
        this.ends = ends;
        this.parts = parts;
        this.openings = openings;
        this.closedTokens = closedTokens;
    }

    /** An echo of {@code tokens}, shown as {@code original} if the request had text. */
    public static EchoedPrompt of(final TextModel model, final List<Integer> tokens, final @Nullable String original) {
        if (!model.hasTokenizer()) {
            return new EchoedPrompt("", new int[tokens.size()], new BitSet(), new BitSet(), tokens.size());
        }
        return original == null ? ofIds(model, tokens) : ofText(model, tokens, original);
    }

    private static EchoedPrompt ofIds(final TextModel model, final List<Integer> tokens) {
        final TextTokens walked = new TextTokens(tokens.size(), -1);
        final TextWalk walk = new TextWalk(model, walked, true);
        for (final int token : tokens) {
            walk.add(token, false, null);
        }
        final int[] ends = new int[tokens.size()];
        final BitSet parts = new BitSet();
        final BitSet openings = new BitSet();
        for (int i = 0; i < ends.length; i++) {
            ends[i] = walked.end(i);
            parts.set(i, walked.isPart(i));
            openings.set(i, walked.isOpening(i));
        }
        final int closed = walk.closedTokens();
        return new EchoedPrompt(
                walk.text().substring(0, closed == 0 ? 0 : ends[closed - 1]), ends, parts, openings, closed);
    }

    private static EchoedPrompt ofText(final TextModel model, final List<Integer> tokens, final String original) {
        final int[] ends = ends(original, model.tokenStarts(original, true), tokens.size());
        final BitSet parts = new BitSet();
        final BitSet openings = new BitSet();
        int i = 0;
        while (i < ends.length) {
            final int to = endOfCharacter(model, tokens, i);
            markParts(original, ends, model, tokens, parts, i, to);
            openings.set(i, isOpening(model, tokens.get(i), original.substring(i == 0 ? 0 : ends[i - 1], ends[i])));
            i = to;
        }
        return new EchoedPrompt(original, ends, parts, openings, tokens.size());
    }

    /** A token reaches to where the next one begins; tokens of one character end where it begins, but for the last. */
    private static int[] ends(final String text, final int[] starts, final int count) {
        if (starts.length != count) {
            throw new IllegalStateException("the prompt has " + count + " tokens, " + starts.length + " places");
        }
        final int[] ends = new int[count];
        int codePoint = 0;
        int at = 0;
        for (int i = 0; i + 1 < count; i++) {
            at = text.offsetByCodePoints(at, starts[i + 1] - codePoint);
            codePoint = starts[i + 1];
            ends[i] = at;
        }
        if (count > 0) {
            ends[count - 1] = text.length();
        }
        return ends;
    }

    /** Behind the last token of the characters that token {@code from} is a part of. */
    private static int endOfCharacter(final TextModel model, final List<Integer> tokens, final int from) {
        final Utf8Assembler assembler = new Utf8Assembler();
        final StringBuilder ignored = new StringBuilder();
        int to = from;
        do {
            assembler.push(model.tokenBytes(tokens.get(to), to == 0), ignored);
            to++;
        } while (assembler.openBytes() > 0 && to < tokens.size());
        return to;
    }

    /**
     * Tokens {@code from .. to-1} are shown as bytes if they spell the text they stand for. A normaliser may have
     * changed it; then the text stays with the last of them.
     */
    private static void markParts(
            final String text,
            final int[] ends,
            final TextModel model,
            final List<Integer> tokens,
            final BitSet parts,
            final int from,
            final int to) {
        if (to == from + 1 && Utf8Assembler.isWhole(model.tokenBytes(tokens.get(from), from == 0))) {
            return;
        }
        final int start = from == 0 ? 0 : ends[from - 1];
        final TextTokens walked = new TextTokens(to - from, -1);
        final TextWalk walk = new TextWalk(model, walked, from == 0);
        for (int i = from; i < to; i++) {
            walk.add(tokens.get(i), false, null);
        }
        if (walk.closedTokens() < to - from || !walk.text().toString().equals(text.substring(start, ends[to - 1]))) {
            return;
        }
        for (int i = from; i < to; i++) {
            parts.set(i, walked.isPart(i - from));
            ends[i] = start + walked.end(i - from);
        }
    }

    /** Behind a special token, as at the start, the tokenizer adds a space that the text doesn't have. */
    private static boolean isOpening(final TextModel model, final int token, final String shown) {
        return !isText(model.tokenBytes(token, false), shown) && isText(model.tokenBytes(token, true), shown);
    }

    private static boolean isText(final byte[] bytes, final String text) {
        return Arrays.equals(bytes, text.getBytes(StandardCharsets.UTF_8));
    }

    /** What is shown; empty without a tokenizer. */
    public String text() {
        return text;
    }

    /** Tokens whose characters are complete; those behind, of which the answer may complete one, aren't in the text. */
    int closedTokens() {
        return closedTokens;
    }

    /** Code points of the text. */
    int codePoints() {
        return text.codePointCount(0, text.length());
    }

    /** The closed tokens with their scores; the first has none, since nothing precedes it. */
    TextTokens scored(final List<Integer> tokens, final List<TokenScores> scores, final int alternatives) {
        final TextTokens scored = new TextTokens(closedTokens, alternatives);
        for (int i = 0; i < closedTokens; i++) {
            scored.add(tokens.get(i), ends[i], parts.get(i), openings.get(i), scoreOf(i, scores));
        }
        return scored;
    }

    /** The score of token {@code i}, if it has one. */
    static @Nullable TokenScores scoreOf(final int i, final List<TokenScores> scores) {
        return i == 0 || i > scores.size() ? null : scores.get(i - 1);
    }
}
