package io.cheshire.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The chart of this repository, rendered by Helm itself, which is called as a library and asks no cluster. */
final class Chart {
    /** Files of values that the chart ships, by name without {@code values-} and {@code .yaml}. */
    static final List<String> SAMPLES = List.of("kind", "cpu-16", "gpu-16", "ha");

    /** What every installation has to give, as YAML. */
    static final String REQUIRED = """
            secret: {existingSecret: cheshire}
            router: {api: {keysSecret: api-keys}}
            """;

    /** The same for the samples, which take their model from a claim. */
    static final String REQUIRED_BY_SAMPLES = REQUIRED + "model: {pvc: {existingClaim: phi}}\n";

    /** The release that the tests install. */
    static final String RELEASE = "c";

    static final String NAMESPACE = "ns";

    /** Kubernetes that is rendered for where a test names none. */
    static final String KUBERNETES = "1.35.0";

    static final ObjectMapper YAML = new YAMLMapper();

    private Chart() {}

    /** Root of this repository. */
    static Path root() {
        return Path.of(System.getProperty("cheshire.root"));
    }

    static Path directory() {
        return root().resolve("helm/cheshire");
    }

    static Path sample(final String name) {
        return directory().resolve("values-" + name + ".yaml");
    }

    /** A file as text. */
    static String read(final Path file) {
        try {
            return Files.readString(file);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Values of a sample with what it leaves to its user. */
    static String[] sampleValues(final String name) {
        return new String[] {
            read(sample(name)), name.equals("kind") ? "secret: {existingSecret: cheshire}" : REQUIRED_BY_SAMPLES
        };
    }

    /** Renders with these values (YAML), later ones over earlier ones; each must be valid. */
    static String render(final String... values) {
        return renderFor(KUBERNETES, values);
    }

    /** The same for a version of Kubernetes. */
    static String renderFor(final String kubernetes, final String... values) {
        final Path file = temporary(merged(values));
        try {
            return new Helm(directory())
                    .template()
                    .withName(RELEASE)
                    .withNamespace(NAMESPACE)
                    .withKubeVersion(kubernetes)
                    .withValuesFile(file)
                    .call();
        } finally {
            file.toFile().delete();
        }
    }

    /** What {@code helm lint --strict} says of the chart when these values were its defaults. */
    static LintResult lint(final Path directory, final String... values) {
        final Path copy = directory.resolve("cheshire");
        try (Stream<Path> files = Files.walk(directory(), FileVisitOption.FOLLOW_LINKS)) {
            for (final Path file : files.toList()) {
                final Path target = copy.resolve(directory().relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
            final ObjectNode defaults =
                    (ObjectNode) YAML.readTree(read(directory().resolve("values.yaml")));
            merge(defaults, YAML.readTree(merged(values)));
            YAML.writeValue(copy.resolve("values.yaml").toFile(), defaults);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Helm(copy).lint().strict().call();
    }

    /** Several YAML texts as one, later ones over earlier ones, as Helm merges files of values. */
    static String merged(final String... values) {
        try {
            final ObjectNode all = YAML.createObjectNode();
            for (final String each : values) {
                if (YAML.readTree(each) instanceof final ObjectNode tree) {
                    merge(all, tree);
                }
            }
            return YAML.writeValueAsString(all);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void merge(final ObjectNode into, final JsonNode from) {
        from.properties().forEach(entry -> {
            if (into.get(entry.getKey()) instanceof final ObjectNode below
                    && entry.getValue().isObject()) {
                merge(below, entry.getValue());
            } else {
                into.set(entry.getKey(), entry.getValue());
            }
        });
    }

    private static Path temporary(final String values) {
        try {
            return Files.writeString(Files.createTempFile("values", ".yaml"), values);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
