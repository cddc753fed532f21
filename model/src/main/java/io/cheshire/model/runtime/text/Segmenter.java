package io.cheshire.model.runtime.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Cuts a prompt at the added tokens that lie wholly within trusted text, as the Rust library cuts a text: leftmost
 * first, the longest of those, with lstrip, rstrip and single_word. What a user wrote is never cut, nor is a token that
 * would be half the template's and half the user's.
 */
final class Segmenter {
    /**
     * @param tokens one fewer than runs
     * @param runs   text before, between and after the tokens; may be empty
     */
    record Cut(List<AddedToken> tokens, List<String> runs) {}

    private final List<AddedToken> tokens;

    Segmenter(final List<AddedToken> tokens) {
        this.tokens = tokens.stream()
                .filter(AddedToken::isControl)
                .sorted(Comparator.comparingInt((AddedToken t) -> t.content().length())
                        .reversed())
                .toList();
    }

    Cut cut(final List<PromptPart> parts) {
        final StringBuilder text = new StringBuilder();
        parts.forEach(part -> text.append(part.text()));
        final List<AddedToken> found = new ArrayList<>();
        final List<String> runs = new ArrayList<>();
        int runStart = 0;
        int partStart = 0;
        for (final PromptPart part : parts) {
            final int partEnd = partStart + part.text().length();
            int position = Math.max(partStart, runStart);
            while (part.trusted() && position < partEnd) {
                final AddedToken token = tokenAt(text, position, partEnd);
                if (token == null) {
                    position++;
                    continue;
                }
                runs.add(text.substring(runStart, leftEdge(text, runStart, position, token)));
                found.add(token);
                runStart = rightEdge(text, position + token.content().length(), token);
                position = runStart;
            }
            partStart = partEnd;
        }
        runs.add(text.substring(Math.min(runStart, text.length())));
        return new Cut(found, runs);
    }

    private @org.jspecify.annotations.Nullable AddedToken tokenAt(
            final StringBuilder text, final int position, final int partEnd) {
        for (final AddedToken token : tokens) {
            final String content = token.content();
            if (position + content.length() <= partEnd
                    && text.charAt(position) == content.charAt(0)
                    && text.substring(position, position + content.length()).equals(content)) {
                if (!token.singleWord() || standsAlone(text, position, position + content.length())) {
                    return token;
                }
            }
        }
        return null;
    }

    private static boolean standsAlone(final StringBuilder text, final int start, final int end) {
        return (start == 0 || !isWord(text.codePointBefore(start)))
                && (end == text.length() || !isWord(text.codePointAt(end)));
    }

    private static boolean isWord(final int codePoint) {
        return Character.isLetterOrDigit(codePoint) || codePoint == '_';
    }

    private static int leftEdge(
            final StringBuilder text, final int runStart, final int position, final AddedToken token) {
        int edge = position;
        while (token.lstrip() && edge > runStart && isWhiteSpace(text.charAt(edge - 1))) {
            edge--;
        }
        return edge;
    }

    private static int rightEdge(final StringBuilder text, final int end, final AddedToken token) {
        int edge = end;
        while (token.rstrip() && edge < text.length() && isWhiteSpace(text.charAt(edge))) {
            edge++;
        }
        return edge;
    }

    /** Unicode's White_Space, which is what the Rust library's {@code \s} means. */
    private static boolean isWhiteSpace(final char c) {
        return Character.isSpaceChar(c) || (c >= '\t' && c <= '\r') || c == '\u0085';
    }
}
