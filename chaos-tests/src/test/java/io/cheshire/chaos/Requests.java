package io.cheshire.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.chaos.runtime.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Completion requests by token ids, and their answers. */
final class Requests {
    /** Ids that every model here has, and none of which ends a text. */
    private static final int FIRST_ID = 300;

    private static final int LAST_ID = 4000;

    private Requests() {}

    /** A greedy request that runs to its full length and gives ids back. */
    static ObjectNode greedy(final List<Integer> prompt, final int maxTokens) {
        final ObjectNode body = JsonClient.MAPPER.createObjectNode();
        final ArrayNode ids = body.putArray("prompt");
        prompt.forEach(ids::add);
        body.put("max_tokens", maxTokens);
        body.put("temperature", 0);
        body.put("ignore_eos", true);
        body.put("return_token_ids", true);
        return body;
    }

    /** A request of random length with random sampling, every other one a stream. */
    static ObjectNode random(final Random random, final int maxPrompt, final int maxTokens) {
        final ObjectNode body =
                greedy(randomPrompt(random, 1 + random.nextInt(maxPrompt)), 1 + random.nextInt(maxTokens));
        body.put("temperature", random.nextInt(4) * 0.4);
        body.put("top_p", 1 - random.nextInt(3) * 0.2);
        body.put("top_k", random.nextInt(3) * 20);
        body.put("presence_penalty", random.nextInt(3) * 0.5);
        body.put("seed", random.nextInt(1 << 20));
        if (random.nextBoolean()) {
            streamed(body);
        }
        return body;
    }

    /** Some ids of cheshire-mini. */
    static List<Integer> randomPrompt(final Random random, final int length) {
        return random.ints(length, FIRST_ID, LAST_ID).boxed().toList();
    }

    /** The same request as a stream with usage. */
    static ObjectNode streamed(final ObjectNode body) {
        body.put("stream", true);
        body.putObject("stream_options").put("include_usage", true);
        return body;
    }

    /** What came of a request, however it was delivered. */
    record Outcome(List<Integer> tokenIds, JsonNode usage) {}

    /** Sends a request and reads its answer to the end. */
    static Outcome run(final TestServer server, final ObjectNode body) throws Exception {
        return run(server.api(), body);
    }

    /** The same by any client. */
    static Outcome run(final JsonClient api, final ObjectNode body) throws Exception {
        if (!body.path("stream").booleanValue()) {
            final JsonNode answer = api.post("/v1/completions", body).ok();
            return new Outcome(ids(answer.at("/choices/0/token_ids")), answer.get("usage"));
        }
        try (var stream = api.stream("/v1/completions", body)) {
            final List<JsonNode> chunks = stream.rest();
            final List<Integer> ids = new ArrayList<>();
            chunks.forEach(chunk -> ids.addAll(ids(chunk.at("/choices/0/token_ids"))));
            return new Outcome(ids, chunks.getLast().get("usage"));
        }
    }

    /** A JSON list of ids. */
    static List<Integer> ids(final JsonNode list) {
        final List<Integer> ids = new ArrayList<>();
        list.forEach(id -> ids.add(id.intValue()));
        return ids;
    }
}
