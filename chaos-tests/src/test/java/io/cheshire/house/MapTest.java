package io.cheshire.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The map leads to classes that are where it says. */
class MapTest {
    private static final Path MAP = SourceTree.file("docs/map.md");
    private static final Pattern ROW =
            Pattern.compile("\\| [^|]+ \\| ([a-z-]+) \\| `([a-z0-9.]+)` \\| `([A-Za-z0-9.]+)`[^|]* \\|");
    private static final int QUESTIONS_AT_LEAST = 20;

    @Test
    void shouldLeadFromEachQuestionToAClass() {
        final Set<String> files = SourceTree.java("main").stream()
                .map(file -> SourceTree.file("").relativize(file).toString())
                .collect(Collectors.toSet());
        final List<String> astray = new ArrayList<>();
        int rows = 0;
        for (final String line : SourceTree.lines(MAP)) {
            final Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows++;
                final String outer = row.group(3).split("\\.", -1)[0];
                final String file = row.group(1) + "/src/main/java/io/cheshire/"
                        + row.group(2).replace('.', '/') + "/" + outer + ".java";
                if (!files.contains(file)) {
                    astray.add(line);
                }
            }
        }
        assertThat(rows).as("questions on the map").isGreaterThanOrEqualTo(QUESTIONS_AT_LEAST);
        assertThat(astray).as("rows that lead to no class").isEmpty();
    }
}
