package io.cheshire.planner.core.validation;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.planner.runtime.validate.ValidationStore;
import io.cheshire.planner.testing.ValidationFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValidationPageTest {
    private static final Path DOCS = Path.of(System.getProperty("cheshire.root", ".."), "docs");

    @Test
    void shouldListWhatMissesItsLimitFirst() {
        final List<String> lines = ValidationPage.lines(List.of(
                new ValidationCell("V0", "a queue", "mean, ms", 2, 2.002, 0.01, ""),
                new ValidationCell("V2", "a cluster", "mean ITL, ms", 10, 12, 0.02, "lanes")));

        final int misses = lines.indexOf("## What misses its limit");
        assertThat(lines.subList(misses, misses + 5))
                .anySatisfy(line -> assertThat(line).contains("V2.1", "+20.00 %", "lanes"));
        assertThat(lines).contains("- V2.1: a cluster");
        assertThat(misses).isLessThan(lines.indexOf("## V0: the event kernel against queueing theory"));
    }

    /** The page says what the files say; with the property of {@link ValidationFiles} it is written anew. */
    @Test
    void shouldBeGeneratedFromItsFiles() throws IOException {
        final Path page = DOCS.resolve("planning-validation.md");
        final List<String> lines = ValidationPage.lines(ValidationStore.read(DOCS.resolve("planning-validation")));
        if (ValidationFiles.directory() != null) {
            Files.write(page, lines);
        }

        assertThat(Files.readAllLines(page)).isEqualTo(lines);
    }
}
