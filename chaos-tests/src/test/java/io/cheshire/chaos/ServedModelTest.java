package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.core.kernel.SingleProcessModel;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.model.runtime.synth.Synth;
import io.cheshire.model.runtime.synth.SynthShape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes out of the server is what the model says: against published continuations, and against the reference. */
class ServedModelTest {
    private static final Map<String, Object> FP32 = Map.of("cheshire.model.precision", "fp32");
    private static final double TOLERANCE = 2e-4;
    private static final int ORIGINAL_POSITIONS = 40;
    private static final int PROMPT_TOKENS = 28;
    private static final int TOP = 5;

    /** From models/cheshire-mini/README.md: an independent implementation made them. */
    private static final Map<String, String> CONTINUATIONS = Map.of(
            "4090,748,437,665,337,259,324,1086,334,303,4087,4081",
            "665,337,259,324,1086,334,259,311,1404,327,281,4087",
            "4090,1062,437,355,2516,2791,303,4087,4081",
            "460,2516,2791,437,351,2283,1134,2605,568,612,2386,752,369,1239,790,945,2283,1355,281,4087",
            "4090,918,1016,2704,544,1150,2976,303,4087,4081",
            "2905,2704,544,1150,2976,281,4087",
            "4090,918,710,437,1378,328,259,289,1375,303,4087,4081",
            "1378,328,259,289,1375,259,311,1345,334,281,4087",
            "846,415,2880,371,792,600,2730,381",
            "664,278,388,355,2840,381,355,664,355,793,541,2433,281,13,285,284,285,272,351,631,724,481,355,1579",
            "2008,842,2151",
            "498,259,311,259,308,1434,259,324,665,307,259,343,259,308,305,259,3910,665,307,259,343,259,308,1846");

