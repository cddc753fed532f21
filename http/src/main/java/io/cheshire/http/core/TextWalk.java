package io.cheshire.http.core;

import io.cheshire.router.core.TokenScores;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one walk over tokens that gives a text, and which part of it each token stands for. Every label, byte and offset
 * of an answer comes from here, so they can't disagree. Pure, single-threaded.
 */
public final class TextWalk {
    private static final byte[] NO_BYTES = {};
    private static final int NONE = -1;

    private final TextModel model;
    private final TextTokens tokens;
    private final StringBuilder text = new StringBuilder();
    private final Utf8Assembler assembler = new Utf8Assembler();
    private boolean opensText;
    /** First token of the character that is open, or of those before that it shares tokens with. */
    private int openFrom = NONE;
    /** Last token that gave bytes to it. */
    private int openLast = NONE;

    /**
     * A walk that fills {@code tokens}.
     *
     * @param opensText nothing stands before the first token
     */
    TextWalk(final TextModel model, final TextTokens tokens, final boolean opensText) {
        this.model = model;
        this.tokens = tokens;
        this.opensText = opensText;
    }

    /** Text of ids with special tokens, as an echo shows it. */
    public static String textOf(final TextModel model, final List<Integer> ids) {
        final TextWalk walk = new TextWalk(model, new TextTokens(ids.size(), -1), true);
        for (final int id : ids) {
            walk.add(id, false, null);
        }
        walk.finish();
        return walk.text.toString();
    }

    /** The next token; a silent one has a place in the text, but no characters. */
    void add(final int id, final boolean isSilent, final @Nullable TokenScores scores) {
        final byte[] bytes = isSilent ? NO_BYTES : model.tokenBytes(id, opensText);
        final boolean wasOpen = assembler.openBytes() > 0;
        final int start = text.length();
        if (assembler.push(bytes, text)) {
            closeBroken(start);
        }
        final boolean continued = wasOpen && bytes.length > 0 && openFrom != NONE;
        final int index = tokens.size();
        tokens.add(id, text.length(), continued || !Utf8Assembler.isWhole(bytes), opensText && !isSilent, scores);
        tokens.setLinked(index, assembler.openBytes() > 0);
        opensText &= isSilent;
        if (assembler.openBytes() == 0) {
            openFrom = NONE;
        } else if (bytes.length > 0) {
            openFrom = continued ? openFrom : index;
            openLast = index;
        }
    }

    /** The U+FFFD at {@code at} is what the tokens before have become. */
    private void closeBroken(final int at) {
        for (int i = openLast; i < tokens.size(); i++) {
            tokens.setEnd(i, at + 1);
            tokens.setLinked(i, false);
        }
        openFrom = NONE;
    }

    /** The last token was added: what is open shows as U+FFFD. */
    void finish() {
        final int end = text.length();
        if (assembler.finish(text)) {
            closeBroken(end);
        }
    }

    /**
     * The text ends at {@code chars}, and so do its tokens. Those behind are dropped, and those that only gave bytes to
     * the character behind; of the last one stays what it has before {@code chars}.
     */
    void cut(final int chars) {
        int count = 0;
        while (count < tokens.size() && tokens.end(count) <= chars) {
            count++;
        }
        if (count < tokens.size() && startOf(count) < chars) {
            tokens.setEnd(count, chars);
            count++;
        } else {
            for (int i = count - 1; i >= 0 && startOf(i) == chars; i--) {
                count = tokens.isPart(i) ? i : count;
            }
        }
        int last = count - 1;
        while (last >= 0 && isSilent(last)) {
            last--;
        }
        if (last < 0 || !tokens.isPart(last)) {
            tokens.truncate(count, NONE);
        } else {
            // A silent token stays behind one that has all its bytes, and not in the midst of what is cut.
            final int bytesLeft = bytesBefore(last, chars);
            final boolean isCut = bytesLeft < bytesOf(last).length;
            tokens.truncate(isCut ? last + 1 : count, isCut ? bytesLeft : NONE);
        }
        text.setLength(chars);
        openFrom = NONE;
    }

    /** It gave the text no bytes. */
    private boolean isSilent(final int index) {
        return !tokens.isPart(index) && tokens.end(index) == startOf(index);
    }

    /** How many bytes of token {@code last} it takes to complete the text up to {@code chars}. */
    private int bytesBefore(final int last, final int chars) {
        int from = last;
        while (from > 0 && (tokens.isPart(from) || isSilent(from))) {
            from--;
        }
        final Utf8Assembler again = new Utf8Assembler();
        final StringBuilder read = new StringBuilder();
        final int base = startOf(from);
        for (int i = from; i < last; i++) {
            if (!isSilent(i)) {
                again.push(bytesOf(i), read);
            }
        }
        final byte[] bytes = bytesOf(last);
        int count = 0;
        while (count < bytes.length && base + read.length() < chars) {
            again.push(new byte[] {bytes[count++]}, read);
        }
        return count;
    }

    private byte[] bytesOf(final int index) {
        return model.tokenBytes(tokens.id(index), tokens.isOpening(index));
    }

    private int startOf(final int index) {
        return index == 0 ? 0 : tokens.end(index - 1);
    }

    /** Drops what was shown: the first {@code count} tokens with the text up to their end. */
    void forget(final int count) {
        final int chars = startOf(count);
        text.delete(0, chars);
        tokens.removeFirst(count, chars);
        if (openFrom != NONE) {
            openFrom -= count;
            openLast -= count;
        }
    }

    /** Tokens whose characters are complete. */
    int closedTokens() {
        return openFrom == NONE ? tokens.size() : openFrom;
    }

    /** Text of what was added and not forgotten. */
    StringBuilder text() {
        return text;
    }

    /** What was added and not forgotten. */
    TextTokens tokens() {
        return tokens;
    }
}
