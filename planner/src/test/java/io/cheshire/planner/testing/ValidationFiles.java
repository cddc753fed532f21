package io.cheshire.planner.testing;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cheshire.planner.core.validation.ValidationCell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What comparisons came to. With {@code -Dcheshire.planner.validation=docs/planning-validation} tests write it down
 * there, one file a level, from which {@code ValidationPageTest} makes the page.
 */
public final class ValidationFiles {
    private static final String PROPERTY = "cheshire.planner.validation";
    private static final JsonMapper JSON =
            JsonMapper.builder().disable(MapperFeature.AUTO_DETECT_IS_GETTERS).build();

    private ValidationFiles() {}

    /** Where to, if anywhere. */
    public static @Nullable Path directory() {
        final String name = System.getProperty(PROPERTY);
        return name == null
                ? null
                : Path.of(System.getProperty("cheshire.root", "..")).resolve(name);
    }

    /** One comparison: printed, and written where that is wanted. */
    public static synchronized void note(final ValidationCell cell) {
        System.out.printf(
                "%s %s, %s: %.4g, predicted %.4g, %+.2f %%%n",
                cell.level(), cell.scenario(), cell.figure(), cell.reference(), cell.predicted(), 100 * cell.error());
        final Path directory = directory();
        if (directory == null) {
            return;
        }
        try {
            Files.createDirectories(directory);
            final Path file = directory.resolve(cell.level() + ".json");
            final List<ValidationCell> cells = new ArrayList<>(Files.exists(file) ? readFile(file) : List.of());
            cells.removeIf(old ->
                    old.scenario().equals(cell.scenario()) && old.figure().equals(cell.figure()));
            cells.add(cell);
            Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(cells) + "\n");
        } catch (final IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static List<ValidationCell> readFile(final Path file) throws IOException {
        return JSON.readValue(Files.readString(file), new TypeReference<List<ValidationCell>>() {});
    }

    /** All that was written, by name. */
    public static List<ValidationCell> read(final Path directory) throws IOException {
        final List<ValidationCell> cells = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (final Path file :
                    files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
                cells.addAll(readFile(file));
            }
        }
        return cells;
    }
}
