package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.chaos.runtime.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Ten times as many clients as the server takes, all of which ask again at once when they are refused (F45). Every
 * answer is that of a quiet server, every refusal says when to come back, and afterwards all is as before.
 */
class RetryStormIT {
    private static final long SEED = Long.getLong("cheshire.seed", 45L);
    private static final int QUEUE = 4;
    private static final int RUNNING = 4;
    private static final int CLIENTS = 10 * (QUEUE + RUNNING);
    private static final int PROMPTS = 8;
    /** The engine says at most 60 s, and the edge spreads that over the same again. */
    private static final long MOST_RETRY_AFTER_SECONDS = 120;

    private final AtomicInteger refused = new AtomicInteger();

    @Test
    void shouldServeAllAndLeaveNothingBehindWhenRefusedClientsRetryAtOnce() throws Exception {
        final Map<String, Object> settings = Map.of(
                "cheshire.router.engine.queue-limit",
                QUEUE,
                "cheshire.router.engine.lanes",
                2,
                "cheshire.router.engine.max-sequences-per-lane",
                RUNNING / 2);
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), 2, settings)) {
            final List<ObjectNode> requests = requests();
            final List<List<Integer>> expected = new ArrayList<>();
            for (final ObjectNode request : requests) {
                expected.add(
                        tokens(server.api().post("/v1/completions", request).ok(), 0));
            }

            storm(server, requests, expected);

            System.out.println("retry storm, seed " + SEED + ": " + CLIENTS + " clients, " + refused + " refusals");
            assertThat(refused.get()).as("refusals: fewer is no storm").isGreaterThan(CLIENTS);
            server.awaitQuiet();
            for (int i = 0; i < requests.size(); i++) {
                final JsonNode answer =
                        server.api().post("/v1/completions", requests.get(i)).ok();
                assertThat(tokens(answer, 0)).as("answer after the storm").isEqualTo(expected.get(i));
            }
            RowLedger.of(server).assertBalanced();
        }
    }

    /** Every other one asks for two sequences: there may be room for the first alone. */
    private static List<ObjectNode> requests() {
        final Random random = new Random(SEED);
        final List<ObjectNode> requests = new ArrayList<>();
        for (int i = 0; i < PROMPTS; i++) {
            final ObjectNode request =
                    Requests.greedy(Requests.randomPrompt(random, 1 + random.nextInt(60)), 4 + random.nextInt(12));
            requests.add(request.put("n", 1 + i % 2));
        }
        return requests;
    }

    private void storm(final TestServer server, final List<ObjectNode> requests, final List<List<Integer>> expected)
            throws Exception {
        final List<Future<?>> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int client = 0; client < CLIENTS; client++) {
                final int prompt = client % PROMPTS;
                clients.add(threads.submit(() -> {
                    askUntilServed(server.api(), requests.get(prompt), expected.get(prompt));
                    return null;
                }));
            }
        }
        for (final Future<?> client : clients) {
            client.get();
        }
    }

    private void askUntilServed(final JsonClient api, final ObjectNode request, final List<Integer> expected)
            throws Exception {
        JsonClient.Reply reply = api.post("/v1/completions", request);
        while (reply.status() != 200) {
            assertThat(reply.status()).as("%s", reply).isEqualTo(429);
            assertThat(reply.json().at("/error/code").textValue()).isEqualTo("overloaded");
            assertThat(reply.retryAfterSeconds()).as("Retry-After").isBetween(1L, MOST_RETRY_AFTER_SECONDS);
            refused.incrementAndGet();
            reply = api.post("/v1/completions", request);
        }
        for (int choice = 0; choice < request.get("n").intValue(); choice++) {
            assertThat(tokens(reply.json(), choice)).as("choice %d", choice).isEqualTo(expected);
        }
    }

    private static List<Integer> tokens(final JsonNode answer, final int choice) {
        return Requests.ids(answer.at("/choices/" + choice + "/token_ids"));
    }
}
