package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.0: ab, old proxies. */
class OldClientTest {
    private static final HttpTestServer SERVER = HttpTestServer.plain();
    private static final String WHOLE = "{\"prompt\":\"abc\",\"max_tokens\":3}";
    private static final String STREAM = "{\"prompt\":\"abc\",\"max_tokens\":3,\"stream\":true}";

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {WHOLE, STREAM, "{\"prompt\":7}"})
    void shouldGetNoChunksAndTheEndOfTheConnection(final String body) throws Exception {
        for (final String connection : new String[] {"", "Connection: close\r\n"}) {
            final String all = exchange("POST /v1/completions HTTP/1.0\r\n" + connection
                    + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);

            final String headers = all.substring(0, all.indexOf("\r\n\r\n")).toLowerCase(Locale.ROOT);
            final String content = all.substring(all.indexOf("\r\n\r\n") + 4);
            assertThat(headers).doesNotContain("transfer-encoding").contains("connection: close");
            if (body.equals(STREAM)) {
                assertThat(content).startsWith("data: {").endsWith("data: [DONE]\n\n");
            } else {
                assertThat(headers).contains("content-length: " + content.length());
                assertThat(content).startsWith("{").endsWith("}");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"GET /v1/models, ''", "POST /v1/completions, 1"})
    void shouldKeepTheConnectionWhereAskedToAndSaySo(final String start, final String hasBody) throws Exception {
        try (RawClient client = new RawClient(SERVER.port())) {
            for (int i = 0; i < 3; i++) {
                client.send(start + " HTTP/1.0\r\nConnection: Keep-Alive\r\n"
                        + (hasBody.isEmpty()
                                ? "\r\n"
                                : "Content-Type: application/json\r\nContent-Length: " + WHOLE.length() + "\r\n\r\n"
                                        + WHOLE));
                final RawClient.Response response = client.read();
                assertThat(response.status()).isEqualTo(200);
                assertThat(response.headers().toLowerCase(Locale.ROOT))
                        .contains("connection: keep-alive")
                        .contains("content-length: ")
                        .doesNotContain("transfer-encoding");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Keep-Alive", "close"})
    void shouldEndAStreamWithTheConnectionEvenWhereAskedToKeepIt(final String connection) throws Exception {
        final String all = exchange("POST /v1/completions HTTP/1.0\r\nConnection: " + connection
                + "\r\nContent-Type: application/json\r\nContent-Length: " + STREAM.length() + "\r\n\r\n" + STREAM);

        assertThat(all.toLowerCase(Locale.ROOT)).contains("connection: close").doesNotContain("transfer-encoding");
        assertThat(all).endsWith("data: [DONE]\n\n");
    }

    private static String exchange(final String bytes) throws Exception {
        try (RawClient client = new RawClient(SERVER.port())) {
            client.send(bytes);
            return new String(client.readBytesOrEnd(1 << 20), StandardCharsets.ISO_8859_1);
        }
    }
}
