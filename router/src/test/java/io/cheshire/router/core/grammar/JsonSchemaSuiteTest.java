package io.cheshire.router.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The JSON Schema organisation's own test suite, of draft 2020-12: what of it agrees, is refused by name, or is
 * stricter here than there, as {@code json-schema-suite.outcomes} has it. Nothing may be laxer but what stands there.
 * The suite isn't part of this repository: {@code -Dcheshire.json-schema-suite=DIR} names a copy of
 * github.com/json-schema-org/JSON-Schema-Test-Suite.
 */
@EnabledIfSystemProperty(named = "cheshire.json-schema-suite", matches = ".+")
class JsonSchemaSuiteTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final GrammarCompiler COMPILER = new GrammarCompiler(Vocabularies.bytes(), GrammarLimits.DEFAULT);
    private static final Path OUTCOMES = Path.of("src/test/resources/json-schema-suite.outcomes");
    private static final int MOST_ORDERS = 120;

    /** What became of the instances of a file. */
    private static final class Outcome {
        private int agreed;
        private int refused;
        private int stricter;
        private final List<String> laxer = new ArrayList<>();

        @Override
        public String toString() {
            return "agreed " + agreed + ", refused " + refused + ", stricter " + stricter + ", laxer " + laxer.size();
        }
    }

    @Test
    void shouldJudgeTheSuiteAsItDidBefore() throws IOException {
        final Map<String, Outcome> outcomes = new TreeMap<>();
        final Path directory = Path.of(System.getProperty("cheshire.json-schema-suite"), "tests", "draft2020-12");
        try (Stream<Path> files = Files.walk(directory)) {
            for (final Path file : files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                final Outcome outcome = new Outcome();
                for (final JsonNode group : JSON.readTree(file.toFile())) {
                    judge(group, outcome);
                }
                outcomes.put(directory.relativize(file).toString(), outcome);
            }
        }
        final String found = outcomes.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .collect(Collectors.joining("\n", "", "\n"));
        System.out.println(found);
        outcomes.forEach((file, outcome) -> outcome.laxer.forEach(one -> System.out.println(file + " laxer: " + one)));
        assertThat(found).isEqualTo(Files.readString(OUTCOMES));
    }

    private static void judge(final JsonNode group, final Outcome outcome) {
        final Grammar grammar;
        try {
            grammar = COMPILER.compile(
                    new GrammarSource.Schema(group.get("schema").toString(), false));
        } catch (final GrammarException refused) {
            assertThat(refused.getMessage()).isNotBlank();
            outcome.refused += group.get("tests").size();
            return;
        }
        for (final JsonNode test : group.get("tests")) {
            final boolean isValid = test.get("valid").booleanValue();
            final boolean isMatched = orders(test.get("data")).stream()
                    .anyMatch(text -> grammar.matches(text.getBytes(StandardCharsets.UTF_8)));
            if (isValid == isMatched) {
                outcome.agreed++;
            } else if (isValid) {
                outcome.stricter++;
            } else {
                outcome.laxer.add(group.get("description") + " " + test.get("data"));
            }
        }
    }

    /** An instance as text; of an object with its members in any order, since here they have one. */
    private static List<String> orders(final JsonNode data) {
        if (!(data instanceof final ObjectNode object) || object.size() > 5) {
            return List.of(data.toString());
        }
        final List<String> texts = new ArrayList<>();
        permute(
                object,
                new ArrayList<>(object.propertyStream().map(Map.Entry::getKey).toList()),
                0,
                texts);
        return texts;
    }

    private static void permute(
            final ObjectNode object, final List<String> names, final int from, final List<String> texts) {
        if (from == names.size()) {
            final ObjectNode ordered = JSON.createObjectNode();
            names.forEach(name -> ordered.set(name, object.get(name)));
            texts.add(ordered.toString());
            return;
        }
        for (int i = from; i < names.size() && texts.size() < MOST_ORDERS; i++) {
            java.util.Collections.swap(names, from, i);
            permute(object, names, from + 1, texts);
            java.util.Collections.swap(names, from, i);
        }
    }
}
