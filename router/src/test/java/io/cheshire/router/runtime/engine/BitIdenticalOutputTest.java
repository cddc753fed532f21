package io.cheshire.router.runtime.engine;

import static io.cheshire.router.runtime.engine.EngineRig.config;
import static io.cheshire.router.runtime.engine.EngineRig.greedy;
import static io.cheshire.router.runtime.engine.EngineRig.prompt;
import static io.cheshire.router.runtime.engine.EngineRig.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.Precision;
import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.runtime.engine.FakeExperts.Chaos;
import io.cheshire.transport.protocol.NackReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same bits as the model in one process gives, whatever shares the batch and whatever goes wrong on the way. */
class BitIdenticalOutputTest {
    private static final int AMPLE_BLOCKS = 1024;
    private static final List<NackReason> REASONS = List.of(NackReason.values());

    @Test
    void shouldGiveTheSameTokensAndScoresAlone() {
        final GenerationRequest request = request(prompt(14), 30, SamplingParams.greedy(), 4, 4);
        try (EngineRig rig = new EngineRig(config(Map.of()), AMPLE_BLOCKS, experts(1)).place(8)) {
            final Recorder recorder = rig.submit(request);
            rig.runAll();
            assertExpected(request, recorder);
            assertThat(recorder.tokens).isEqualTo(Oracle.greedy(prompt(14), 30));
            rig.assertNothingLeaks();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 13, 16, 40})
    void shouldNotDependOnHowAPromptIsCutIntoChunks(final int rowsPerStep) {
        final Map<String, Object> settings =
                Map.of("max-rows-per-step", rowsPerStep, "max-sequences-per-lane", Math.min(4, rowsPerStep));
        try (EngineRig rig = new EngineRig(config(settings), AMPLE_BLOCKS, experts(2)).place(8)) {
            runAndCompare(rig, new Workload(5).requests(8));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,16", "2,4", "3,8"})
    void shouldNotDependOnLanesAndNodes(final int lanes, final int nodes) {
        try (EngineRig rig = new EngineRig(config(Map.of("lanes", lanes)), AMPLE_BLOCKS, experts(3)).place(nodes)) {
            runAndCompare(rig, new Workload(6).requests(40));
            assertConserved(rig);
        }
    }

    @Test
    void shouldNotDependOnNeighboursThatComeAndGo() {
        final GenerationRequest request = request(prompt(14), 30, SamplingParams.greedy(), 4, 4);
        try (EngineRig rig = new EngineRig(config(Map.of()), AMPLE_BLOCKS, experts(4)).place(8)) {
            final List<GenerationRequest> others = new Workload(7).requests(40);
            final List<Recorder> recorders = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                final Recorder other = new Recorder();
                other.cancelAfter = i % 3 == 0 ? 1 + i % 5 : Integer.MAX_VALUE;
                rig.submit(others.get(i), other);
                recorders.add(other);
                if (i == 20) {
                    recorders.add(rig.submit(request));
                }
                rig.cycle();
            }
            rig.runAll();
            assertExpected(request, recorders.get(21));
            recorders.remove(21);
            for (int i = 0; i < 40; i++) {
                assertExpected(others.get(i), recorders.get(i));
            }
            assertConserved(rig);
            rig.assertNothingLeaks();
        }
    }

    @Test
    void shouldNotDependOnPreemption() {
        final Map<String, Object> settings = Map.of("kv.prefix-cache", false);
        try (EngineRig rig = new EngineRig(config(settings), 18, experts(5)).place(8)) {
            runAndCompare(rig, new Workload(8).requests(40));
            assertThat(rig.engine.status().preemptions()).isPositive();
        }
    }

    @Test
    void shouldNotDependOnPreemptionWithPrefixCache() {
        try (EngineRig rig = new EngineRig(config(Map.of("lanes", 3)), 20, experts(5)).place(8)) {
            runAndCompare(rig, new Workload(9).requests(60));
            assertThat(rig.engine.status().preemptions()).isPositive();
            assertThat(rig.engine.status().cachedTokens()).isPositive();
        }
    }

    @Test
    void shouldNotDependOnThePrefixCache() {
        try (EngineRig rig = new EngineRig(config(Map.of()), AMPLE_BLOCKS, experts(6)).place(8)) {
            final GenerationRequest first = greedy(prompt(20), 12);
            final GenerationRequest second = request(prompt(20), 12, SamplingParams.greedy(), 3, -1);
            final Recorder cold = rig.submit(first);
            rig.runAll();
            final Recorder warm = rig.submit(second);
            rig.runAll();
            assertThat(cold.cachedTokens).isZero();
            assertThat(warm.cachedTokens)
                    .as("all full blocks but the last token's")
                    .isEqualTo(16);
            assertExpected(first, cold);
            assertExpected(second, warm);
            rig.assertNothingLeaks();
        }
    }

    @Test
    void shouldNotShareBlocksBetweenRopeTables() {
        try (EngineRig rig = new EngineRig(config(Map.of()), AMPLE_BLOCKS, experts(6)).place(8)) {
            final Recorder shortTable = rig.submit(greedy(prompt(12), 4));
            rig.runAll();
            final Recorder longTable = rig.submit(greedy(prompt(12), 5));
            rig.runAll();
            assertThat(longTable.cachedTokens).isZero();
            assertExpected(greedy(prompt(12), 4), shortTable);
            assertExpected(greedy(prompt(12), 5), longTable);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldNotDependOnFaults(final long seed) {
        System.out.println("seed " + seed + "; set -Dcheshire.seed to repeat");
        final Random random = new Random(seed);
        final Map<String, Object> settings = Map.of(
                "lanes",
                1 + random.nextInt(3),
                "max-rows-per-step",
                8 + random.nextInt(30),
                "max-shard-rows",
                1 + random.nextInt(20),
                "kv.prefix-cache",
                random.nextBoolean(),
                "retry.max-compute-failures",
                1_000_000,
                "speculative",
                seed % 2 == 0 ? "prompt-lookup" : "off",
                "prompt-lookup.min-match",
                1);
        final FakeExperts experts = new FakeExperts(Precision.FP32, 3 + random.nextInt(30), seed);
        try (EngineRig rig = new EngineRig(config(settings), 17 + random.nextInt(60), experts).place(8)) {
            experts.chaos = Chaos.ALL;
            experts.nackReason = REASONS.get(random.nextInt(REASONS.size()));
            experts.maxAnswersPerCycle = 1 + random.nextInt(6);
            runAndCompare(rig, new Workload(seed).requests(30));
        }
    }

    static LongStream seeds() {
        final Long seed = Long.getLong("cheshire.seed");
        return seed != null ? LongStream.of(seed) : LongStream.rangeClosed(1, 20);
    }

    private static FakeExperts experts(final long seed) {
        return new FakeExperts(Precision.FP32, 64, seed);
    }

    private static void runAndCompare(final EngineRig rig, final List<GenerationRequest> requests) {
        final List<Recorder> recorders = requests.stream().map(rig::submit).toList();
        rig.runAll();
        for (int i = 0; i < requests.size(); i++) {
            assertExpected(requests.get(i), recorders.get(i));
        }
        rig.assertNothingLeaks();
    }

    /** Exactly what the oracle gives; of a cancelled sequence, the beginning of it. */
    private static void assertExpected(final GenerationRequest request, final Recorder recorder) {
        final Oracle.Expected expected = Oracle.run(request, recorder.tokens);
        assertThat(recorder.failed).as(String.valueOf(recorder.message)).isNull();
        final int count = recorder.tokens.size();
        if (recorder.finished == FinishReason.CANCELLED) {
            assertThat(count).isLessThanOrEqualTo(expected.tokens().size());
        } else {
            assertThat(count).isEqualTo(expected.tokens().size());
        }
        assertThat(recorder.tokens).isEqualTo(expected.tokens().subList(0, count));
        assertThat(recorder.scores).isEqualTo(expected.scores().subList(0, count));
        assertThat(recorder.promptScores).isEqualTo(expected.promptScores());
    }

    /** In a run without faults every row computed was served twice, once by each of its experts. */
    private static void assertConserved(final EngineRig rig) {
        final List<Long> served = LongStream.of(rig.experts.rowsServed).boxed().toList();
        final List<Long> computed = rig.engine.rowsByLayer();
        assertThat(served).isEqualTo(computed.stream().map(rows -> 2 * rows).toList());
        assertThat(rig.engine.exchangeCounters().rowsAbandoned()).isZero();
    }
}
