package io.cheshire.router.runtime.engine;

import static io.cheshire.router.runtime.engine.EngineRig.config;
import static io.cheshire.router.runtime.engine.EngineRig.greedy;
import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.Precision;
import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.TokenScores;
import io.cheshire.router.runtime.engine.EngineMetrics.Counter;
import io.cheshire.router.runtime.engine.FakeExperts.Chaos;
import io.cheshire.router.runtime.engine.SpeculationMetrics.What;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guessing tokens changes how many steps there are, and not one token, score or end. */
class SpeculationTest {
    private static final int AMPLE_BLOCKS = 1024;
    private static final Map<String, Object> GUESSING =
            Map.of("speculative", "prompt-lookup", "prompt-lookup.min-match", 1);

    /** All that a client may see of a sequence. */
    private record Answer(
            List<Integer> tokens,
            List<TokenScores> scores,
            List<TokenScores> promptScores,
            FinishReason finished,
            Object failed) {
        Answer {
            tokens = List.copyOf(tokens);
        }
    }

    private static EngineRig rig(final Map<String, Object> settings, final int blocks, final long seed) {
        return new EngineRig(config(settings), blocks, new FakeExperts(Precision.FP32, 64, seed)).place(8);
    }

    private static List<Recorder> run(final EngineRig rig, final List<GenerationRequest> requests) {
        final List<Recorder> recorders = requests.stream().map(rig::submit).toList();
        rig.runAll();
        rig.assertNothingLeaks();
        return recorders;
    }

    private static List<Answer> answers(final List<Recorder> recorders) {
        return recorders.stream()
                .map(each -> new Answer(each.tokens, each.scores, each.promptScores, each.finished, each.failed))
                .toList();
    }

    private static Map<String, Object> with(final Map<String, Object> settings) {
        final Map<String, Object> both = new HashMap<>(settings);
        both.putAll(GUESSING);
        return both;
    }

    /** Runs the requests without and with guesses, compares, and answers how many guessed tokens were drawn. */
    private static long compare(
            final Map<String, Object> settings, final int blocks, final List<GenerationRequest> requests) {
        final List<Answer> plain;
        try (EngineRig rig = rig(settings, blocks, 1)) {
            plain = answers(run(rig, requests));
        }
        try (EngineRig rig = rig(with(settings), blocks, 2)) {
            final List<Recorder> recorders = run(rig, requests);
            assertThat(answers(recorders)).isEqualTo(plain);
            final SpeculationMetrics metrics = rig.engine.metrics().speculation();
            final long accepted = metrics.get(What.ACCEPTED_TOKENS);
            assertThat(recorders.stream().mapToLong(each -> each.accepted).sum())
                    .isEqualTo(accepted);
            assertThat(recorders.stream().mapToLong(each -> each.rejected).sum())
                    .isEqualTo(metrics.get(What.DRAFTED_TOKENS) - accepted);
            return accepted;
        }
    }

    /** Few different tokens, so that what was guessed is often drawn and often not. */
    private static GenerationRequest narrow(final Random random) {
        final int promptLength = 1 + random.nextInt(12);
        final List<Integer> prompt = IntStream.range(0, promptLength)
                .mapToObj(i -> 7 + random.nextInt(3))
                .toList();
        final SamplingParams sampling = new SamplingParams(
                random.nextInt(3) == 0 ? 0 : 0.3 + random.nextDouble(),
                random.nextBoolean() ? 0 : 1 + random.nextInt(4),
                random.nextBoolean() ? 1 : 0.6 + random.nextDouble() / 3,
                random.nextBoolean() ? 0 : random.nextDouble() / 10,
                random.nextBoolean() ? 0 : random.nextDouble(),
                random.nextBoolean() ? 0 : random.nextDouble() / 4,
                random.nextBoolean() ? 1 : 0.8 + random.nextDouble() / 2,
                random.nextBoolean() ? Map.of() : Map.of(7 + random.nextInt(3), random.nextDouble() * 6 - 3),
                random.nextLong());
        return new GenerationRequest(
                prompt,
                1 + random.nextInt(40),
                random.nextInt(6),
                random.nextInt(3) == 0 ? Set.of(9) : Set.of(),
                sampling,
                random.nextBoolean() ? random.nextInt(4) : -1,
                random.nextInt(3) == 0 ? 2 : -1,
                "tenant",
                EngineRig.NEVER,
                new TokenRules(
                        Set.of(7, 8, 9), random.nextBoolean() ? List.of() : List.of(List.of(7, 7, 8)), null, false));
    }

