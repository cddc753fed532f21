package io.cheshire.coordinator.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The tables in a class's comment, read from its source: what the comment says is held against what the code does. */
public final class MachineTables {
    private MachineTables() {}

    /**
     * The rows of a {@code <pre>} block without its head, split at blanks into cells; the last cell keeps its blanks. A
     * row that begins with blanks has the first cell of the row above.
     *
     * @param type  whose source, of this module
     * @param block number of the block in that source, from 0
     * @param cells cells of a row
     */
    public static List<List<String>> rows(final Class<?> type, final int block, final int cells) {
        final List<String> lines = lines(type, block);
        final List<List<String>> rows = new ArrayList<>();
        for (final String line : lines.subList(1, lines.size())) {
            final boolean goesOn = line.startsWith(" ");
            final List<String> row = new ArrayList<>();
            if (goesOn) {
                row.add(rows.getLast().getFirst());
            }
            row.addAll(Arrays.asList(line.strip().split(" +", goesOn ? cells - 1 : cells)));
            if (row.size() != cells) {
                throw new AssertionError("a row of " + type.getSimpleName() + " has not " + cells + " cells: " + line);
            }
            rows.add(row);
        }
        return rows;
    }

    private static List<String> lines(final Class<?> type, final int block) {
        final Path source =
                Path.of("../coordinator/src/main/java", type.getName().replace('.', '/') + ".java");
        try {
            final String[] parts = Files.readString(source).split("<pre>\\R", -1);
            return Arrays.stream(parts[block + 1].split("\\R", -1))
                    .takeWhile(line -> !line.contains("</pre>"))
                    .map(line -> line.replaceFirst("^ \\* ?", ""))
                    .toList();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
