package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.runtime.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same request gives the same bytes, whatever runs beside it and however many nodes there are. */
class BatchInvarianceTest {
    private static final int NEIGHBOURS = 40;
    private static final int PROBE_TOKENS = 24;
    private static final long SEED = Long.getLong("cheshire.seed", 20_260_419L);

    private static final List<ObjectNode> PROBES = probes();
    private static final List<String> EXPECTED = new ArrayList<>();

    /** Every probe alone on a server with one node. */
    @BeforeAll
    static void answerAlone() throws Exception {
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), 1, Map.of())) {
            for (final ObjectNode probe : PROBES) {
                EXPECTED.add(answer(server, probe));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 16})
    void shouldGiveTheSameBytesAloneAndInACrowdWithAnyNumberOfNodes(final int nodes) throws Exception {
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), nodes, Map.of())) {
            checkInCrowd(server, nodes);
            for (int i = 0; i < PROBES.size(); i++) {
                assertThat(answer(server, PROBES.get(i)))
                        .as("probe %d alone, %d nodes", i, nodes)
                        .isEqualTo(EXPECTED.get(i));
            }
        }
    }

    /** Greedy and short, sampled with all neighbours' tricks, and long enough to be prefilled in several steps. */
    private static List<ObjectNode> probes() {
        final ObjectNode question =
                Requests.greedy(List.of(4090, 748, 437, 665, 337, 259, 324, 1086, 334, 303, 4087, 4081), PROBE_TOKENS);
        final ObjectNode sampled = Requests.greedy(List.of(846, 415, 2880, 371, 792, 600, 2730, 381), PROBE_TOKENS);
        sampled.put("temperature", 0.9).put("top_p", 0.95).put("seed", 17).put("frequency_penalty", 0.3);
        final ObjectNode many = Requests.greedy(Requests.randomPrompt(new Random(3), 300), PROBE_TOKENS);
        many.put("echo", true);
        final List<ObjectNode> probes = List.of(question, sampled, many);
        probes.forEach(probe -> probe.put("logprobs", 5));
        return probes;
    }

    private static void checkInCrowd(final TestServer server, final int nodes) throws Exception {
        final Random random = new Random(SEED + nodes);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            final List<Future<Requests.Outcome>> crowd = new ArrayList<>();
            final List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < NEIGHBOURS; i++) {
                final ObjectNode body = Requests.random(random, 200, 32);
                crowd.add(clients.submit(() -> Requests.run(server, body)));
                if (i % 10 == 5) {
                    PROBES.forEach(probe -> answers.add(clients.submit(() -> answer(server, probe))));
                }
            }
            for (int i = 0; i < answers.size(); i++) {
                final int probe = i % PROBES.size();
                assertThat(answers.get(i).get())
                        .as("probe %d in a crowd, %d nodes, seed %d", probe, nodes, SEED)
                        .isEqualTo(EXPECTED.get(probe));
            }
            for (final Future<Requests.Outcome> neighbour : crowd) {
                assertThat(neighbour.get().tokenIds()).isNotEmpty();
            }
        }
    }

    /** Ids and log-probabilities as JSON: a float's shortest decimal form tells every two floats apart. */
    private static String answer(final TestServer server, final ObjectNode probe) throws Exception {
        final JsonNode choice = server.api().post("/v1/completions", probe).ok().at("/choices/0");
        assertThat(choice.get("token_ids").size()).isGreaterThanOrEqualTo(PROBE_TOKENS);
        return choice.get("token_ids") + " " + choice.get("logprobs");
    }
}
