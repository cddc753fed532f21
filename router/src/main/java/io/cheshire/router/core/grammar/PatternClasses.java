package io.cheshire.router.core.grammar;

/** The classes of characters that a regular expression names, as ECMA-262 has them. */
final class PatternClasses {
    static final CodePoints DIGIT = CodePoints.of('0', '9');
    static final CodePoints WORD =
            DIGIT.or(CodePoints.of('a', 'z')).or(CodePoints.of('A', 'Z')).or(CodePoints.one('_'));
    static final CodePoints SPACE = CodePoints.of('\t', '\r')
            .or(CodePoints.each(" \u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF"))
            .or(CodePoints.of(0x2000, 0x200A));
    static final CodePoints NO_LINE_END = CodePoints.each("\n\r\u2028\u2029").not();

    private PatternClasses() {}

    /** From the one character to the other. */
    static CodePoints range(final CodePoints low, final CodePoints high) {
        final boolean isRange = low.ranges().size() == 1
                && high.ranges().size() == 1
                && low.ranges().getFirst().low() == low.ranges().getFirst().high()
                && high.ranges().getFirst().low() == high.ranges().getFirst().high()
                && low.ranges().getFirst().low() <= high.ranges().getFirst().low();
        if (!isRange) {
            throw PatternParser.refused("has a range in [] whose ends aren't two characters in order");
        }
        return CodePoints.of(
                low.ranges().getFirst().low(), high.ranges().getFirst().low());
    }

    /** One that was written by its number. */
    static CodePoints character(final int codePoint) {
        refuseHalves(codePoint);
        return CodePoints.one(codePoint);
    }

    /** What two numbers of 16 bits stand for, of which the first is the high half of a pair. */
    static int pair(final int high, final int low) {
        if (!Character.isLowSurrogate((char) low)) {
            refuseHalves(high);
        }
        return Character.toCodePoint((char) high, (char) low);
    }

    /** Surrogates are characters in twos only; no text that is answered has a single one. */
    static void refuseHalves(final int... codePoints) {
        for (final int c : codePoints) {
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw PatternParser.refused(
                        "has \\u%04X, half of a pair of surrogates, without the other half".formatted(c));
            }
        }
    }

    /** The character 0, unless a digit makes it octal. */
    static CodePoints zero(final int next) {
        if (next >= '0' && next <= '9') {
            throw PatternParser.refused("has a character in octal digits, which isn't served; write \\xHH");
        }
        return CodePoints.one(0);
    }

    /** A character behind a backslash that stands for itself. */
    static CodePoints escaped(final int c) {
        final boolean isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (isLetter || (c >= '1' && c <= '9')) {
            throw PatternParser.refused("has \\" + Character.toString(c)
                    + ", which isn't served: of classes \\d, \\w and \\s are, of characters \\t, \\n, \\r, \\f, \\v,"
                    + " \\0, \\xHH and \\uHHHH");
        }
        return CodePoints.one(c);
    }
}
