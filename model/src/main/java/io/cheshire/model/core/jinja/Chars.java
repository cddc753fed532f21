package io.cheshire.model.core.jinja;

/** Classes of characters as Python has them. */
final class Chars {
    /** A regex class for any amount of white space. */
    static final String SPACES =
            "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*";

    private Chars() {}

    static boolean isSpace(final int c) {
        return c <= ' '
                ? (c >= '\t' && c <= '\r') || c >= 0x1c
                : c == 0x85
                        || c == 0xa0
                        || c == 0x1680
                        || (c >= 0x2000 && c <= 0x200a)
                        || c == 0x2028
                        || c == 0x2029
                        || c == 0x202f
                        || c == 0x205f
                        || c == 0x3000;
    }

    /** Whether at least one character follows, all white space. */
    static boolean isSpace(final String text, final int from) {
        return from < text.length() && startWithoutSpace(text, from) == text.length();
    }

    static int startWithoutSpace(final String text, final int from) {
        int start = from;
        while (start < text.length() && isSpace(text.charAt(start))) {
            start++;
        }
        return start;
    }

    static int endWithoutSpace(final String text) {
        return endWithoutSpace(text, text.length());
    }

    static int endWithoutSpace(final String text, final int from) {
        int end = from;
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    static boolean isLineEnd(final int c) {
        return (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    static boolean isPrintable(final int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    static boolean isCased(final int c) {
        return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }

    static boolean isAlpha(final int c) {
        return switch (Character.getType(c)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER -> true;
            default -> false;
        };
    }

    static boolean isDecimal(final int c) {
        return Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER;
    }

    /** What {@code \w} matches. */
    static boolean isWord(final int c) {
        return isAlpha(c) || isDecimal(c) || c == '_' || isOtherNumber(c);
    }

    static boolean isOtherNumber(final int c) {
        return Character.getType(c) == Character.LETTER_NUMBER || Character.getType(c) == Character.OTHER_NUMBER;
    }
}
