package io.cheshire.ops.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A setting that nobody reads promises something that nothing keeps. */
class SettingsInUseTest {
    private static final Path ROOT = Path.of(System.getProperty("cheshire.root"));

    @Test
    void shouldReadEverySettingThatAReferenceConfNames() throws IOException {
        final String code = mainCode();

        final List<String> unread = ConfigFactory.defaultReference().getConfig("cheshire").entrySet().stream()
                .map(Map.Entry::getKey)
                .filter(key -> !key.startsWith("pekko.")) // Pekko reads those
                .filter(key -> {
                    final String name = key.substring(key.lastIndexOf('.') + 1);
                    return !code.contains("\"" + name + "\"") && !code.contains("." + name + "\"");
                })
                .toList();

        assertThat(unread).isEmpty();
    }

    private static String mainCode() throws IOException {
        try (Stream<Path> modules = Files.list(ROOT)) {
            return modules.map(module -> module.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .flatMap(SettingsInUseTest::javaFiles)
                    .collect(Collectors.joining("\n"));
        }
    }

    private static Stream<String> javaFiles(final Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files
                    .filter(file -> file.toString().endsWith(".java"))
                    .map(file -> {
                        try {
                            return Files.readString(file);
                        } catch (final IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .toList()
                    .stream();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
