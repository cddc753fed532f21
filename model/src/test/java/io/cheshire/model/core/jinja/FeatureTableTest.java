package io.cheshire.model.core.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Feature by feature against what Jinja2 itself made of the same template (src/test/resources/chat-templates). */
class FeatureTableTest {
    private static final Path FOLDER = Path.of("src/test/resources/chat-templates");
    private static final LocalDateTime NOW = LocalDateTime.of(2026, 2, 3, 4, 5, 6);

    private enum Verdict {
        EQUAL,
        REFUSED,
        DIFFERENT
    }

    @ParameterizedTest
    @CsvSource({"feature-goldens.json,50", "generated-goldens.json,100"})
    void shouldRenderEachFeatureAsJinja2OrRefuseIt(final String file, final int refusedAtMost) throws IOException {
        final JsonNode goldens =
                new ObjectMapper().readTree(FOLDER.resolve(file).toFile());
        final Map<String, Object> variables = variables(goldens.get("messages"));
        final List<String> different = new ArrayList<>();
        int equal = 0;
        int refused = 0;
        for (final JsonNode golden : goldens.get("cases")) {
            switch (verdict(golden, variables)) {
                case EQUAL -> equal++;
                case REFUSED -> refused++;
                case DIFFERENT -> different.add(golden.toString());
            }
        }
        System.out.println(file + ": " + equal + " equal, " + refused + " refused, " + different.size() + " different");
        assertThat(different).isEmpty();
        assertThat(refused).isLessThanOrEqualTo(refusedAtMost);
    }

    private static Verdict verdict(final JsonNode golden, final Map<String, Object> variables) {
        final String template = golden.get("template").asText();
        try {
            final String text = render(template, variables);
            return golden.has("text") && text.equals(golden.get("text").asText()) ? Verdict.EQUAL : Verdict.DIFFERENT;
        } catch (final TemplateFault fault) {
            return switch (fault.kind()) {
                case UNSUPPORTED -> Verdict.REFUSED;
                case RAISED ->
                    golden.has("raised") && golden.get("raised").asText().equals(fault.getMessage())
                            ? Verdict.EQUAL
                            : Verdict.DIFFERENT;
                case SYNTAX, FAILED -> golden.has("error") ? Verdict.EQUAL : Verdict.DIFFERENT;
                case LIMIT, CANCELLED -> Verdict.DIFFERENT;
            };
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\n{% if false %}{{ 'x' | nosuch }}{% endif %}",
                "a\n{% if false %}{{ 'x' is nosuch }}{% endif %}",
                "a\n{% if false %}{{ nosuch('x') }}{% endif %}",
                "a\n{% if false %}{{ 'x'.nosuch() }}{% endif %}",
                "a\n{% if false %}{{ messages | map('nosuch') | list }}{% endif %}",
                "a\n{% if false %}{{ messages | selectattr('role', 'nosuch') | list }}{% endif %}",
                "a\n{% if false %}{% include 'nosuch' %}{% endif %}",
                "a\n{% if false %}{{ strftime_now('%Q nosuch') }}{% endif %}",
                "a\n{% if false %}{{ pad_token }}{# nosuch #}{% endif %}"
            })
    void shouldRefuseAnUnknownNameByLineWhereverItStands(final String template) {
        final TemplateFault fault = fault(template);

        assertThat(fault.kind()).isEqualTo(TemplateFault.Kind.UNSUPPORTED);
        assertThat(fault.getMessage()).contains("line 2").containsPattern("nosuch|include|%Q|pad_token");
    }

    @Test
    void shouldSayTheLineOfAMistake() {
        assertThat(fault("a\nb\n{% if true %}").getMessage()).contains("'if' is not closed");
        assertThat(fault("a\nb\n{{ 1 + }}").getMessage()).startsWith("line 3:");
        assertThat(fault("a\n{% nosuch %}").getMessage()).isEqualTo("line 2: unknown tag 'nosuch'");
    }

