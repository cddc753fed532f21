package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.runtime.EventStream;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.chaos.runtime.ServeProcess;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** SIGTERM: no new requests, running ones finish, exit status 0. */
class SigtermIT {
    private static final int TOKENS = 480;

    @Test
    void shouldFinishARunningStreamAndExitWithZeroWhenTerminated() throws Exception {
        try (ServeProcess server = ServeProcess.start("--nodes", "4");
                JsonClient client = new JsonClient(server.port())) {
            final ObjectNode request =
                    Requests.streamed(Requests.greedy(List.of(846, 415, 2880, 371, 792, 600, 2730, 381), TOKENS));
            assertThat(client.get("/ready").status()).isEqualTo(200);
            try (EventStream stream = client.stream("/v1/completions", request)) {
                assertThat(stream.next()).isNotNull();

                server.terminate();

                await("not ready")
                        .atMost(Duration.ofSeconds(10))
                        // While the stream goes on.
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(10))
                        .until(() -> client.get("/ready").status() == 503);
                assertThat(client.get("/health").status())
                        .as("alive while it drains")
                        .isEqualTo(200);
                final JsonClient.Reply refused = client.post("/v1/completions", Requests.greedy(List.of(846, 415), 4));
                assertThat(refused.status()).as("a new request").isEqualTo(503);
                assertThat(refused.json().at("/error/type").textValue()).isEqualTo("service_unavailable_error");
                assertThat(server.isAlive()).isTrue();

                final List<JsonNode> chunks = stream.rest();
                final JsonNode usage = chunks.getLast().get("usage");
                assertThat(usage.get("completion_tokens").intValue()).isEqualTo(TOKENS);
                assertThat(chunks.get(chunks.size() - 2)
                                .at("/choices/0/finish_reason")
                                .textValue())
                        .isEqualTo("length");
            }
            assertThat(server.exitStatus(Duration.ofSeconds(30)))
                    .as("exit status; it wrote %s", server.output())
                    .isZero();
            assertThat(server.output())
                    .as("an orderly end is nothing to warn of")
                    .noneMatch(line -> line.contains(" ERROR ") || line.contains(" WARN "));
        }
    }
}
