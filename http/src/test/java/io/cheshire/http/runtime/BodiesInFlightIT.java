package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cheshire.http.protocol.HttpLimits;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Bodies that many send at once, and few end. */
class BodiesInFlightIT {
    private static final long BUDGET = 8L << 20;
    private static final int BODY = (2 << 20) - 1;
    private static final int STREAMS = 30;
    private static final int FRAME = 16_384;

    @Test
    void shouldServeTheNextClientWhileOthersHoldAllTheMemoryThereIsForBodies() throws Exception {
        try (HttpTestServer server = server();
                Http2Client first = new Http2Client(server.port());
                Http2Client second = new Http2Client(server.port())) {
            for (final Http2Client client : List.of(first, second)) {
                final Thread sender = Thread.ofVirtual().start(() -> halfBodies(client));
                await("the bodies to press").until(() -> !sender.isAlive() || held(server) > BUDGET / 2);
            }
            for (int i = 0; i < 20; i++) {
                final HttpResponse<String> response = server.post("/v1/completions", "{\"prompt\":\"abc\"}");
                assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
                assertThat(held(server)).isLessThanOrEqualTo(BUDGET);
            }
        }
    }

    @Test
    void shouldAnswerWhomItCannotTakeAndForgetThem() throws Exception {
        try (HttpTestServer server = server();
                Crowd crowd = new Crowd()) {
            final List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                final RawClient client = crowd.open(server.port());
                clients.add(client);
                client.send("POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + BODY + "\r\n\r\n");
                client.send("a".repeat(1 << 20));
            }
            await("some to be refused").until(() -> server.rejected("bodies_in_flight") >= 4);
            assertThat(held(server)).isLessThanOrEqualTo(BUDGET);
            int refused = 0;
            for (final RawClient client : clients) {
                client.socket.setSoTimeout(200);
                try {
                    final RawClient.Response response = client.read();
                    if (response.status() == 503) {
                        assertThat(response.headers().toLowerCase(Locale.ROOT)).contains("retry-after: ");
                        assertThat(response.body()).contains("cheshire.router.http.limits.bodies-in-flight");
                        refused++;
                    }
                } catch (final SocketTimeoutException stillTaken) {
                    client.reset();
                }
            }
            assertThat(refused).isGreaterThanOrEqualTo(4);
            await("all bytes to be given back").until(() -> held(server) == 0);
        }
    }

    @Test
    void shouldTakeALargeBodyInTinyPieces() throws Exception {
        try (HttpTestServer server = server();
                RawClient client = new RawClient(server.port())) {
            final String head = String.join(
                    "\r\n",
                    "POST /tokenize HTTP/1.1",
                    "Host: a",
                    "Content-Type: application/json",
                    "Transfer-Encoding: chunked",
                    "",
                    "");
            client.send(head);
            final String body = "{\"prompt\":\"" + "a".repeat(3_000) + "\"}";
            for (int i = 0; i < body.length(); i++) {
                client.send("1\r\n" + body.charAt(i) + "\r\n");
            }
            client.send("0\r\n\r\n");
            assertThat(client.read().body()).contains("\"count\":3000");
        }
    }

    private static HttpTestServer server() {
        return new HttpTestServer(
                config ->
                        config.withLimits(config.limits().withTotals(new HttpLimits.Totals(64, BUDGET, BUDGET, 4096))),
                new ByteText());
    }

    private static double held(final HttpTestServer server) {
        return server.registry.get("cheshire.http.bodies.bytes").gauge().value();
    }

    /** Each stream sends all of a body but its end. */
    private static void halfBodies(final Http2Client client) {
        try {
            for (int stream = 1; stream < 2 * STREAMS; stream += 2) {
                client.frame(Http2Client.HEADERS, Http2Client.END_HEADERS, stream, Http2Client.post("/v1/completions"));
                final byte[] piece = "a".repeat(FRAME).getBytes(StandardCharsets.ISO_8859_1);
                for (int sent = 0; sent + FRAME < BODY / 2; sent += FRAME) {
                    client.frame(Http2Client.DATA, 0, stream, piece);
                }
            }
        } catch (final IOException closed) {
            // It made room.
        }
    }
}
