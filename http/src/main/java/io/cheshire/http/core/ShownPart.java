package io.cheshire.http.core;

import java.util.List;

/**
 * A run of tokens with its text, to be written now.
 *
 * @param text        what {@code tokens} count their characters in
 * @param textFrom    the part's first character in it
 * @param textTo      behind the part's last character
 * @param tokens      all tokens of that text
 * @param from        the part's first token
 * @param to          behind the part's last token
 * @param firstOffset code points of the choice's text before the part
 */
public record ShownPart(
        CharSequence text, int textFrom, int textTo, TextTokens tokens, int from, int to, int firstOffset) {
    /** Nothing to show. */
    public boolean isEmpty() {
        return textFrom == textTo && from == to;
    }

    /** Code points of its text. */
    int codePoints() {
        return Character.codePointCount(text, textFrom, textTo);
    }

    /** Where the characters of token {@code i} begin. */
    int startOf(final int i) {
        return i == from ? textFrom : tokens.end(i - 1);
    }

    /** The text of several, one after the other. */
    public static String textOf(final List<ShownPart> parts) {
        if (parts.size() == 1) {
            final ShownPart only = parts.getFirst();
            return only.text().subSequence(only.textFrom(), only.textTo()).toString();
        }
        final StringBuilder text = new StringBuilder();
        for (final ShownPart part : parts) {
            text.append(part.text(), part.textFrom(), part.textTo());
        }
        return text.toString();
    }
}
