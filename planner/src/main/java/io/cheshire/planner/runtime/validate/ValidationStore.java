package io.cheshire.planner.runtime.validate;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cheshire.planner.core.validation.ValidationCell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What comparisons came to, one JSON file a level: docs/planning-validation.md is made of them. */
public final class ValidationStore {
    private static final JsonMapper JSON =
            JsonMapper.builder().disable(MapperFeature.AUTO_DETECT_IS_GETTERS).build();

    private ValidationStore() {}

    /** Adds a comparison; one of the same figure and scenario is replaced. */
    public static void add(final Path directory, final ValidationCell cell) throws IOException {
        Files.createDirectories(directory);
        final Path file = directory.resolve(cell.level() + ".json");
        final List<ValidationCell> cells = new ArrayList<>(Files.exists(file) ? readFile(file) : List.of());
        cells.removeIf(
                old -> old.scenario().equals(cell.scenario()) && old.figure().equals(cell.figure()));
        cells.add(cell);
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(cells) + "\n");
    }

    private static List<ValidationCell> readFile(final Path file) throws IOException {
        return JSON.readValue(Files.readString(file), new TypeReference<List<ValidationCell>>() {});
    }

    /** All that was written, by level. */
    public static List<ValidationCell> read(final Path directory) throws IOException {
        final List<ValidationCell> cells = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return cells;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (final Path file :
                    files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
                cells.addAll(readFile(file));
            }
        }
        return cells;
    }
}