    @Test
    void shouldEndARenderingThatNobodyWaitsFor() {
        final Template template = Template.parse(
                "{% for a in range(90000) %}{% for b in range(90000) %}{% set x = a %}{% endfor %}{% endfor %}",
                variables(null).keySet(), () -> NOW);
        final int[] asked = new int[1];

        assertThat(catchFault(() ->
                                template.render(variables(null), RenderLimits.forOutput(1000), () -> ++asked[0] > 3))
                        .kind())
                .isEqualTo(TemplateFault.Kind.CANCELLED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{{ 'x' * 999999999999 }}",
                "{{ 'x' | center(1000000000) }}",
                "{{ [1] * 999999999999 }}",
                "{{ '%999999d' % 1 }}",
                "{% set ns = namespace(s='0123456789') %}{% for i in range(60) %}"
                        + "{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
                "{% set ns = namespace(l=[1, 2]) %}{% for i in range(60) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
                "{% set ns = namespace(l=[1]) %}{% for i in range(200) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
                "{% for i in range(9000) %}0123456789{% endfor %}"
            })
    void shouldStayWithinItsLimits(final String template) {
        assertThat(fault(template).kind()).isEqualTo(TemplateFault.Kind.LIMIT);
    }

    @Test
    void shouldRefuseANestingTooDeep() {
        assertThat(fault("{{ " + "(".repeat(500) + "1" + ")".repeat(500) + " }}")
                        .kind())
                .isEqualTo(TemplateFault.Kind.LIMIT);
        assertThat(fault("{{ " + "- ".repeat(500) + "1 }}").kind()).isEqualTo(TemplateFault.Kind.LIMIT);
        assertThat(fault("{{ 1" + " + 1".repeat(5000) + " }}").kind()).isEqualTo(TemplateFault.Kind.LIMIT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'<u>' + c + '</u>';<u>| A b<u>c |</u>",
                "c | trim | upper;|A B<U>C|",
                "c[1:-1][0];|A|",
                "c.split('<u>')[-1] ~ '<u>';|c |<u>",
                "c | replace('<u>', '<u>');| A b|<u>|c |",
                "(c ~ '<s>') | tojson;\"| A b<u>c |<s>\"",
                "c.title();| A B<U>C |",
                "'%s<s>%s' % (c | trim, 1);|A b<u>c|<s>1",
                "[c, '<s>'] | join;| A b<u>c |<s>",
                "c | list | first ~ (c | list)[1];| A|",
                "{'k': c};{'k': '| A b<u>c |'}",
                "c | indent(2, true);  | A b<u>c |",
                "'{}<s>'.format(c);| A b<u>c |<s>",
                "'<' ~ c[4:6] ~ '>';<|<u|>",
                "strftime_now(c) ~ '<s>';| A b<u>c |<s>",
                "c | urlencode;|%20A%20b%3Cu%3Ec%20|",
                "{c: 1} | tojson;{\"| A b<u>c |\": 1}"
            })
    void shouldKnowWhoWroteEachCharacterWhateverIsDoneWithIt(final String expression, final String expected) {
        final Map<String, Object> variables = Map.of("c", Text.foreign(" A b<u>c "));
        final Text text = Template.parse("{{ " + expression + " }}", variables.keySet(), () -> NOW)
                .render(variables, RenderLimits.forOutput(1000), () -> false);
        final StringBuilder marked = new StringBuilder();
        text.stretches().forEach(s -> marked.append(s.foreign() ? "|" + s.text() + "|" : s.text()));

        assertThat(marked.toString().strip()).isEqualTo(expected.strip());
    }

    private static String render(final String template, final Map<String, Object> variables) {
        return Template.parse(template, variables.keySet(), () -> NOW)
                .render(variables, RenderLimits.forOutput(1 << 20), () -> false)
                .value();
    }

    private static TemplateFault fault(final String template) {
        final Map<String, Object> variables = variables(null);
        return catchFault(() -> Template.parse(template, variables.keySet(), () -> NOW)
                .render(variables, RenderLimits.forOutput(50_000), () -> false));
    }

    private static TemplateFault catchFault(final Runnable work) {
        try {
            work.run();
        } catch (final TemplateFault fault) {
            return fault;
        }
        throw new AssertionError("nothing was refused");
    }

    private static Map<String, Object> variables(final @Nullable JsonNode messages) {
        final List<Object> list = new ArrayList<>();
        if (messages != null) {
            for (final JsonNode message : messages) {
                final Map<String, Object> map = new LinkedHashMap<>();
                map.put("role", message.get("role").asText());
                map.put("content", Text.foreign(message.get("content").asText()));
                list.add(map);
            }
        }
        final Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("messages", list);
        variables.put("tools", null);
        variables.put("documents", null);
        variables.put("add_generation_prompt", true);
        variables.put("bos_token", "<s>");
        variables.put("eos_token", "</s>");
        return variables;
    }
}
