package io.cheshire.model.core.jinja;

import java.util.Arrays;

/** Puts texts together and keeps their origins. */
final class TextBuilder {
    private final StringBuilder value = new StringBuilder();
    private final Budget budget;
    private int[] marks = new int[8];
    private int used;

    TextBuilder(final Budget budget) {
        this.budget = budget;
    }

    TextBuilder add(final Text text) {
        budget.chars(value.length(), text.units());
        final int offset = value.length();
        final int[] added = text.marks();
        for (int i = 0; i < added.length; i += 2) {
            mark(offset + added[i], offset + added[i + 1]);
        }
        value.append(text.value());
        return this;
    }

    /** Appends text that the template or the server wrote. */
    TextBuilder add(final String text) {
        budget.chars(value.length(), text.length());
        value.append(text);
        return this;
    }

    /** Characters that stand for those of {@code origin} at {@code unit}. */
    TextBuilder add(final String text, final Text origin, final int unit) {
        return add(text, origin.isForeignAt(unit));
    }

    TextBuilder add(final String text, final boolean foreign) {
        budget.chars(value.length(), text.length());
        if (foreign && !text.isEmpty()) {
            mark(value.length(), value.length() + text.length());
        }
        value.append(text);
        return this;
    }

    private void mark(final int start, final int end) {
        if (used > 0 && marks[used - 1] == start) {
            marks[used - 1] = end;
            return;
        }
        if (used == marks.length) {
            marks = Arrays.copyOf(marks, used * 2);
        }
        marks[used++] = start;
        marks[used++] = end;
    }

    int units() {
        return value.length();
    }

    Text text() {
        return text(false);
    }

    Text text(final boolean safe) {
        if (value.isEmpty()) {
            return Text.EMPTY.withSafe(safe);
        }
        return Text.of(value.toString(), Arrays.copyOf(marks, used), safe);
    }
}
