package io.cheshire.chaos.experiment.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cheshire.chaos.experiment.protocol.AbortRule;
import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import io.cheshire.chaos.experiment.protocol.ExperimentLimits;
import io.cheshire.chaos.experiment.protocol.ExperimentLoad;
import io.cheshire.chaos.experiment.protocol.FaultVerb;
import io.cheshire.chaos.experiment.protocol.Hypothesis;
import io.cheshire.chaos.experiment.protocol.PlannedFault;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/experiments.md has a row for each field and each kind, and none for what isn't there. */
class ExperimentPageTest {
    private static final Pattern FIELD = Pattern.compile("(?m)^\\| `([a-z.-]+)` \\| [^|]*\\| [^|]+ \\|$");
    private static final Pattern KIND =
            Pattern.compile("(?m)^\\| `([a-z-]+)` \\| [^|]+ \\| (yes|) ?\\| (yes|) ?\\| (yes|) ?\\| (yes|) ?\\|$");
    private static final Map<String, Class<?>> SECTIONS = Map.of(
            "load", ExperimentLoad.class,
            "cluster", ExperimentCluster.class,
            "faults", PlannedFault.class,
            "hypothesis", Hypothesis.class,
            "limits", ExperimentLimits.class,
            "abort", AbortRule.class);

    private static String page() throws IOException {
        return Files.readString(Path.of(System.getProperty("cheshire.root", ".."), "docs/experiments.md"));
    }

    /** As files write it; {@code for} is no name in Java. */
    private static String key(final RecordComponent component) {
        return component.getName().equals("lasting")
                ? "for"
                : component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static Set<String> fields() {
        final Set<String> fields = new TreeSet<>();
        for (final RecordComponent component : Experiment.class.getRecordComponents()) {
            final Class<?> section = SECTIONS.get(key(component));
            if (section == null) {
                fields.add(key(component));
            } else {
                for (final RecordComponent field : section.getRecordComponents()) {
                    fields.add(key(component) + "." + key(field));
                }
            }
        }

        return fields;
    }

    @Test
    void shouldHaveARowForEachFieldOfTheRecords() throws IOException {
        assertThat(FIELD.matcher(page()).results().map(row -> row.group(1)).collect(Collectors.toSet()))
                .isEqualTo(fields());
    }

    @Test
    void shouldSayWhatCanBeDoneOnWhat() throws IOException {
        final List<MatchResult> rows = KIND.matcher(page()).results().toList();

        assertThat(rows).hasSize(FaultVerb.values().length);
        for (final MatchResult row : rows) {
            final FaultVerb kind =
                    FaultVerb.valueOf(row.group(1).replace('-', '_').toUpperCase(Locale.ROOT));
            final List<ExperimentCluster.Kind> clusters = List.of(ExperimentCluster.Kind.values());
            for (int i = 0; i < clusters.size(); i++) {
                assertThat(row.group(2 + i).equals("yes"))
                        .as("%s on %s", kind, clusters.get(i))
                        .isEqualTo(Abilities.of(clusters.get(i)).contains(kind));
            }
            assertThat(row.group(5).equals("yes")).as("%s lasts", kind).isEqualTo(kind.lasts());
        }
    }

    @Test
    void shouldHaveEachFieldAndWordInTheSchemaForEditors() throws IOException {
        final JsonNode schema = new ObjectMapper()
                .readTree(Path.of(System.getProperty("cheshire.root", ".."), "docs/experiments.schema.json")
                        .toFile());
        final Set<String> known = new TreeSet<>();
        schema.get("properties").properties().forEach(field -> {
            final JsonNode section = field.getValue().path("items").isMissingNode()
                    ? field.getValue()
                    : field.getValue().get("items");
            if (section.has("properties")) {
                section.get("properties").fieldNames().forEachRemaining(name -> known.add(field.getKey() + "." + name));
            } else {
                known.add(field.getKey());
            }
        });

        assertThat(known).isEqualTo(fields());
        assertThat(schema.at("/properties/faults/items/properties/kind/enum"))
                .extracting(JsonNode::asText)
                .containsExactlyElementsOf(
                        Stream.of(FaultVerb.values()).map(FaultVerb::word).toList());
    }
}
