package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a newcomer meets in the first hour. */
class HelpfulErrorsTest {
    private static final String ID = "x-request-id";
    private static final HttpTestServer SERVER =
            new HttpTestServer(config -> config.withKeys(List.of(new ApiConfig.ApiKey("a", "sk-1"))), new ByteText());

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/chat/completions           | Did you mean /v1/chat/completions?",
                "/openai/v1/chat/completions | Did you mean /v1/chat/completions?",
                "/v1/v1/models               | Did you mean /v1/models?",
                "/v1/completion              | Did you mean /v1/completions?",
                "/v1/chat/completion         | Did you mean /v1/chat/completions?",
                "/healthz                    | Did you mean /health?",
                "/models                     | Did you mean /v1/models?",
                "/v1/moderations             | /v1/moderations is not implemented",
                "/v1/threads/1               | POST /v1/chat/completions",
                "/v1/embeddings              | needs a model of embeddings",
                "/embeddings                 | needs a model of embeddings",
                "/classify                   | structured_outputs.choice",
                "/pooling                    | echo and logprobs",
                "/score                      | echo and logprobs",
                "/rerank                     | for each document",
                "/v2/rerank                  | for each document",
                "/metrics                    | on the operations port",
                "/admin/v1/cluster           | on the operations port",
                "/openapi.json               | GET / lists the endpoints",
                "/v1                         | GET / lists the endpoints"
            })
    void shouldNameThePathAndTheNearestEndpoint(final String path, final String words) throws Exception {
        final HttpResponse<String> response = SERVER.get(SERVER.port(), path);

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).contains("There is no " + path, words, "\"code\":\"not_found\"");
    }

    @Test
    void shouldNotRepeatEndlessOrUnprintablePaths() throws Exception {
        final HttpResponse<String> response =
                SERVER.get(SERVER.port(), "/" + "a".repeat(3000) + "%C3%A4%22%3Cscript%3E");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).hasSizeLessThan(400).contains("…");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET    | /v1/chat/completions | POST, OPTIONS",
                "PUT    | /v1/completions      | POST, OPTIONS",
                "DELETE | /v1/models           | GET, HEAD, OPTIONS",
                "DELETE | /v1/models/x         | GET, HEAD, OPTIONS",
                "POST   | /health              | GET, HEAD, OPTIONS",
                "PATCH  | /                    | GET, HEAD, OPTIONS"
            })
    void shouldSayWhichMethodsThereAre(final String method, final String path, final String allow) throws Exception {
        final HttpResponse<String> response = SERVER.ask(SERVER.port(), method, path);

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("allow")).hasValue(allow);
        assertThat(response.body()).contains(method, allow, "method_not_allowed");
        assertThat(SERVER.ask(SERVER.port(), "OPTIONS", path).headers().firstValue("allow"))
                .hasValue(allow);
    }

    @ParameterizedTest
    @CsvSource({"/health/", "//health", "/ready/", "/version", "/version/", "/"})
    void shouldBeLenientWithSlashesAndAnswerNewcomers(final String path) throws Exception {
        try (RawClient client = new RawClient(SERVER.port())) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.read().status()).isEqualTo(200);
        }
    }

    @Test
    void shouldServeTheModelUnderATrailingSlash() throws Exception {
        for (final String path :
                new String[] {"/v1/models/", "/v1/models/cheshire-test", "/v1/models/cheshire-test/"}) {
            assertThat(SERVER.get(SERVER.port(), path, "authorization", "Bearer sk-1")
                            .body())
                    .as(path)
                    .contains(HttpTestServer.MODEL);
        }
        assertThat(SERVER.post("/v1/completions/", "{\"prompt\":\"a\"}", "authorization", "Bearer sk-1")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void shouldListItsEndpoints() throws Exception {
        assertThat(SERVER.get(SERVER.port(), "/").body())
                .contains("\"POST /v1/chat/completions\"", "\"GET /v1/models/NAME\"", "\"version\"");
        assertThat(SERVER.get(SERVER.ops.port(), "/").body())
                .contains("\"POST /admin/v1/cluster/drain\"", "\"GET /metrics\"");
    }

    @Test
    void shouldGiveEveryResponseARequestId() throws Exception {
        final String[] key = {"authorization", "Bearer sk-1"};
        for (final HttpResponse<String> response : List.of(
                SERVER.get(SERVER.port(), "/health"),
                SERVER.get(SERVER.ops.port(), "/metrics"),
                SERVER.get(SERVER.port(), "/v1/models"),
                SERVER.get(SERVER.port(), "/v1/models", key),
                SERVER.get(SERVER.port(), "/none"),
                SERVER.ask(SERVER.port(), "PUT", "/health"),
                SERVER.ask(SERVER.port(), "OPTIONS", "/health"),
                SERVER.post("/v1/completions", "{\"prompt\":\"a\"}", key),
                SERVER.post("/v1/completions", "{\"prompt\":\"a\",\"stream\":true}", key),
                SERVER.post("/v1/completions", "{}", key))) {
            assertThat(response.headers().allValues(ID)).as(response.body()).hasSize(1);
        }
        for (final String bytes : new String[] {
            "GET /health HTTP/1.1\r\n\r\n",
            "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /tokenize HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
            "GET /%2 HTTP/1.1\r\nHost: a\r\n\r\n"
        }) {
            try (RawClient client = new RawClient(SERVER.port())) {
                client.send(bytes);
                assertThat(client.read().headers()).as(bytes).contains(ID + ": ");
            }
        }
    }
}
