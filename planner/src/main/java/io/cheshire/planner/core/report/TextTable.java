package io.cheshire.planner.core.report;

import java.util.ArrayList;
import java.util.List;

/** A table of text: a head and rows of as many cells. */
public final class TextTable {
    private final String name;
    private final List<List<String>> rows = new ArrayList<>();

    /** @param name a file may have it */
    public TextTable(final String name, final String... head) {
        this.name = name;
        rows.add(List.of(head));
    }

    public void add(final String... cells) {
        if (cells.length != rows.getFirst().size()) {
            throw new IllegalArgumentException(cells.length + " cells below " + rows.getFirst());
        }
        rows.add(List.of(cells));
    }

    public String name() {
        return name;
    }

    /** Head first. */
    public List<List<String>> rows() {
        return List.copyOf(rows);
    }

    public boolean isEmpty() {
        return rows.size() == 1;
    }

    /** In columns, the first one from the left, the others from the right. */
    public String render() {
        final int columns = rows.getFirst().size();
        final int[] widths = new int[columns];
        for (final List<String> row : rows) {
            for (int c = 0; c < columns; c++) {
                widths[c] = Math.max(widths[c], row.get(c).length());
            }
        }
        final StringBuilder text = new StringBuilder();
        for (final List<String> row : rows) {
            final StringBuilder line = new StringBuilder("  ");
            for (int c = 0; c < columns; c++) {
                final String padding = " ".repeat(widths[c] - row.get(c).length());
                line.append(c == 0 ? row.get(c) + padding : "  " + padding + row.get(c));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
