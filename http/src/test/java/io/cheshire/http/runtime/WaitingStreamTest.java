package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cheshire.http.protocol.HttpLimits;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A stream that has nothing to send says so: clients and proxies between give up on silence. */
class WaitingStreamTest {
    private static final String BODY = "{\"prompt\":\"abc\",\"max_tokens\":3,\"stream\":true}";
    private static final String COMPLETION = "/v1/completions";

    private final HttpTestServer server = new HttpTestServer(
            config -> config.withLimits(config.limits()
                    .withTimeouts(new HttpLimits.Timeouts(5_000, 5_000, 10_000, 5_000, 20_000, 1_000, 200))
                    .withAnswers(new HttpLimits.Answers(64 << 20, 256 << 20, 100, 150))),
            new ByteText());

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void shouldSendHeadersAndCommentsWhileTheFirstTokenIsFar() throws Exception {
        server.engine.permits = new Semaphore(0);
        try (RawClient client = new RawClient(server.port())) {
            client.post(COMPLETION, BODY);
            final BufferedReader reader =
                    new BufferedReader(new InputStreamReader(client.socket.getInputStream(), StandardCharsets.UTF_8));
            assertThat(reader.readLine()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(until(reader, ": waiting")).contains("text/event-stream");
            until(reader, ": waiting");
            until(reader, ": waiting");
            server.engine.permits.release(100);
            assertThat(until(reader, "data: [DONE]")).contains("\"text\":\"a\"", "\"text\":\"c\"");
        }
    }

    @Test
    void shouldSayNothingOfWaitingWhenTokensCome() throws Exception {
        assertThat(server.post(COMPLETION, BODY).body())
                .doesNotContain("waiting")
                .endsWith("data: [DONE]\n\n");
    }

    @Test
    void shouldEndAStreamThatHasWaitedWithAnErrorEvent() throws Exception {
        server.engine.permits = new Semaphore(0);
        try (RawClient client = new RawClient(server.port())) {
            client.post(COMPLETION, BODY);
            final BufferedReader reader =
                    new BufferedReader(new InputStreamReader(client.socket.getInputStream(), StandardCharsets.UTF_8));
            until(reader, ": waiting");
            server.engine.failAfter = 1;
            server.engine.permits.release(1);
            until(reader, "event: error");
            assertThat(until(reader, "data: ")).contains("expert_unavailable");
        }
    }

    @Test
    void shouldCancelWhenAClientHangsUpOnAStreamThatWaits() throws Exception {
        server.engine.permits = new Semaphore(0);
        try (RawClient client = new RawClient(server.port())) {
            client.post(COMPLETION, BODY);
            await("the sequence to run").until(() -> server.engine.running.get() == 1);
        }
        await("the sequence to be cancelled").until(() -> server.engine.cancelled.get() == 1);
    }

    @Test
    void shouldKeepAWholeAnswersStatusHoweverLongItWaits() throws Exception {
        server.engine.permits = new Semaphore(0);
        server.engine.failAfter = 1;
        try (RawClient client = new RawClient(server.port())) {
            client.post(COMPLETION, "{\"prompt\":\"abc\",\"max_tokens\":3}");
            await("the sequence to run").until(() -> server.engine.running.get() == 1);
            server.engine.permits.release(1);
            assertThat(client.read().status()).isEqualTo(503);
        }
    }

    /** Lines up to one that starts like this, that one included. */
    private static String until(final BufferedReader reader, final String start) throws Exception {
        final StringBuilder lines = new StringBuilder();
        while (true) {
            final String line = reader.readLine();
            assertThat(line).as("after %s", lines).isNotNull();
            lines.append(line).append('\n');
            if (line.startsWith(start)) {
                return lines.toString();
            }
        }
    }
}
