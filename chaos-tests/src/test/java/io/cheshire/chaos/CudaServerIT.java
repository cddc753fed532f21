package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.model.protocol.Precision;
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
 * A server whose router and experts compute on a GPU, which is emulated: the same tokens with 1, 4 and 16 nodes, alone
 * and in a crowd, and in fp32 those of the model's readme; also with a router on the CPU, and the other way round.
 */
class CudaServerIT {
    private static final int TOKENS = 6;
    private static final List<List<Integer>> PROMPTS = Stream.of(
                    "4090,748,437,665,337,259,324", "4090,1062,437,355,2516,2791", "846,415,2880,371", "2008,842,2151")
            .map(CudaServerIT::ids)
            .toList();

    /** Short enough for every build. */
    @Test
    void shouldGiveTheSameTokensAloneAndInACrowdOfSixteenNodes() throws Exception {
        try (TestServer server = start("bf16", 16, Map.of())) {
            final List<List<Integer>> prompts = PROMPTS.subList(2, 4);
            final List<List<Integer>> alone = new ArrayList<>();
            for (final List<Integer> prompt : prompts) {
                alone.add(answer(server, prompt));
            }
            assertThat(together(server, prompts)).isEqualTo(alone);
            assertThat(server.process().device().kernels().numerics(Precision.BF16))
                    .isEqualTo("cuda1 f25k16 sm_90 emulated, cuda router 1 f25k16 sm_90 emulated");
        }
    }

    @Test
    @EnabledIfSystemProperty(
            named = "cheshire.test.long",
            matches = "true",
            disabledReason = "takes a minute: give -Dcheshire.test.long=true")
    void shouldGiveTheSameTokensWithAnyNumberOfNodesAloneAndInACrowd() throws Exception {
        final List<List<Integer>> alone = new ArrayList<>();
        try (TestServer server = start("bf16", 1, Map.of())) {
            for (final List<Integer> prompt : PROMPTS) {
                alone.add(answer(server, prompt));
            }
        }
        for (final int nodes : new int[] {4, 16}) {
            try (TestServer server = start("bf16", nodes, Map.of())) {
                assertThat(together(server, PROMPTS)).as("%d nodes", nodes).isEqualTo(alone);
                assertThat(server.process().device().kernels().description()).startsWith("emulated on the host");
            }
        }
    }

    private static List<List<Integer>> together(final TestServer server, final List<List<Integer>> prompts)
            throws Exception {
        try (ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            final List<Callable<List<Integer>>> asked = new ArrayList<>();
            prompts.forEach(prompt -> asked.add(() -> answer(server, prompt)));
            final List<List<Integer>> answers = new ArrayList<>();
            for (final Future<List<Integer>> one : crowd.invokeAll(asked)) {
                answers.add(one.get());
            }
            return answers;
        }
    }

    @Test
    @EnabledIfSystemProperty(
            named = "cheshire.test.long",
            matches = "true",
            disabledReason = "takes a minute: give -Dcheshire.test.long=true")
    void shouldContinueAPromptOfTheReadmeInFp32() throws Exception {
        assertContinues("cuda", "same");
        assertContinues("cuda", "onednn");
        assertContinues("onednn", "cuda");
    }

    private static void assertContinues(final String kernels, final String routerKernels) throws Exception {
        final Map<String, String> whose =
                Map.of("cheshire.device.kernels", kernels, "cheshire.device.router-kernels", routerKernels);
        try (TestServer server = start("fp32", 16, whose)) {
            assertThat(answer(server, ids("4090,1062,437,355,2516,2791,303,4087,4081")))
                    .as("experts on %s, router on %s", kernels, routerKernels)
                    .isEqualTo(ids("460,2516,2791,437,351,2283"));
        }
    }

    private static List<Integer> answer(final TestServer server, final List<Integer> prompt) throws Exception {
        return Requests.run(server, Requests.greedy(prompt, TOKENS)).tokenIds();
    }

    private static TestServer start(final String precision, final int nodes, final Map<String, String> whose) {
        final Map<String, Object> settings = new HashMap<>(Map.of("cheshire.model.precision", precision));
        settings.put("cheshire.device.kernels", "cuda");
        settings.put(
                "cheshire.cuda.driver-library", EmulatedCuda.fresh().library().toString());
        settings.put("cheshire.cuda.hang-timeout", "120 s");
        settings.put("cheshire.expert-node.warm-up", "0 s");
        settings.putAll(whose);
        return TestServer.start(TestServer.cheshireMini(), nodes, settings);
    }

    private static List<Integer> ids(final String text) {
        return Stream.of(text.split(",")).map(Integer::valueOf).toList();
    }
}
