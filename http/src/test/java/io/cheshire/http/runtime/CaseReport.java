package io.cheshire.http.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The evidence: every case with what was expected and what came, as a table under {@code target/}. */
final class CaseReport {
    private final String file;
    private final List<String> rows = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    CaseReport(final String file) {
        this.file = file;
    }

    synchronized void add(final String id, final String title, final String expected, final String actual) {
        final boolean isMet = expected.equals(actual);
        rows.add("| " + id + " | " + title.replace("|", "\\|") + " | " + expected + " | " + actual + " | "
                + (isMet ? "yes" : "**no**") + " |");
        if (!isMet) {
            failures.add(id + " " + title + ": expected " + expected + ", got " + actual);
        }
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    void write() throws IOException {
        final Path target = Path.of("target");
        Files.createDirectories(target);
        final List<String> lines = new ArrayList<>();
        lines.add("| case | input | expected | actual | met |");
        lines.add("|---|---|---|---|---|");
        lines.addAll(rows);
        Files.write(target.resolve(file), lines);
    }
}
