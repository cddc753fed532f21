package io.cheshire.model.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiPredicate;

/**
 * The table of moves in the comment of a state machine, read from its source, so that a test can hold it against the
 * code. A table stands in a {@code <pre>} block with the head {@code from | to | when}; each line is one move or, by
 * lists with commas, several. A line whose first column is empty goes on with the one before.
 *
 * <pre>
 *   from       | to     | when
 *   -----------|--------|---------------------
 *   OPEN       | SHUT   | somebody pushes
 *   OPEN, SHUT | BROKEN | somebody pushes hard
 * </pre>
 */
public final class TransitionTable {
    private static final String HEAD_FROM = "from";
    private static final String HEAD_TO = "to";
    private static final int COLUMNS = 3;

    private final SortedSet<Move> moves = new TreeSet<>();
    private final Path source;

    /** One move. */
    public record Move(String from, String to) implements Comparable<Move> {
        @Override
        public int compareTo(final Move other) {
            return Comparator.comparing(Move::from).thenComparing(Move::to).compare(this, other);
        }

        @Override
        public String toString() {
            return from + " to " + to;
        }
    }

    private TransitionTable(final Path source) {
        this.source = source;
    }

    /** The table in the source of a class of the module whose test runs. */
    public static TransitionTable of(final Class<?> documented) {
        return in(sourceOf(documented));
    }

    /** The source of a class of the module whose test runs. */
    static Path sourceOf(final Class<?> documented) {
        return Path.of("src", "main", "java", documented.getName().replace('.', '/') + ".java");
    }

    /**
     * The table in a source file.
     *
     * @throws IllegalArgumentException there is none, or one of its lines can't be read
     */
    public static TransitionTable in(final Path source) {
        final TransitionTable table = new TransitionTable(source);
        boolean inside = false;
        for (final String line : linesOf(source)) {
            final List<String> columns = columnsOf(line);
            if (columns.size() == COLUMNS
                    && columns.get(0).equals(HEAD_FROM)
                    && columns.get(1).equals(HEAD_TO)) {
                inside = true;
            } else if (line.contains("</pre>")) {
                inside = false;
            } else if (inside) {
                table.read(columns, line);
            }
        }
        if (table.moves.isEmpty()) {
            throw new IllegalArgumentException(source.toAbsolutePath() + " has no table: from | to | when");
        }
        return table;
    }

    static List<String> linesOf(final Path source) {
        try {
            return Files.readAllLines(source);
        } catch (final IOException cause) {
            throw new UncheckedIOException(cause);
        }
    }

    private static List<String> columnsOf(final String line) {
        final String text = line.strip();
        return Arrays.stream((text.startsWith("*") ? text.substring(1) : text).split("\\|", COLUMNS))
                .map(String::strip)
                .toList();
    }

    private void read(final List<String> columns, final String line) {
        if (columns.size() != COLUMNS) {
            throw new IllegalArgumentException(source + " has a line with fewer columns than three: " + line);
        }
        if (columns.get(0).isEmpty() || columns.get(0).startsWith("--")) {
            return;
        }
        for (final String from : columns.get(0).split(",", -1)) {
            for (final String to : columns.get(1).split(",", -1)) {
                if (!moves.add(new Move(from.strip(), to.strip()))) {
                    throw new IllegalArgumentException(source + " has a move twice: " + line);
                }
            }
        }
    }

    /** The moves that the comment has. */
    public SortedSet<Move> moves() {
        return moves;
    }

    /**
     * Where comment and code differ, in words; empty if nowhere.
     *
     * @param states     all states
     * @param mayBecome  the code's word on every pair of them
     */
    public <S extends Enum<S>> List<String> differences(final Class<S> states, final BiPredicate<S, S> mayBecome) {
        final List<String> found = new ArrayList<>();
        final SortedSet<Move> unknown = new TreeSet<>(moves);
        for (final S from : states.getEnumConstants()) {
            for (final S to : states.getEnumConstants()) {
                final Move move = new Move(from.name(), to.name());
                unknown.remove(move);
                if (mayBecome.test(from, to) != moves.contains(move)) {
                    found.add((moves.contains(move) ? "only the comment has " : "only the code has ") + move);
                }
            }
        }
        unknown.forEach(move -> found.add("there are no such states: " + move));
        return found;
    }
}
