package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.router.core.grammar.Grammar;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The members of vLLM's {@code structured_outputs}: each does what it says or is refused. */
class StructuredOutputTest {
    private static final String SCHEMA = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}}}";

    private final HttpTestServer server = HttpTestServer.plain();

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> ask(final String members) throws Exception {
        return server.post(
                "/v1/completions",
                "{\"prompt\":\"a\",\"max_tokens\":1,\"structured_outputs\":{\"json\":" + SCHEMA + "," + members + "}}");
    }

    private boolean takesOthers(final String members) throws Exception {
        assertThat(ask(members).statusCode()).isEqualTo(200);
        final Grammar grammar =
                Objects.requireNonNull(server.engine.requests.getLast().rules().grammar());
        assertThat(grammar.matches("{\"a\": 1}".getBytes(StandardCharsets.UTF_8)))
                .isTrue();
        return grammar.matches("{\"b\": 1}".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldTakeNoOtherPropertiesWhereTheRequestSaysSo() throws Exception {
        assertThat(takesOthers("\"disable_additional_properties\":true")).isFalse();
        assertThat(takesOthers("\"disable_additional_properties\":false,\"disable_fallback\":true,"
                        + "\"disable_any_whitespace\":false,\"whitespace_pattern\":null"))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"disable_any_whitespace", "whitespace_pattern", "grammar", "structural_tag"})
    void shouldRefuseWhatWouldChangeTheAnswerOtherwise(final String member) throws Exception {
        final String value = member.equals("disable_any_whitespace") ? "true" : "\"x\"";
        final HttpResponse<String> refused = ask("\"" + member + "\":" + value);
        assertThat(refused.statusCode()).isEqualTo(400);
        final JsonNode error = HttpTestServer.json(refused).get("error");
        assertThat(error.get("param").textValue()).isEqualTo("structured_outputs." + member);
        assertThat(error.get("code").textValue()).isEqualTo("unsupported_parameter");
    }

    /** A schema that comes as a text is read as strictly as the request it comes in. */
    @Test
    void shouldRefuseATextThatIsNotOneSchema() throws Exception {
        final List<String> texts = List.of(
                "{\"type\":\"object\"} {\"type\":\"string\"}",
                "{\"type\":\"object\"}]",
                "{\"type\":\"object\",\"type\":\"string\"}",
                "{\"type\":\"object\"");
        for (final String member : List.of("\"guided_json\":%s", "\"structured_outputs\":{\"json\":%s}")) {
            for (final String text : texts) {
                final HttpResponse<String> refused = complete(member, text);
                assertThat(refused.statusCode()).as(text).isEqualTo(400);
                final JsonNode error = HttpTestServer.json(refused).get("error");
                assertThat(error.get("param").textValue()).isIn("guided_json", "structured_outputs.json");
                assertThat(error.get("code").textValue()).isEqualTo("unsupported_format");
            }
            assertThat(complete(member, SCHEMA).statusCode()).isEqualTo(200);
        }
    }

    private HttpResponse<String> complete(final String member, final String schema) throws Exception {
        final String text = HttpTestServer.MAPPER.writeValueAsString(schema);
        return server.post("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":1," + member.formatted(text) + "}");
    }
}
