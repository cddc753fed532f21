package io.cheshire.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where Prometheus' own checker is installed, it reads every expression. */
final class PromtoolTest {
    @Test
    void shouldAcceptEveryExpression(@TempDir final Path directory) throws IOException, InterruptedException {
        assumeTrue(isInstalled(), "promtool isn't installed");
        final ObjectNode file = Chart.YAML.createObjectNode();
        final ArrayNode groups = file.putArray("groups");
        Manifests.of(Chart.render(Chart.REQUIRED, Boards.ALL_ALERTS)).trees().stream()
                .filter(tree -> tree.path("kind").asText().equals("PrometheusRule"))
                .forEach(tree -> tree.at("/spec/groups").forEach(groups::add));
        final ArrayNode rules = groups.addObject().put("name", "boards").putArray("rules");
        for (final Map.Entry<String, String> expression : Boards.expressions().entrySet()) {
            rules.addObject()
                    .put("record", "board:expression" + rules.size())
                    .put("expr", expression.getValue().replace("$__rate_interval", "1m"));
        }
        final Path written = directory.resolve("rules.yaml");
        Chart.YAML.writeValue(written.toFile(), file);

        final Process promtool = new ProcessBuilder("promtool", "check", "rules", written.toString())
                .redirectErrorStream(true)
                .start();
        final String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(promtool.waitFor()).as(said).isZero();
        assertThat(said).contains("SUCCESS");
    }

    private static boolean isInstalled() {
        final String path = System.getenv("PATH");
        return path != null
                && Stream.of(path.split(File.pathSeparator, -1))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "promtool")));
    }
}
