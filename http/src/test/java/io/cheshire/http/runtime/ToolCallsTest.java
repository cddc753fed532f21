package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.router.core.grammar.Grammar;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a request with tools lets its answer be, and what its client gets of it. */
class ToolCallsTest {
    private static final String CHAT = "/v1/chat/completions";

    private final HttpTestServer server = HttpTestServer.plain();

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> ask(final String parameters, final String members) throws Exception {
        return server.post(
                CHAT,
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Go.\"}],\"tools\":[{\"type\":\"function\",\"function\":"
                        + "{\"name\":\"go\",\"parameters\":" + parameters + members + "}}],"
                        + "\"tool_choice\":\"required\",\"max_tokens\":1}");
    }

    private boolean takes(final String arguments) {
        final Grammar grammar =
                Objects.requireNonNull(server.engine.requests.getLast().rules().grammar());
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
}
