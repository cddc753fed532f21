package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.router.core.grammar.Grammar;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request with tools lets its answer be, and what its client gets of it. */
class ToolCallsTest {
    private static final String CHAT = "/v1/chat/completions";

    private static final String PEOPLE = "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"name\":"
            + "{\"type\":\"string\"},\"age\":{\"type\":\"integer\"}},\"required\":[\"name\",\"age\"]}}";

    private static final HttpTestServer SERVER = HttpTestServer.plain();

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static HttpResponse<String> ask(final String parameters, final String members) throws Exception {
        return SERVER.post(
                CHAT,
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Go.\"}],\"tools\":[{\"type\":\"function\","
                        + "\"function\":{\"name\":\"go\",\"parameters\":" + parameters + members + "}}],"
                        + "\"tool_choice\":\"required\",\"max_tokens\":1}");
    }

    private static boolean takes(final String arguments) {
        final Grammar grammar =
                Objects.requireNonNull(SERVER.engine.requests.getLast().rules().grammar());
        return grammar.matches(("<tool_call>{\"name\": \"go\", \"arguments\": " + arguments + "}</tool_call>")
                .getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldHoldArgumentsToAnObjectWhenTheirSchemaHasNoType() throws Exception {
        assertThat(ask("{\"properties\":{\"x\":{\"type\":\"integer\"}}}", "").statusCode())
                .isEqualTo(200);
        assertThat(takes("{\"x\": 1}")).isTrue();
        assertThat(takes("\"abc\"")).isFalse();
        assertThat(takes("null")).isFalse();
    }

    @Test
    void shouldRefuseAStrictToolThatTakesNoObjectAndHoldAnotherToAny() throws Exception {
        final HttpResponse<String> refused = ask("{\"type\":\"string\"}", ",\"strict\":true");
        assertThat(refused.statusCode()).isEqualTo(400);
        final JsonNode error = HttpTestServer.json(refused).get("error");
        assertThat(error.get("param").textValue()).isEqualTo("tools[0].parameters");
        assertThat(error.get("code").textValue()).isEqualTo("unsupported_format");
        assertThat(error.get("message").textValue())
                .isEqualTo("tools[0].parameters of go allows no object, which arguments always are; give it the type"
                        + " object and properties.");

        assertThat(ask("{\"type\":\"string\"}", "").statusCode()).isEqualTo(200);
        assertThat(takes("{\"y\": []}")).isTrue();
        assertThat(takes("\"abc\"")).isFalse();
    }

    /** Marks within a form's text are text, and so is what looks like a bare list of calls. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGiveTheWholeOfAFormedAnswerThatCallsNothing(final boolean hasToolMarks) throws Exception {
        final String people =
                "[{\"name\": \"Ann\", \"age\": 3}, {\"name\": \"<tool_call><|tool_call|>[\", \"age\": 0}]";
        final String asked = "\"tools\":[{\"type\":\"function\",\"name\":\"go\"}],\"max_tokens\":500";
        try (HttpTestServer formed = new HttpTestServer(config -> config, new ByteText(hasToolMarks))) {
            final List<Integer> script = new ArrayList<>(ByteText.ids(people));
            script.add(ByteText.END);
            formed.engine.script = script;
            final String chat = "{\"messages\":[{\"role\":\"user\",\"content\":\"Who?\"}],\"response_format\":"
                    + "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"p\",\"schema\":" + PEOPLE + "}}," + asked;
            final JsonNode choice =
                    HttpTestServer.json(formed.post(CHAT, chat + "}")).at("/choices/0");
            assertThat(choice.at("/message/content").textValue()).isEqualTo(people);
            assertThat(choice.at("/message").has("tool_calls")).isFalse();
            assertThat(choice.get("finish_reason").textValue()).isEqualTo("stop");
            final Grammar grammar = Objects.requireNonNull(
                    formed.engine.requests.getLast().rules().grammar());
            assertThat(grammar.matches(people.getBytes(StandardCharsets.UTF_8))).isTrue();

            final StringBuilder streamed = new StringBuilder();
            formed.post(CHAT, chat + ",\"stream\":true}")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("data: {"))
                    .forEach(line -> streamed.append(content(line)));
            assertThat(streamed).hasToString(people);

            final JsonNode response = HttpTestServer.json(formed.post(
                    "/v1/responses",
                    "{\"input\":\"Who?\",\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"p\",\"schema\":"
                            + PEOPLE + "}}," + asked.replace("max_tokens", "max_output_tokens") + "}"));
            assertThat(response.get("output")).hasSize(1);
            assertThat(response.at("/output/0/content/0/text").textValue()).isEqualTo(people);
        }
    }

    private static String content(final String line) {
        try {
            return HttpTestServer.MAPPER
                    .readTree(line.substring(6))
                    .at("/choices/0/delta/content")
                    .asText();
        } catch (final JsonProcessingException e) {
            throw new AssertionError(line, e);
        }
    }
}
