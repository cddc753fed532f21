package io.cheshire.model.core.jinja;

import java.util.Locale;

/** Upper, lower and title case, and what is a digit, as Python has them. */
final class Cases {
    private static final int SIGMA = 0x3a3;
    private static final int FINAL_SIGMA = 0x3c2;
    private static final int DOTTED_I = 0x130;

    private Cases() {}

    static String upper(final int c) {
        return Character.toString(c).toUpperCase(Locale.ROOT);
    }

    /** @param at where {@code c} stands in {@code text}: a sigma at the end of a word has a form of its own */
    static String lower(final String text, final int at) {
        final int c = text.codePointAt(at);
        if (c == SIGMA) {
            return Character.toString(isFinal(text, at) ? FINAL_SIGMA : 0x3c3);
        }
        return c == DOTTED_I ? "i\u0307" : Character.toString(Character.toLowerCase(c));
    }

    private static boolean isFinal(final String text, final int at) {
        int before = at;
        boolean cased = false;
        while (before > 0) {
            final int c = text.codePointBefore(before);
            before -= Character.charCount(c);
            if (!isIgnorable(c)) {
                cased = Chars.isCased(c);
                break;
            }
        }
        int after = at + 1;
        while (cased && after < text.length()) {
            final int c = text.codePointAt(after);
            after += Character.charCount(c);
            if (!isIgnorable(c)) {
                return !Chars.isCased(c);
            }
        }
        return cased;
    }

    /** What may stand between letters of a word: marks, modifiers, apostrophes and the like. */
    private static boolean isIgnorable(final int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.FORMAT,
                    Character.MODIFIER_LETTER,
                    Character.MODIFIER_SYMBOL -> true;
            default ->
                "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a".indexOf(c)
                        >= 0;
        };
    }

    /** The form at the start of a word. */
    static String title(final int c) {
        final int simple = Character.toTitleCase(c);
        if (simple != c || isDigraph(c)) {
            return Character.toString(simple);
        }
        final String upper = upper(c);
        if (upper.length() == Character.charCount(c)) {
            return upper;
        }
        final int first = upper.offsetByCodePoints(0, 1);
        final StringBuilder title = new StringBuilder(upper.substring(0, first));
        for (int i = first; i < upper.length(); i++) {
            final char rest = upper.charAt(i);
            // A iota that was below a Greek vowel stays below it; the n of an old Afrikaans letter stays upper.
            title.append(c >= 0x1f80 && rest == 'Ι' ? '\u0345' : c == 0x149 ? rest : Character.toLowerCase(rest));
        }
        return title.toString();
    }

    private static boolean isDigraph(final int c) {
        return Character.isTitleCase(c);
    }

    static boolean isDigit(final int c) {
        return Character.isDigit(c)
                || c == 0xb2
                || c == 0xb3
                || c == 0xb9
                || c == 0x2070
                || (c >= 0x2074 && c <= 0x2079)
                || (c >= 0x2080 && c <= 0x2089)
                || (c >= 0x2460 && c <= 0x2468)
                || (c >= 0x2474 && c <= 0x247c)
                || (c >= 0x2488 && c <= 0x2490);
    }

    static boolean isNumeric(final int c) {
        if (Character.isIdeographic(c)) {
            throw TemplateFault.unsupported("isnumeric() of an ideograph");
        }
        return isDigit(c) || Chars.isOtherNumber(c);
    }

    static boolean isIdentifier(final String text) {
        if (text.isEmpty()) {
            return false;
        }
        final int first = text.codePointAt(0);
        return (Character.isUnicodeIdentifierStart(first) || first == '_')
                && text.codePoints()
                        .allMatch(c -> Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
    }

    static boolean isLower(final String text) {
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    static boolean isUpper(final String text) {
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
    }

    static boolean isTitle(final String text) {
        boolean found = false;
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            final int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isUpperCase(c) || Character.isTitleCase(c)) {
                if (inWord) {
                    return false;
                }
                found = true;
                inWord = true;
            } else if (Character.isLowerCase(c)) {
                if (!inWord) {
                    return false;
                }
                found = true;
            } else {
                inWord = false;
            }
        }
        return found;
    }
}
