package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/api.md names every field and every error code that is in the code, and no code that isn't. */
class DocumentedApiTest {
    private static final Path PAGE = Path.of("..", "docs", "api.md");
    private static final Path SOURCES = Path.of("src", "main", "java", "io", "cheshire", "http");
    /** The errors of the checkpoint's own text. */
    private static final Path TEXT_ERRORS = Path.of(
            "..", "ops", "src", "main", "java", "io", "cheshire", "ops", "runtime", "process", "CheckpointText.java");

    private static final Path TABLE =
            Path.of("src", "main", "resources", "io", "cheshire", "http", "protocol", "known-fields.table");
    /** How the code makes an error: with a status, a field, neither, or all of it. */
    private static final List<Pattern> CODES = List.of(
            Pattern.compile("\\b(?:\\d{3}|status)\\s*,\\s*\"([a-z0-9_]+)\""),
            Pattern.compile("invalid\\(\\s*[^,]+,\\s*\"([a-z0-9_]+)\""),
            Pattern.compile("(?:bad|busy)\\(\\s*\"([a-z0-9_]+)\""),
            Pattern.compile("\\?\\s*\"([a-z0-9_]+)\"\\s*:\\s*\"[a-z0-9_]+\","),
            Pattern.compile("\\?\\s*\"[a-z0-9_]+\"\\s*:\\s*\"([a-z0-9_]+)\","),
            Pattern.compile("\"([a-z0-9_]+)\",\\s*(?:0|[A-Z_]*SECONDS|retryAfterSeconds)\\)"));
    /** OpenAI's types of errors, which stand where a code might. */
    private static final Set<String> TYPES =
            Set.of("invalid_request_error", "not_found_error", "service_unavailable_error");

    private static final Pattern READ =
            Pattern.compile("fields\\.(?:get|text|bool|integer|integerOrNull|longOrNull|number)\\(\\s*\"([a-z_]+)\"");

    @Test
    void shouldListEveryErrorCodeAndNoOther() throws IOException {
        final Set<String> made = new TreeSet<>();
        for (final String source : sources()) {
            CODES.forEach(pattern -> made.addAll(found(pattern, source)));
        }
        made.removeAll(TYPES);
        final String page = Files.readString(PAGE);
        final Set<String> listed = new TreeSet<>();
        page.substring(page.indexOf("## Errors"))
                .lines()
                .filter(line -> line.matches("\\| \\d.*"))
                .forEach(line -> listed.addAll(found(Pattern.compile("`([a-z0-9_]+)`"), line.split("\\|", -1)[2])));
        assertThat(made).hasSizeGreaterThan(50);
        assertThat(listed).isEqualTo(made);
    }

    @Test
    void shouldNameEveryFieldThatIsReadAcceptedOrRefused() throws IOException {
        final Set<String> known = new TreeSet<>();
        for (final String line : Files.readAllLines(TABLE)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                known.add(line.split("\\|", -1)[1].strip());
            }
        }
        for (final String file : new String[] {
            "RequestParser",
            "MessageParser",
            "PromptParser",
            "ResponseParser",
            "BatchParser",
            "TokenBudget",
            "ScoreParser",
            "SegmentParser",
            "OutputRulesParser",
            "ToolParser",
            "ResponseItems"
        }) {
            known.addAll(
                    found(READ, Files.readString(SOURCES.resolve("protocol").resolve(file + ".java"))));
        }
        final String page = Files.readString(PAGE);
        assertThat(known)
                .hasSizeGreaterThan(200)
                .allSatisfy(name -> assertThat(page).containsPattern("[`\".]" + name + "[`\".]"));
    }

    private static List<String> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return Stream.concat(files.filter(file -> file.toString().endsWith(".java")), Stream.of(TEXT_ERRORS))
                    .map(DocumentedApiTest::read)
                    .filter(source -> source.contains("ApiE"))
                    .toList();
        }
    }

    private static String read(final Path file) {
        try {
            return Files.readString(file);
        } catch (final IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Set<String> found(final Pattern pattern, final String text) {
        final Set<String> names = new TreeSet<>();
        for (final Matcher matcher = pattern.matcher(text); matcher.find(); ) {
            names.add(matcher.group(1));
        }
        return names;
    }
}
