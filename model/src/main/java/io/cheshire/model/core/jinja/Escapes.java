package io.cheshire.model.core.jinja;

/** Backslash escapes of string literals, as in Python. */
final class Escapes {
    private static final String SINGLE = "\\'\"abfnrtv";
    private static final String MEANING = "\\'\"\u0007\b\f\n\r\t\u000b";

    private Escapes() {}

    /** @param text between the quotes */
    static String decoded(final String text, final int line) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        final StringBuilder out = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            final char c = text.charAt(i++);
            if (c != '\\' || i == text.length()) {
                out.append(c);
                continue;
            }
            final char kind = text.charAt(i++);
            final int known = SINGLE.indexOf(kind);
            if (known >= 0) {
                out.append(MEANING.charAt(known));
            } else if (kind == 'x' || kind == 'u' || kind == 'U') {
                final int digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
                out.appendCodePoint(hex(text, i, digits, kind, line));
                i += digits;
            } else if (kind >= '0' && kind <= '7') {
                int end = i;
                while (end < text.length() && end < i + 2 && text.charAt(end) >= '0' && text.charAt(end) <= '7') {
                    end++;
                }
                out.appendCodePoint(Integer.parseInt(text.substring(i - 1, end), 8));
                i = end;
            } else if (kind == 'N') {
                throw TemplateFault.unsupported("a character by name (\\N) in line " + line);
            } else if (kind != '\n') {
                out.append(c).append(kind);
            }
        }
        return out.toString();
    }

    private static int hex(final String text, final int from, final int digits, final char kind, final int line) {
        if (from + digits > text.length()
                || !text.substring(from, from + digits).matches("[0-9a-fA-F]+")) {
            throw TemplateFault.syntax(line, "truncated \\" + kind + " escape");
        }
        final long code = Long.parseLong(text.substring(from, from + digits), 16);
        if (code > Character.MAX_CODE_POINT) {
            throw TemplateFault.syntax(line, "illegal Unicode character");
        }
        if (code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE) {
            throw TemplateFault.unsupported(
                    "half a character (\\u" + text.substring(from, from + digits) + ") in line " + line);
        }
        return (int) code;
    }
}
