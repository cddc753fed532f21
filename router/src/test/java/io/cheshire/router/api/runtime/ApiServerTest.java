package io.cheshire.router.api.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ApiServerTest {
    private final TestServer server = TestServer.plain();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void shouldAnswerChat() throws Exception {
        server.engine.script = ByteText.ids("Hello, grin.");
        final HttpResponse<String> response = server.post(
                "/v1/chat/completions",
                "{\"model\":\"cheshire-test\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"max_tokens\":12}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        final JsonNode body = TestServer.json(response);
        assertThat(body.at("/choices/0/message/content").textValue()).isEqualTo("Hello, grin.");
        assertThat(body.at("/choices/0/finish_reason").textValue()).isEqualTo("length");
        assertThat(body.at("/usage/total_tokens").intValue()).isEqualTo(15);
    }

    @Test
    void shouldStreamChat() throws Exception {
        server.engine.script = ByteText.ids("né 🐱");
        final HttpResponse<String> response = server.post(
                "/v1/chat/completions",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"max_tokens\":8,\"stream\":true,"
                        + "\"stream_options\":{\"include_usage\":true}}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).endsWith("data: [DONE]\n\n");
    }
}