    private static List<GenerationRequest> narrow(final long seed, final int count) {
        final Random random = new Random(seed);
        return IntStream.range(0, count).mapToObj(i -> narrow(random)).toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void shouldGiveTheSameBitsGreedyAndSampled(final long seed) {
        final List<GenerationRequest> requests = new ArrayList<>(narrow(seed, 30));
        requests.addAll(new Workload(seed).requests(10));
        final Map<String, Object> settings = Map.of(
                "lanes", 1 + seed % 3, "max-rows-per-step", 8 + seed * 8, "prompt-lookup.max-draft", 1 + seed * 3);
        assertThat(compare(settings, AMPLE_BLOCKS, requests)).isPositive();
    }

    /** n choices of one prompt are sequences that differ in their seeds. */
    @Test
    void shouldGiveTheSameBitsToEveryChoice() {
        final List<Integer> prompt = List.of(7, 8, 9, 7, 8);
        final List<GenerationRequest> choices = IntStream.range(0, 8)
                .mapToObj(i -> new GenerationRequest(
                        prompt,
                        40,
                        0,
                        Set.of(),
                        new SamplingParams(0.7, 0, 1, 0, 0, 0, 1, Map.of(), 100 + i),
                        1,
                        -1,
                        "tenant",
                        EngineRig.NEVER,
                        new TokenRules(Set.of(7, 8), List.of(), null, false)))
                .toList();
        assertThat(compare(Map.of(), AMPLE_BLOCKS, choices)).isPositive();
    }

    @Test
    void shouldGiveTheSameBitsUnderPreemption() {
        final List<GenerationRequest> requests = narrow(5, 30);
        assertThat(compare(Map.of(), 18, requests)).isPositive();
        try (EngineRig rig = rig(with(Map.of()), 18, 3)) {
            run(rig, requests);
            assertThat(rig.engine.status().preemptions()).isPositive();
        }
    }

    @Test
    void shouldGiveTheSameBitsWhileNodesAreLostAndRefuse() {
        final List<GenerationRequest> requests = narrow(6, 30);
        final List<Answer> plain;
        try (EngineRig rig = rig(Map.of(), AMPLE_BLOCKS, 1)) {
            plain = answers(run(rig, requests));
        }
        try (EngineRig rig = rig(with(Map.of("retry.max-compute-failures", 1_000_000)), AMPLE_BLOCKS, 4)) {
            rig.experts.chaos = Chaos.ALL;
            rig.experts.maxAnswersPerCycle = 3;
            assertThat(answers(run(rig, requests))).isEqualTo(plain);
            assertThat(rig.engine.metrics().speculation().get(What.ACCEPTED_TOKENS))
                    .isPositive();
        }
    }

    /** Row 0 is the only sequence's own; the guessed rows behind it fail, and nobody is the worse for it. */
    @Test
    void shouldTakeGuessedRowsThatNoNodeCanComputeAsNeverGuessed() {
        final GenerationRequest request = greedy(List.of(5), 50);
        final Map<String, Object> settings = Map.of("max-shard-rows", 1, "retry.max-compute-failures", 1);
        final List<Answer> plain;
        try (EngineRig rig = rig(settings, AMPLE_BLOCKS, 1)) {
            plain = answers(run(rig, List.of(request)));
        }
        try (EngineRig rig = rig(with(settings), AMPLE_BLOCKS, 1)) {
            rig.experts.uncomputable = row -> row > 1;
            assertThat(answers(run(rig, List.of(request)))).isEqualTo(plain);
            final SpeculationMetrics metrics = rig.engine.metrics().speculation();
            assertThat(metrics.get(What.ACCEPTED_TOKENS)).isBetween(1L, metrics.get(What.DRAFTS));
            assertThat(metrics.get(What.DRAFTED_TOKENS)).isGreaterThan(metrics.get(What.DRAFTS));
            assertThat(rig.engine.exchangeCounters().poisonedRows()).isPositive();
        }
    }

    @Test
    void shouldTakeFewerStepsWhereTextRepeatsItself() {
        final GenerationRequest request = new GenerationRequest(
                List.of(5),
                55,
                0,
                Set.of(),
                SamplingParams.greedy(),
                2,
                -1,
                "tenant",
                EngineRig.NEVER,
                new TokenRules(Set.of(7), List.of(), null, false));
        try (EngineRig plain = rig(Map.of(), AMPLE_BLOCKS, 1);
                EngineRig guessing = rig(with(Map.of()), AMPLE_BLOCKS, 1)) {
            final List<Answer> expected = answers(run(plain, List.of(request)));
            final List<Recorder> recorders = run(guessing, List.of(request));
            assertThat(answers(recorders)).isEqualTo(expected);
            final long steps = guessing.engine.metrics().get(Counter.STEPS);
            assertThat(plain.engine.metrics().get(Counter.STEPS)).isEqualTo(55);
            assertThat(steps).isEqualTo(55 - recorders.getFirst().accepted).isLessThan(30);
            assertThat(guessing.engine.metrics().speculation().get(What.EXTRA_UNITS))
                    .isPositive();
        }
    }

    @Test
    void shouldGuessNothingUnlessAskedTo() {
        try (EngineRig rig = rig(Map.of(), AMPLE_BLOCKS, 1)) {
            final List<Recorder> recorders = run(rig, narrow(8, 10));
            assertThat(recorders).allMatch(each -> each.accepted == 0 && each.rejected == 0);
            assertThat(rig.engine.metrics().speculation().get(What.DRAFTS)).isZero();
        }
    }
}
