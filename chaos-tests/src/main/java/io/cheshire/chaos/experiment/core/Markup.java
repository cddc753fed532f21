package io.cheshire.chaos.experiment.core;

import java.util.Locale;

/** Text that is put into pages: whatever came from a file, an event or an error stays text. */
public final class Markup {
    private Markup() {}

    /** Safe between tags and in quoted attributes. */
    public static String escape(final String text) {
        final StringBuilder safe = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.append(Character.isISOControl(c) && c != '\n' && c != '\t' ? ' ' : c);
            }
        }
        return safe.toString();
    }

    /** A coordinate. */
    public static String number(final double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** An element without content; attributes as they are, so they must be safe. */
    public static String element(final String name, final String attributes, final String tip) {
        return tip.isEmpty()
                ? "<" + name + " " + attributes + "/>"
                : "<" + name + " " + attributes + "><title>" + escape(tip) + "</title></" + name + ">";
    }

    /** Text in a picture. */
    public static String label(final double x, final double y, final String style, final String text) {
        return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" class=\"" + style + "\">" + escape(text)
                + "</text>";
    }
}
