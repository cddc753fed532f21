package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cheshire.http.protocol.HttpLimits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** Clients that don't do their part: they take no reply, or take it a byte at a time, or send half a request. */
class SlowClientIT {
    private static final byte[] NO_WINDOW = {0, 4, 0, 0, 0, 0};
    private static final long STALL_MS = 3_000;
    private static final HttpLimits.Timeouts TIMEOUTS =
            new HttpLimits.Timeouts(20_000, 20_000, 60_000, 20_000, 60_000, STALL_MS, 200);
    /** Nobody is ended for it in time. */
    private static final HttpLimits.Timeouts LONG_STALL =
            new HttpLimits.Timeouts(20_000, 20_000, 600_000, 20_000, 600_000, 600_000, 200);

    private static final String GET = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final int CONNECTIONS = 1_024;
    private static final int OPS_CONNECTIONS = 64;

    private static HttpTestServer server(final HttpLimits.Timeouts timeouts) {
        return new HttpTestServer(config -> config.withLimits(config.limits().withTimeouts(timeouts)), new ByteText());
    }

    @Test
    void shouldServeTheNextClientWhileAllConnectionsGiveTheirRepliesNoWindow() throws Exception {
        try (HttpTestServer server = server(LONG_STALL);
                Crowd crowd = new Crowd()) {
            for (int i = 0; i < CONNECTIONS; i++) {
                crowd.add(noWindow(server.port())::close);
            }
            awaitServed(server.port());
            assertThat(server.rejected("write_stall")).isZero();
        }
    }

    @Test
    void shouldEndAllConnectionsThatGiveTheirRepliesNoWindow() throws Exception {
        try (HttpTestServer server = server(TIMEOUTS);
                Crowd crowd = new Crowd()) {
            for (int i = 0; i < OPS_CONNECTIONS; i++) {
                crowd.add(noWindow(server.port())::close);
            }
            await("all that take nothing to be gone")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> server.rejected("write_stall") > 0 && server.server.connections() == 0);
        }
    }

    @Test
    void shouldServeOperationsWhileAllTheirConnectionsWait() throws Exception {
        try (HttpTestServer server = server(TIMEOUTS);
                Crowd crowd = new Crowd()) {
            final int ops = server.ops.port();
            for (int i = 0; i < OPS_CONNECTIONS; i++) {
                crowd.add(noWindow(ops)::close);
            }
            awaitServed(ops);
            for (int i = 0; i < OPS_CONNECTIONS; i++) {
                final RawClient half = crowd.open(ops);
                half.send("POST /admin/v1/cluster/drain HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 100\r\n\r\n{\"no");
            }
            awaitServed(ops);
            for (int i = 0; i < OPS_CONNECTIONS; i++) {
                final RawClient half = crowd.open(ops);
                half.send("GET /health HTTP/1.1\r\nHo");
            }
            awaitServed(ops);
        }
    }

    @Test
    void shouldEndAHalfSentOperationAtItsDeadline() throws Exception {
        try (HttpTestServer server = server(new HttpLimits.Timeouts(500, 500, 60_000, 500, 60_000, STALL_MS, 200));
                RawClient half = new RawClient(server.ops.port())) {
            half.send("POST /admin/v1/cluster/drain HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 100\r\n\r\n{\"no");
            final RawClient.Response response = half.read();
            assertThat(response.status()).isEqualTo(408);
            assertThat(response.body()).contains("body_timeout");
            assertThat(half.isClosed()).isTrue();
        }
    }

    @Test
    void shouldCloseTheLongestIdleConnectionForANewOne() throws Exception {
        try (HttpTestServer server = server(TIMEOUTS);
                Crowd crowd = new Crowd()) {
            final int ops = server.ops.port();
            final List<RawClient> idle = new ArrayList<>();
            for (int i = 0; i < OPS_CONNECTIONS; i++) {
                final RawClient client = new RawClient(ops);
                crowd.add(client::close);
                idle.add(client);
                client.send(GET);
                assertThat(client.read().status()).isEqualTo(200);
            }
            final RawClient next = new RawClient(ops);
            crowd.add(next::close);
            next.send(GET);
            assertThat(next.read().status()).isEqualTo(200);
            assertThat(idle.getFirst().isClosed()).isTrue();
            idle.get(1).send(GET);
            assertThat(idle.get(1).read().status()).isEqualTo(200);
            assertThat(server.rejected("connection_made_room")).isEqualTo(1);
        }
    }

    @Test
    void shouldResetOnlyTheStreamWhoseReplyIsNotTaken() throws Exception {
        try (HttpTestServer server = server(TIMEOUTS);
                Http2Client client = new Http2Client(server.port(), NO_WINDOW)) {
            server.engine.permits = new Semaphore(0);
            final byte[] json = "{\"prompt\":\"ab\"}".getBytes(StandardCharsets.UTF_8);
            client.frame(Http2Client.HEADERS, Http2Client.END_HEADERS, 1, Http2Client.post("/v1/completions"));
            client.frame(Http2Client.DATA, Http2Client.END_STREAM, 1, json);
            client.frame(Http2Client.HEADERS, 5, 3, Http2Client.get("/health"));
            assertThat(client.outcome()).as("headers need no window").isEqualTo("200");
            assertThat(client.outcome()).as("stream 3").isEqualTo("reset");
            await("stream 1 to run on alone").until(() -> server.server.runningRequests() == 1);
            server.engine.permits.release(100);
            assertThat(client.outcome()).as("stream 1").isEqualTo("200");
        }
    }

    @Test
    void shouldEndAReaderThatTakesAByteNowAndThen() throws Exception {
        try (HttpTestServer server = server(TIMEOUTS);
                Http2Client client = new Http2Client(server.port(), NO_WINDOW)) {
            client.frame(Http2Client.HEADERS, 5, 1, Http2Client.get("/v1/models"));
            await("the trickling stream to be ended")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> {
                        client.frame(Http2Client.WINDOW_UPDATE, 0, 1, new byte[] {0, 0, 0, 1});
                        return server.rejected("write_stall") > 0;
                    });
            await("its connection to be gone").until(() -> server.server.connections() == 0);
        }
    }

    @Test
    void shouldEndAReaderOfHttp1ThatTakesNothing() throws Exception {
        final HttpLimits.Connections small = new HttpLimits.Connections(100, 100, 16_384, 65_536);
        try (HttpTestServer server = new HttpTestServer(
                        config -> config.withLimits(
                                config.limits().withTimeouts(TIMEOUTS).withConnections(small)),
                        new ByteText(),
                        HttpTestServer.model(500_000, 0));
                RawClient slow = new RawClient(RawClient.plain(server.port(), 4096))) {
            slow.post("/tokenize", "{\"prompt\":\"" + "a".repeat(300_000) + "\"}");
            await("the reply to be given up")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> server.rejected("write_stall") == 1);
            await("the connection to be gone").until(() -> server.server.connections() == 0);
        }
    }

    /** Tries until it is served: where the server has no room yet, it closes. */
    private static void awaitServed(final int port) {
        await("a further client to be served").atMost(Duration.ofSeconds(60)).until(() -> {
            try (RawClient next = new RawClient(port)) {
                next.send(GET);
                return next.read().status() == 200;
            } catch (final IOException refused) {
                return false;
            }
        });
    }

    private static Http2Client noWindow(final int port) throws IOException {
        final Http2Client client = new Http2Client(port, NO_WINDOW);
        client.frame(Http2Client.HEADERS, 5, 1, Http2Client.get("/health"));
        return client;
    }
}
