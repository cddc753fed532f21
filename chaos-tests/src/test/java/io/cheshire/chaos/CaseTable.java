package io.cheshire.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The evidence: every case with what was expected and what came, as a table under {@code target/}. One thread. */
final class CaseTable {
    private static final int SHOWN_CHARS = 90;

    private final List<String> rows = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    void add(final String id, final String input, final String expected, final String actual) {
        final boolean isMet = expected.equals(actual);
        rows.add("| " + id + " | " + shown(input) + " | " + shown(expected) + " | " + shown(actual) + " | "
                + (isMet ? "yes" : "**no**") + " |");
        if (!isMet) {
            failures.add(id + " " + shown(input) + ": expected " + shown(expected) + ", got " + shown(actual));
        }
    }

    private static String shown(final String text) {
        final String line = text.replace("|", "\\|").replace("\n", "\\n").replace("<", "&lt;");
        return line.length() <= SHOWN_CHARS ? line : line.substring(0, SHOWN_CHARS) + "…";
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    void write(final String file) throws IOException {
        final List<String> lines = new ArrayList<>();
        lines.add("| case | input | expected | actual | met |");
        lines.add("|---|---|---|---|---|");
        lines.addAll(rows);
        Files.createDirectories(Path.of("target"));
        Files.write(Path.of("target").resolve(file), lines);
    }
}
