package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.runtime.EventStream;
import io.cheshire.chaos.runtime.JsonClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A few requests whose every answer is compared byte for byte, alone and among many others. */
final class Probes {
    private static final int NEIGHBOURS = 40;
    private static final int TOKENS = 24;

    /** Greedy and short, sampled with all neighbours' tricks, and long enough to be prefilled in several steps. */
    private static final List<ObjectNode> REQUESTS = requests();

    private Probes() {}

    private static List<ObjectNode> requests() {
        final ObjectNode question =
                Requests.greedy(List.of(4090, 748, 437, 665, 337, 259, 324, 1086, 334, 303, 4087, 4081), TOKENS);
        final ObjectNode sampled = Requests.greedy(List.of(846, 415, 2880, 371, 792, 600, 2730, 381), TOKENS);
        sampled.put("temperature", 0.9).put("top_p", 0.95).put("seed", 17).put("frequency_penalty", 0.3);
        final ObjectNode many = Requests.greedy(Requests.randomPrompt(new Random(3), 300), TOKENS);
        many.put("echo", true);
        final List<ObjectNode> requests = List.of(question, sampled, many);
        requests.forEach(request -> request.put("logprobs", 5));
        return requests;
    }

    /** The answers one after the other, nothing else running. */
    static List<String> answersAlone(final JsonClient api) throws Exception {
        final List<String> answers = new ArrayList<>();
        for (final ObjectNode request : REQUESTS) {
            answers.add(answer(api, request));
        }
        return answers;
    }

    /** Checks them alone, whole and as streams. */
    static void checkAlone(final JsonClient api, final List<String> expected) throws Exception {
        assertThat(answersAlone(api)).as("alone").isEqualTo(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(streamed(api, REQUESTS.get(i)))
                    .as("probe %d as a stream", i)
                    .isEqualTo(expected.get(i));
        }
    }

    /** Checks them, whole and as streams, among neighbours of mixed length and sampling, every other one a stream. */
    static void checkInCrowd(final JsonClient api, final List<String> expected, final long seed) throws Exception {
        final Random random = new Random(seed);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            final List<Future<Requests.Outcome>> crowd = new ArrayList<>();
            final List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < NEIGHBOURS; i++) {
                final ObjectNode body = Requests.random(random, 200, 32);
                crowd.add(clients.submit(() -> Requests.run(api, body)));
                if (i % 10 == 5) {
                    final boolean isStream = i % 20 == 5;
                    REQUESTS.forEach(request -> answers.add(
                            clients.submit(() -> isStream ? streamed(api, request) : answer(api, request))));
                }
            }
            for (int i = 0; i < answers.size(); i++) {
                final int probe = i % expected.size();
                assertThat(answers.get(i).get())
                        .as("probe %d in a crowd, seed %d", probe, seed)
                        .isEqualTo(expected.get(probe));
            }
            for (final Future<Requests.Outcome> neighbour : crowd) {
                assertThat(neighbour.get().tokenIds()).isNotEmpty();
            }
        }
    }

    /** Ids and log-probabilities as JSON: a float's shortest decimal form tells every two floats apart. */
    private static String answer(final JsonClient api, final ObjectNode request) throws Exception {
        final JsonNode choice = api.post("/v1/completions", request).ok().at("/choices/0");
        return text(choice.get("token_ids"), choice.get("logprobs"));
    }

    /** The same from all chunks of a stream. */
    private static String streamed(final JsonClient api, final ObjectNode request) throws Exception {
        final ArrayNode ids = JsonClient.MAPPER.createArrayNode();
        final ObjectNode logprobs = JsonClient.MAPPER.createObjectNode();
        try (EventStream stream = api.stream("/v1/completions", Requests.streamed(request.deepCopy()))) {
            for (final JsonNode chunk : stream.rest()) {
                chunk.at("/choices/0/token_ids").forEach(ids::add);
                chunk.at("/choices/0/logprobs")
                        .properties()
                        .forEach(list ->
                                logprobs.withArrayProperty(list.getKey()).addAll((ArrayNode) list.getValue()));
            }
        }
        return text(ids, logprobs);
    }

    private static String text(final JsonNode ids, final JsonNode logprobs) {
        assertThat(ids.size()).isGreaterThanOrEqualTo(TOKENS);
        assertThat(logprobs.get("token_logprobs").size()).isEqualTo(ids.size());
        return ids + " " + logprobs;
    }
}
