package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.util.internal.PlatformDependent;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** HTTP/1 cases that are more than one write: endless input, slow input, pipelines, storms of resets. */
class Http1LoadIT {
    private static final HttpTestServer SERVER = new HttpTestServer(
            config -> config.withLimits(config.limits().withTimeouts(Http1CasesTest.SHORT)), new ByteText());
    private static final int HEADER_MEBIBYTES = 1024;
    private static final int RESETS = 10_000;

    /** Buffers come from a pool that grows by 4 MiB chunks, one or two a thread. */
    private static final long MOST_BUFFERED_BYTES = 64L << 20;

    private static final String GET = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String GET_NONE = "GET /none HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String CHUNKED_HEAD = String.join(
            "\r\n",
            "POST /tokenize HTTP/1.1",
            "Host: a",
            "Content-Type: application/json",
            "Transfer-Encoding: chunked",
            "",
            "");
    private static final String STREAM = "{\"prompt\":\"abc\",\"max_tokens\":50,\"stream\":true}";

    @AfterAll
    static void close() {
        SERVER.close();
    }

    @Test
    void shouldRefuseAnEndlessHeaderAtTheLimit() throws Exception {
        try (RawClient client = new RawClient(SERVER.port())) {
            final byte[] part = "a".repeat(1 << 20).getBytes(StandardCharsets.ISO_8859_1);
            final long before = PlatformDependent.usedDirectMemory();
            client.send("GET /health HTTP/1.1\r\nHost: a\r\nX: ");
            for (int i = 0; i < HEADER_MEBIBYTES; i++) {
                client.send(part);
            }
            assertThat(PlatformDependent.usedDirectMemory() - before)
                    .as("memory that 1 GiB of header left behind")
                    .isLessThan(MOST_BUFFERED_BYTES);
            assertThat(client.read().status()).isEqualTo(431);
        }
    }

    @Test
    void shouldRefuseAnEndlessChunkedBodyAtTheLimit() throws Exception {
        try (RawClient client = new RawClient(SERVER.port())) {
            client.send(CHUNKED_HEAD);
            final String chunk = "10000\r\n" + "a".repeat(65_536) + "\r\n";
            for (int i = 0; i < 40; i++) {
                client.send(chunk);
            }
            assertThat(client.read().status()).isEqualTo(413);
        }
    }

    @Test
    void shouldServeAThousandPipelinedRequestsInOrder() throws Exception {
        try (RawClient client = new RawClient(SERVER.port())) {
            client.send((GET + GET_NONE).repeat(500));
            for (int i = 0; i < 1_000; i++) {
                assertThat(client.read().status()).isEqualTo(i % 2 == 0 ? 200 : 404);
            }
        }
    }

    @Test
    void shouldServeASecondRequestAfterTheStreamBeforeIt() throws Exception {
        try (RawClient client = new RawClient(SERVER.port())) {
            client.post("/v1/completions", STREAM);
            client.send(GET);
            assertThat(client.read().body()).endsWith("data: [DONE]\n\n");
            assertThat(client.read().status()).isEqualTo(200);
        }
    }

    @Test
    void shouldCutAConnectionThatPipelinesTooMuchBehindAStream() throws Exception {
        final Semaphore permits = new Semaphore(1);
        SERVER.engine.permits = permits;
        try (RawClient client = new RawClient(SERVER.port())) {
            client.post("/v1/completions", STREAM);
            await("the stream to begin")
                    .until(() -> SERVER.engine.running.get() == 1 && permits.availablePermits() == 0);
            client.send(GET.repeat(4_000));
            await("the sequence to be cancelled").until(() -> SERVER.engine.running.get() == 0);
        } finally {
            SERVER.engine.permits = null;
        }
    }

    @Test
    void shouldCloseAConnectionWhoseHeadersTrickle() throws Exception {
        try (RawClient client = new RawClient(SERVER.port())) {
            client.send("GET /health HTTP/1.1\r\n");
            await("the header deadline").until(() -> {
                client.send("X");
                return SERVER.rejected("header_timeout") > 0;
            });
            assertThat(client.read().status()).isEqualTo(408);
        }
    }

    @Test
    void shouldCloseIdleConnections() throws Exception {
        try (RawClient idle = new RawClient(SERVER.port())) {
            idle.send(GET);
            assertThat(idle.read().status()).isEqualTo(200);
            assertThat(idle.isClosed()).isTrue();
        }
    }

    @Test
    void shouldForgetConnectionsThatAreReset() throws Exception {
        for (int i = 0; i < RESETS; i++) {
            try (RawClient client = new RawClient(SERVER.port())) {
                client.send(i % 3 == 0 ? "GET /he" : GET);
                if (i % 2 == 0) {
                    client.socket.shutdownOutput();
                }
                client.reset();
            } catch (final SocketException refused) {
                // Above the limit of open connections: the server is behind with forgetting, which is what is awaited.
                awaitNoConnections();
            }
        }
        awaitNoConnections();
        try (RawClient client = new RawClient(SERVER.port())) {
            client.send(GET);
            assertThat(client.read().status()).isEqualTo(200);
        }
    }

    private static void awaitNoConnections() {
        await("all connections to be gone").until(() -> SERVER.server.connections() == 0);
    }
}
