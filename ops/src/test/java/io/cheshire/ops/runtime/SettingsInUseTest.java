package io.cheshire.ops.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.settings.testing.ReferenceConf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A setting that nobody reads promises something that nothing keeps. */
class SettingsInUseTest {
    private static final Path ROOT = Path.of(System.getProperty("cheshire.root"));

    /** A name of a setting, at the beginning of a text. */
    private static final Pattern LITERAL = Pattern.compile("\"(cheshire(\\.[a-z][a-z0-9-]*)+)");

    /** Only who reads settings knows what they are called. */
    private static final Pattern READS = Pattern.compile("static \\w+ \\w+\\(final SettingReader ");

    @Test
    void shouldReadEverySettingThatAReferenceConfNames() {
        final Set<String> unread = ReferenceConf.unread(ProcessConfig::alone, "cheshire");

        assertThat(unread).as("Pekko reads its own").allMatch(key -> key.startsWith("cheshire.pekko."));
    }

    @Test
    void shouldNameSettingsOnlyWhereTheyAreRead() throws IOException {
        try (Stream<Path> modules = Files.list(ROOT)) {
            final List<String> elsewhere = modules.map(module -> module.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .flatMap(SettingsInUseTest::javaFiles)
                    .flatMap(SettingsInUseTest::namesOfSettings)
                    .toList();

            assertThat(elsewhere)
                    .as("names of settings outside the classes that read them: use a constant of such a class")
                    .isEmpty();
        }
    }

    private static Stream<Path> javaFiles(final Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files
                    .filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.toString().matches(".*(Meters|Metrics)\\.java"))
                    // Plans write settings for people, and tests read what they wrote.
                    .filter(file -> !file.toString().matches(".*/planner/.*/(EmittedFleet|ExactCell)\\.java"))
                    .toList()
                    .stream();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> namesOfSettings(final Path file) {
        try {
            final String code = Files.readString(file);
            if (READS.matcher(code).find()) {
                return Stream.of();
            }
            final Matcher literals = LITERAL.matcher(code);
            return literals.results()
                    .map(literal -> literal.group(1))
                    .filter(ReferenceConf::has) // properties have other names
                    .map(name -> ROOT.relativize(file) + ": " + name);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
