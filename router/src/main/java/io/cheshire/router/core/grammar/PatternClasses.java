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
}