    @Test
    void shouldContinueThePromptsOfItsReadmeWhenServedInFp32() throws Exception {
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), 16, FP32)) {
            for (final Map.Entry<String, String> entry : CONTINUATIONS.entrySet()) {
                final List<Integer> expected = list(entry.getValue());
                final ObjectNode request = Requests.greedy(list(entry.getKey()), expected.size());

                assertThat(Requests.run(server, request).tokenIds())
                        .as("continuation of %s", entry.getKey())
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void shouldScoreLikeTheReferenceOnBothSidesOfTheLongRopeBoundary(@TempDir final Path directory) throws Exception {
        final Path model = directory.resolve("random");
        Synth.write(
                model,
                new SynthShape(64, 96, 3, 4, 2, 16, 8, 200, 160, ORIGINAL_POSITIONS).toConfig(),
                Synth.Options.ofSeed(11));
        final int[] prompt = new Random(5).ints(PROMPT_TOKENS, 3, 200).toArray();
        try (TestServer server = TestServer.start(model, 3, FP32);
                Checkpoint checkpoint = Checkpoint.open(model);
                SingleProcessModel reference = reference(checkpoint)) {
            // The same prompt under the one table, under the other, and under the first again: nothing may be reused
            // across.
            final List<Double> shortTable = check(server, reference, prompt, ORIGINAL_POSITIONS - PROMPT_TOKENS);
            final List<Double> longTable = check(server, reference, prompt, ORIGINAL_POSITIONS - PROMPT_TOKENS + 1);
            final List<Double> shortAgain = check(server, reference, prompt, ORIGINAL_POSITIONS - PROMPT_TOKENS);
            check(server, reference, prompt, 100);

            assertThat(shortAgain).isEqualTo(shortTable);
            checkCached(server, reference, prompt, ORIGINAL_POSITIONS - PROMPT_TOKENS);
            checkCached(server, reference, prompt, ORIGINAL_POSITIONS - PROMPT_TOKENS + 1);
            assertThat(distance(shortTable, longTable))
                    .as("the tables differ by more than the tolerance, else this test sees nothing")
                    .isGreaterThan(10 * TOLERANCE);
        }
    }

    private static SingleProcessModel reference(final Checkpoint checkpoint) {
        return new SingleProcessModel(
                checkpoint.config(),
                Precision.FP32,
                new ReferenceKernels(),
                checkpoint.routerWeights(),
                checkpoint::unit,
                checkpoint.config().maxPositionEmbeddings(),
                32);
    }

    /** Compares ids and log-probabilities; gives the prompt's. */
    private static List<Double> check(
            final TestServer server, final SingleProcessModel reference, final int[] prompt, final int maxTokens)
            throws Exception {
        final ObjectNode request = Requests.greedy(Arrays.stream(prompt).boxed().toList(), maxTokens);
        request.put("echo", true).put("logprobs", TOP);
        final JsonNode choice =
                server.api().post("/v1/completions", request).ok().at("/choices/0");
        final int[] tokens = Requests.ids(choice.get("token_ids")).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        assertThat(tokens).hasSize(prompt.length + maxTokens).startsWith(prompt);
        final float[][] logits = reference.logits(tokens, tokens.length, new int[] {32}, (layer, batch, lane) -> {});
        final JsonNode logprobs = choice.get("logprobs");
        final List<Double> ofPrompt = new ArrayList<>();
        for (int position = 1; position < tokens.length; position++) {
            final double[] expected = logSoftmax(logits[position - 1]);
            final double actual = logprobs.get("token_logprobs").get(position).doubleValue();
            assertThat(actual)
                    .as("position %d of %d", position, tokens.length)
                    .isEqualTo(expected[tokens[position]], within(TOLERANCE));
            checkBest(logprobs.get("top_logprobs").get(position), expected);
            if (position < prompt.length) {
                ofPrompt.add(actual);
            } else {
                assertThat(tokens[position])
                        .as("greedy token at position %d", position)
                        .isEqualTo(SingleProcessModel.argmax(logits[position - 1]));
            }
        }
        return ofPrompt;
    }

    /** Without echo, blocks of earlier requests are used: those of this table only. */
    private static void checkCached(
            final TestServer server, final SingleProcessModel reference, final int[] prompt, final int maxTokens)
            throws Exception {
        final ObjectNode request = Requests.greedy(Arrays.stream(prompt).boxed().toList(), maxTokens);
        request.put("logprobs", TOP);
        final JsonNode answer = server.api().post("/v1/completions", request).ok();
        final JsonNode choice = answer.at("/choices/0");
        final List<Integer> generated = Requests.ids(choice.get("token_ids"));
        assertThat(generated).hasSize(maxTokens);
        assertThat(answer.at("/usage/prompt_tokens_details/cached_tokens").intValue())
                .as("tokens taken from the prefix cache")
                .isPositive();
        final int[] tokens = Arrays.copyOf(prompt, prompt.length + maxTokens);
        Arrays.setAll(tokens, i -> i < prompt.length ? prompt[i] : generated.get(i - prompt.length));
        final float[][] logits = reference.logits(tokens, tokens.length, new int[] {32}, (layer, batch, lane) -> {});
        for (int i = 0; i < maxTokens; i++) {
            assertThat(choice.at("/logprobs/token_logprobs").get(i).doubleValue())
                    .as("token %d of %d, without echo", i, maxTokens)
                    .isEqualTo(logSoftmax(logits[prompt.length + i - 1])[generated.get(i)], within(TOLERANCE));
        }
    }

    private static void checkBest(final JsonNode best, final double[] expected) {
        assertThat(best.size()).isBetween(TOP, TOP + 1);
        best.properties().forEach(entry -> {
            final int id = Integer.parseInt(entry.getKey().substring("token_id:".length()));
            assertThat(entry.getValue().doubleValue()).isEqualTo(expected[id], within(TOLERANCE));
        });
    }

    private static double[] logSoftmax(final float[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (final float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (final float logit : logits) {
            sum += Math.exp(logit - max);
        }
        final double shift = max + Math.log(sum);
        final double[] result = new double[logits.length];
        Arrays.setAll(result, i -> logits[i] - shift);
        return result;
    }

    private static double distance(final List<Double> left, final List<Double> right) {
        double most = 0;
        for (int i = 0; i < left.size(); i++) {
            most = Math.max(most, Math.abs(left.get(i) - right.get(i)));
        }
        return most;
    }

    private static List<Integer> list(final String ids) {
        return Stream.of(ids.split(",", -1)).map(Integer::valueOf).toList();
    }
}
