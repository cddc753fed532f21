package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.http.protocol.Cors;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OPTIONS, and what a web page may do. */
class BrowserTest {
    private static final String PAGE = "https://chat.example";
    private static final String METHOD = "access-control-request-method";
    private static final String HEADERS = "access-control-request-headers";
    private static final String ALLOWED = "access-control-allow-origin";

    private static final HttpTestServer OFF = HttpTestServer.plain();
    private static final HttpTestServer ON = new HttpTestServer(
            config -> config.withKeys(List.of(new ApiConfig.ApiKey("a", "sk-1")))
                    .withAccess(new ApiConfig.Access(List.of("a"), new Cors(List.of(PAGE)), false)),
            new ByteText());

    @AfterAll
    static void stop() {
        OFF.close();
        ON.close();
    }

    @Test
    void shouldAnswerOptionsAfterAPreflightOnBothPorts() throws Exception {
        for (final int port : new int[] {OFF.port(), OFF.ops.port()}) {
            final String path = port == OFF.port() ? "/v1/models" : "/metrics";
            for (int i = 0; i < 3; i++) {
                final HttpResponse<String> preflight =
                        OFF.ask(port, "OPTIONS", path, "origin", "http://a.example", METHOD, "GET");
                assertThat(preflight.statusCode()).isEqualTo(403);
                assertThat(preflight.body()).contains(port == OFF.port() ? Cors.SETTING : "operations listener");
                assertThat(preflight.headers().firstValue(ALLOWED)).isEmpty();
                final HttpResponse<String> plain = OFF.ask(port, "OPTIONS", path);
                assertThat(plain.statusCode()).isEqualTo(204);
                assertThat(plain.headers().firstValue("allow")).hasValue("GET, HEAD, OPTIONS");
            }
        }
        assertThat(OFF.rejected("internal_error")).isZero();
    }

    @Test
    void shouldAnswerTheHealthChecksOfProxies() throws Exception {
        for (final String start : new String[] {"OPTIONS * HTTP/1.1\r\nHost: a", "OPTIONS / HTTP/1.0"}) {
            try (RawClient client = new RawClient(OFF.port())) {
                client.send(start + "\r\n\r\n");
                assertThat(client.read().status()).isEqualTo(204);
            }
        }
        try (Http2Client client = new Http2Client(OFF.port())) {
            client.frame(
                    Http2Client.HEADERS,
                    5,
                    1,
                    Http2Client.headers(":method", "OPTIONS", ":scheme", "http", ":path", "*", ":authority", "a"));
            assertThat(client.outcome()).isEqualTo("204");
        }
    }

    @Test
    void shouldAnswerAPreflightOfAKnownPageWithoutAKey() throws Exception {
        final HttpResponse<String> preflight = ON.ask(
                ON.port(),
                "OPTIONS",
                "/v1/chat/completions",
                "origin",
                PAGE,
                METHOD,
                "POST",
                HEADERS,
                "authorization,content-type,x-stainless-os");

        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.headers().firstValue(ALLOWED)).hasValue(PAGE);
        assertThat(preflight.headers().firstValue("access-control-allow-methods"))
                .hasValue("POST, OPTIONS");
        assertThat(preflight.headers().firstValue("access-control-allow-headers"))
                .hasValue("authorization,content-type,x-stainless-os");
        assertThat(preflight.headers().firstValue("vary")).hasValue("origin");
    }

    @Test
    void shouldRefuseAnUnknownPage() throws Exception {
        final HttpResponse<String> preflight =
                ON.ask(ON.port(), "OPTIONS", "/v1/completions", "origin", "https://evil.example", METHOD, "POST");

        assertThat(preflight.statusCode()).isEqualTo(403);
        assertThat(preflight.body()).contains("https://evil.example", Cors.SETTING, "origin_not_allowed");
        assertThat(preflight.headers().firstValue(ALLOWED)).isEmpty();
    }

    @Test
    void shouldLetAKnownPageReadEveryAnswer() throws Exception {
        final String[] with = {"origin", PAGE, "authorization", "Bearer sk-1"};
        for (final HttpResponse<String> response : List.of(
                ON.post("/v1/completions", "{\"prompt\":\"a\"}", with),
                ON.post("/v1/completions", "{\"prompt\":\"a\",\"stream\":true}", with),
                ON.post("/v1/completions", "{\"prompt\":7}", with),
                ON.post("/v1/completions", "{\"prompt\":\"a\"}", "origin", PAGE),
                ON.get(ON.port(), "/v1/models", with),
                ON.get(ON.port(), "/none", with))) {
            assertThat(response.headers().firstValue(ALLOWED))
                    .as(response.body())
                    .hasValue(PAGE);
            assertThat(response.headers().firstValue("access-control-expose-headers"))
                    .hasValue("*");
        }
        assertThat(ON.get(ON.ops.port(), "/health", "origin", PAGE).headers().firstValue(ALLOWED))
                .isEmpty();
    }

    @Test
    void shouldLetEveryPageInOnlyWhereThatIsSaid() {
        assertThat(new Cors(List.of("*")).allowed("http://any.example")).isEqualTo("*");
        assertThat(new Cors(List.of(PAGE)).allowed("http://any.example")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat.example", "https://chat.example/", "https://*.example/x", ""})
    void shouldRefuseWhatIsNoOrigin(final String origin) {
        assertThatThrownBy(() -> new Cors(List.of(origin))).hasMessageContaining(Cors.SETTING);
    }
}
