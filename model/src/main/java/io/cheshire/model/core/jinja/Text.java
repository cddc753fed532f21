package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A string of a template that knows which of its characters a message brought. Immutable. Equality is that of the
 * characters. Python counts code points, Java UTF-16 units: offsets here are units unless a name says points.
 */
public final class Text {
    static final Text EMPTY = new Text("", new int[0], false);
    private static final int[] NONE = {};

    private final String value;
    /** Begin and end of each stretch that a message brought, ascending, never empty, never touching. */
    private final int[] marks;
    /** Jinja2's Markup: adding it to a plain string escapes that one. */
    private final boolean safe;

    private Text(final String value, final int[] marks, final boolean safe) {
        this.value = value;
        this.marks = marks;
        this.safe = safe;
    }

    /** Characters that the template or the server wrote. */
    public static Text of(final String value) {
        return value.isEmpty() ? EMPTY : new Text(value, NONE, false);
    }

    /** Characters that somebody else wrote: never to become a control token. */
    public static Text foreign(final String value) {
        return value.isEmpty() ? EMPTY : new Text(value, new int[] {0, value.length()}, false);
    }

    /** This and what follows, each as it was. */
    public Text plus(final Text more) {
        final int[] all = Arrays.copyOf(marks, marks.length + more.marks.length);
        for (int i = 0; i < more.marks.length; i++) {
            all[marks.length + i] = value.length() + more.marks[i];
        }
        final int seam = marks.length;
        final boolean touch = seam > 0 && seam < all.length && all[seam - 1] == all[seam];
        if (!touch) {
            return new Text(value + more.value, all, false);
        }
        final int[] joined = new int[all.length - 2];
        System.arraycopy(all, 0, joined, 0, seam - 1);
        System.arraycopy(all, seam + 1, joined, seam - 1, all.length - seam - 1);
        return new Text(value + more.value, joined, false);
    }

    static Text of(final String value, final int[] marks, final boolean safe) {
        return new Text(value, marks, safe);
    }

    /** The characters. */
    public String value() {
        return value;
    }

    boolean isSafe() {
        return safe;
    }

    Text withSafe(final boolean wanted) {
        return wanted == safe ? this : new Text(value, marks, wanted);
    }

    /** Length in UTF-16 units. */
    int units() {
        return value.length();
    }

    /** Length as Python counts it. */
    int points() {
        return value.codePointCount(0, value.length());
    }

    boolean isEmpty() {
        return value.isEmpty();
    }

    /** Offset in units of a code point; the argument must lie within the text. */
    int unitOf(final int point) {
        return value.offsetByCodePoints(0, point);
    }

    int pointOf(final int unit) {
        return value.codePointCount(0, unit);
    }

    /** Units {@code from} to {@code to}. */
    Text sub(final int from, final int to) {
        if (from == 0 && to == value.length()) {
            return this;
        }
        if (from >= to) {
            return EMPTY.withSafe(safe);
        }
        int first = firstMarkAfter(from);
        first -= first % 2;
        int last = first;
        while (last < marks.length && marks[last] < to) {
            last += 2;
        }
        final int[] cut = first == last ? NONE : Arrays.copyOfRange(marks, first, last);
        for (int i = 0; i < cut.length; i++) {
            cut[i] = Math.clamp(cut[i], from, to) - from;
        }
        return new Text(value.substring(from, to), cut, safe);
    }

    /** The end of the stretch of one origin that begins at {@code unit}. */
    int sameOriginUntil(final int unit) {
        final int mark = firstMarkAfter(unit);
        return mark < marks.length ? marks[mark] : value.length();
    }

    boolean isForeignAt(final int unit) {
        return firstMarkAfter(unit) % 2 == 1;
    }

    /** Index of the first mark beyond {@code unit}: even if the template wrote what stands there. */
    private int firstMarkAfter(final int unit) {
        final int found = Arrays.binarySearch(marks, unit);
        return found >= 0 ? found + 1 : -found - 1;
    }

    int[] marks() {
        return marks;
    }

    /**
     * A stretch of one origin.
     *
     * @param text    the characters, at least one
     * @param foreign true if a message brought them
     */
    public record Stretch(String text, boolean foreign) {}

    /** The text cut where its origin changes. */
    public List<Stretch> stretches() {
        final List<Stretch> result = new ArrayList<>();
        int start = 0;
        while (start < value.length()) {
            final int end = sameOriginUntil(start);
            result.add(new Stretch(value.substring(start, end), isForeignAt(start)));
            start = end;
        }
        return result;
    }

    @Override
    public boolean equals(final Object other) {
        return other instanceof Text text && value.equals(text.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }
}
