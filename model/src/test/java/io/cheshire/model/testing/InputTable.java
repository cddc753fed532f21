package io.cheshire.model.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The table in the comment of a state machine that is driven by inputs, read from its source, so that a test can hold
 * it against the code. It stands in a {@code <pre>} block with this head, one line a transition:
 *
 * <pre>
 * from | input | when             | to
 * OPEN | Push  | nobody holds it  | SHUT
 * </pre>
 */
public final class InputTable {
    private static final int COLUMNS = 4;
    private static final List<String> HEAD = List.of("from", "input", "when", "to");

    private InputTable() {}

    /**
     * One transition.
     *
     * @param from  state before
     * @param input what leads out of it
     * @param when  what else must hold, in words
     * @param to    state after; several with commas between where one input leads through several
     */
    public record Row(String from, String input, String when, String to) {
        @Override
        public String toString() {
            return from + " | " + input + " | " + when + " | " + to;
        }
    }

    /**
     * The rows in the source of a class of the module whose test runs.
     *
     * @throws IllegalArgumentException there is no table, or one of its lines can't be read
     */
    public static List<Row> of(final Class<?> documented) {
        final Path source = TransitionTable.sourceOf(documented);
        final List<Row> rows = new ArrayList<>();
        boolean inside = false;
        for (final String line : TransitionTable.linesOf(source)) {
            final List<String> columns = Arrays.stream(
                            line.replaceFirst("^ \\*", "").split("\\|", -1))
                    .map(String::strip)
                    .toList();
            if (columns.equals(HEAD)) {
                inside = true;
            } else if (line.contains("</pre>")) {
                inside = false;
            } else if (inside) {
                if (columns.size() != COLUMNS) {
                    throw new IllegalArgumentException(source + " has a line without four columns: " + line);
                }
                rows.add(new Row(columns.get(0), columns.get(1), columns.get(2), columns.get(3)));
            }
        }
        if (rows.isEmpty()) {
            throw new IllegalArgumentException(source.toAbsolutePath() + " has no table: " + HEAD);
        }
        return rows;
    }
}
