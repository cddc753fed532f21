package io.cheshire.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The chart's README, its values and their schema say the same. */
final class ValuesTableTest {
    private static final Pattern KEY = Pattern.compile("^( *)([A-Za-z0-9]+):(.*)$");
    private static final Path README = Chart.directory().resolve("README.md");
    private static final String BEGIN = "<!-- values: begin -->\n";
    private static final String END = "<!-- values: end -->\n";

    /** One value: its path, what it is unless set, and why. */
    private record Value(String path, String byDefault, String comment) {
        String row() {
            return "| `" + path + "` | `" + byDefault + "` | " + comment.replace("|", "\\|") + " |\n";
        }
    }

    @Test
    void shouldExplainEveryValue() throws IOException {
        assertThat(values())
                .isNotEmpty()
                .allSatisfy(
                        value -> assertThat(value.comment()).as(value.path()).isNotBlank());
    }

    @Test
    void shouldListEveryValueInTheReadme() throws IOException {
        final StringBuilder table = new StringBuilder("| value | default | meaning |\n|---|---|---|\n");
        for (final Value value : values()) {
            table.append(value.row());
        }
        final String readme = Files.readString(README);
        final int begin = readme.indexOf(BEGIN) + BEGIN.length();
        final int end = readme.indexOf(END);
        assertThat(end).isGreaterThanOrEqualTo(begin);
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(README, readme.substring(0, begin) + table + readme.substring(end));
        }

        assertThat(Files.readString(README))
                .as("-Dgolden.update=true writes the table anew")
                .contains(BEGIN + table + END);
    }

    @Test
    void shouldRefuseUnknownKeysEverywhereButInGlobal() throws IOException {
        final JsonNode schema =
                new ObjectMapper().readTree(Chart.read(Chart.directory().resolve("values.schema.json")));

        assertThat(open(schema, "")).containsExactly("/global");
    }

    /** Objects with properties of which others than those listed are let pass. */
    private static List<String> open(final JsonNode schema, final String path) {
        final List<String> open = new ArrayList<>();
        final boolean free = path.endsWith("/affinity");
        if (schema.path("type").asText().equals("object") && !schema.has("additionalProperties") && !free) {
            open.add(path);
        }
        schema.path("properties")
                .properties()
                .forEach(entry -> open.addAll(open(entry.getValue(), path + "/" + entry.getKey())));
        return open;
    }

    /** Leaves of values.yaml in their order, each with the comment above it. */
    private static List<Value> values() throws IOException {
        final JsonNode tree = Chart.YAML.readTree(Chart.read(Chart.directory().resolve("values.yaml")));
        final List<Value> values = new ArrayList<>();
        final List<String> path = new ArrayList<>();
        StringBuilder comment = new StringBuilder();
        for (final String line :
                Chart.read(Chart.directory().resolve("values.yaml")).split("\n", -1)) {
            final Matcher key = KEY.matcher(line);
            if (line.strip().startsWith("#")) {
                comment.append(comment.isEmpty() ? "" : " ")
                        .append(line.strip().substring(1).strip());
            } else if (line.isBlank()) {
                comment = new StringBuilder();
            } else if (key.matches()) {
                final int depth = key.group(1).length() / 2;
                if (depth > path.size()) {
                    // Below a value that stands as a whole.
                    continue;
                }
                path.subList(depth, path.size()).clear();
                final JsonNode value = at(tree, path, key.group(2));
                if (isGroup(value)) {
                    path.add(key.group(2));
                } else {
                    values.add(new Value(
                            String.join(".", path) + (path.isEmpty() ? "" : ".") + key.group(2),
                            value.isTextual()
                                    ? value.textValue()
                                    : value.toString().replace("\"", ""),
                            comment.toString()));
                }
                comment = new StringBuilder();
            }
        }
        return values;
    }

    /** Objects whose members are explained one by one; resources and annotations are explained as a whole. */
    private static boolean isGroup(final JsonNode value) {
        final boolean isPlain = value.has("requests") || value.has("nginx.ingress.kubernetes.io/proxy-buffering");
        return value.isObject() && !value.isEmpty() && !isPlain;
    }

    private static JsonNode at(final JsonNode tree, final List<String> path, final String key) {
        JsonNode at = tree;
        for (final String part : path) {
            at = at.path(part);
        }
        return at.path(key);
    }
}
