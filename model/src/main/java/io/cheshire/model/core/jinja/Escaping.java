package io.cheshire.model.core.jinja;

import java.nio.charset.StandardCharsets;

/** HTML and URL escapes. */
final class Escaping {
    private Escaping() {}

    /** Unchanged if marked safe; the result is. */
    static Text html(final Text text, final Budget budget) {
        if (text.isSafe()) {
            return text;
        }
        final TextBuilder out = new TextBuilder(budget);
        final String value = text.value();
        int plain = 0;
        for (int i = 0; i < value.length(); i++) {
            final String entity = switch (value.charAt(i)) {
                case '&' -> "&amp;";
                case '<' -> "&lt;";
                case '>' -> "&gt;";
                case '"' -> "&#34;";
                case '\'' -> "&#39;";
                default -> "";
            };
            if (!entity.isEmpty()) {
                out.add(text.sub(plain, i)).add(entity, text, i);
                plain = i + 1;
            }
        }
        return out.add(text.sub(plain, value.length())).text(true);
    }

    /** @param inQuery blanks become plus, and a slash is escaped */
    static Text url(final Text text, final boolean inQuery, final Budget budget) {
        final TextBuilder out = new TextBuilder(budget);
        final String value = text.value();
        for (int i = 0; i < value.length(); ) {
            final int c = value.codePointAt(i);
            final int next = i + Character.charCount(c);
            if (isPlain(c) || (c == '/' && !inQuery)) {
                out.add(text.sub(i, next));
            } else if (c == ' ' && inQuery) {
                out.add("+", text, i);
            } else {
                final StringBuilder bytes = new StringBuilder();
                for (final byte b : value.substring(i, next).getBytes(StandardCharsets.UTF_8)) {
                    bytes.append(String.format("%%%02X", b & 0xff));
                }
                out.add(bytes.toString(), text, i);
            }
            i = next;
        }
        return out.text();
    }

    private static boolean isPlain(final int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '_'
                || c == '.'
                || c == '-'
                || c == '~';
    }
}
