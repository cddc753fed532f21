package io.cheshire.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Grafana's boards and the alert rules as data. */
final class Boards {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.*), *(\\w+)\\)");

    /** Values with which every alert is rendered. */
    static final String ALL_ALERTS = """
            monitoring: {prometheusRule: true}
            plan: {saturationRate: 10, itlP99Seconds: 0.1}
            router: {api: {tlsSecret: tls}}
            ops: {tlsSecret: tls}
            """;

    private Boards() {}

    /** The boards' files by name. */
    static Map<String, JsonNode> files() {
        final Map<String, JsonNode> boards = new LinkedHashMap<>();
        try (Stream<Path> files = Files.list(Chart.root().resolve("ops/grafana"))) {
            for (final Path file : files.sorted().toList()) {
                boards.put(file.getFileName().toString(), JSON.readTree(file.toFile()));
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        return boards;
    }

    /** Every expression of every panel, annotation and variable, by where it stands. */
    static Map<String, String> expressions() {
        final Map<String, String> expressions = new LinkedHashMap<>();
        files().forEach((name, board) -> {
            for (final JsonNode panel : panels(board)) {
                for (final JsonNode target : panel.path("targets")) {
                    expressions.put(
                            name + ", panel \"" + panel.path("title").asText() + "\", query "
                                    + target.path("refId").asText(),
                            target.path("expr").asText());
                }
            }
            for (final JsonNode annotation : board.path("annotations").path("list")) {
                expressions.put(
                        name + ", annotation " + annotation.path("name").asText(),
                        annotation.path("expr").asText());
            }
            for (final JsonNode variable : board.path("templating").path("list")) {
                final Matcher values =
                        LABEL_VALUES.matcher(variable.path("definition").asText());
                if (values.matches()) {
                    expressions.put(
                            name + ", variable " + variable.path("name").asText(),
                            "count by (" + values.group(2) + ") (" + values.group(1) + ")");
                }
            }
        });
        return expressions;
    }

    /** Panels that show something, those inside rows included. */
    static List<JsonNode> panels(final JsonNode board) {
        final List<JsonNode> panels = new ArrayList<>();
        for (final JsonNode panel : board.path("panels")) {
            if (!panel.path("type").asText().equals("row")) {
                panels.add(panel);
            }
            panel.path("panels").forEach(panels::add);
        }
        return panels;
    }

    /** Every alert that the chart can render. */
    static List<Rule> alerts() {
        return Manifests.of(Chart.render(Chart.REQUIRED, ALL_ALERTS))
                .one(PrometheusRule.class, "")
                .getSpec()
                .getGroups()
                .stream()
                .flatMap(group -> group.getRules().stream())
                .toList();
    }
}
