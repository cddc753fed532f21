package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.model.testing.EmulatedCuda;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A server whose experts compute on a GPU, which is emulated: the same tokens with 1, 4 and 16 nodes, alone and in a
 * crowd, and in fp32 those of the model's readme.
 */
class CudaExpertsIT {
    private static final int TOKENS = 6;
    private static final List<List<Integer>> PROMPTS = Stream.of(
                    "4090,748,437,665,337,259,324", "4090,1062,437,355,2516,2791", "846,415,2880,371", "2008,842,2151")
            .map(CudaExpertsIT::ids)
            .toList();

    @Test
    @EnabledIfSystemProperty(
            named = "cheshire.test.long",
            matches = "true",
            disabledReason = "takes a minute: give -Dcheshire.test.long=true")
    void shouldGiveTheSameTokensWithAnyNumberOfNodesAloneAndInACrowd() throws Exception {
        final List<List<Integer>> alone = new ArrayList<>();
        try (TestServer server = start("bf16", 1)) {
            for (final List<Integer> prompt : PROMPTS) {
                alone.add(answer(server, prompt));
            }
        }
        for (final int nodes : new int[] {4, 16}) {
            try (TestServer server = start("bf16", nodes);
                    ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
                final List<Callable<List<Integer>>> asked = new ArrayList<>();
                PROMPTS.forEach(prompt -> asked.add(() -> answer(server, prompt)));
                final List<List<Integer>> together = new ArrayList<>();
                for (final Future<List<Integer>> one : crowd.invokeAll(asked)) {
                    together.add(one.get());
                }
                assertThat(together).as("%d nodes", nodes).isEqualTo(alone);
                assertThat(server.process().device().kernels().description()).startsWith("emulated on the host");
            }
        }
    }

    @Test
    @EnabledIfSystemProperty(
            named = "cheshire.test.long",
            matches = "true",
            disabledReason = "takes a minute: give -Dcheshire.test.long=true")
    void shouldContinueAPromptOfTheReadmeInFp32() throws Exception {
        try (TestServer server = start("fp32", 16)) {
            assertThat(answer(server, ids("4090,1062,437,355,2516,2791,303,4087,4081")))
                    .isEqualTo(ids("460,2516,2791,437,351,2283"));
        }
    }

    private static List<Integer> answer(final TestServer server, final List<Integer> prompt) throws Exception {
        return Requests.run(server, Requests.greedy(prompt, TOKENS)).tokenIds();
    }

    private static TestServer start(final String precision, final int nodes) {
        final Map<String, Object> settings = new HashMap<>(Map.of("cheshire.model.precision", precision));
        settings.put("cheshire.device.kernels", "cuda");
        settings.put(
                "cheshire.cuda.driver-library", EmulatedCuda.fresh().library().toString());
        settings.put("cheshire.cuda.hang-timeout", "120 s");
        settings.put("cheshire.expert-node.warm-up", "0 s");
        return TestServer.start(TestServer.cheshireMini(), nodes, settings);
    }

    private static List<Integer> ids(final String text) {
        return Stream.of(text.split(",")).map(Integer::valueOf).toList();
    }
}
