package io.cheshire.router.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.core.kernel.SingleProcessModel;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.PooledPositions;
import io.cheshire.router.core.PooledRow;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.Scoring;
import io.cheshire.router.core.TokenRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model whose head scores: the same bits alone, in a crowd, on any nodes and whatever happens to them. */
class ScoringEngineTest {
    private static final int LABELS = 3;
    private static final ModelConfig MODEL = GoldenModel.scoringConfig(LABELS);
    private static final SingleProcessModel ORACLE = new SingleProcessModel(
            MODEL,
            Precision.FP32,
            new ReferenceKernels(),
            GoldenModel.scoringWeights(LABELS),
            GoldenModel::unitWeights,
            64,
            64);

    private static EngineRig rig(final Map<String, ?> settings, final int kvBlocks, final FakeExperts experts) {
        final EngineConfig config = EngineRig.config(settings);
        return new EngineRig(
                MODEL,
                config,
                kvBlocks,
                experts,
                new ReferenceKernels()
                        .loadRouter(
                                MODEL,
                                Precision.FP32,
                                GoldenModel.scoringWeights(LABELS),
                                new KvLayout(kvBlocks, config.kv().blockTokens()),
                                config.maxRowsPerStep()));
    }

    private static GenerationRequest pooled(final List<Integer> prompt, final PooledPositions positions) {
        return new GenerationRequest(
                prompt,
                0,
                0,
                Set.of(),
                SamplingParams.greedy(),
                -1,
                -1,
                "scope",
                EngineRig.NEVER,
                TokenRules.NONE,
                false,
                new Scoring(false, false, positions));
    }

    /** Long and short, alike at the start and not; all positions, some, the last, one in the midst. */
    private static List<GenerationRequest> crowd(final long seed, final int count) {
        final Random random = new Random(seed);
        final List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            final List<Integer> prompt = new ArrayList<>(EngineRig.prompt(1 + random.nextInt(60)));
            final int last = prompt.size() - 1;
            prompt.set(random.nextInt(prompt.size()), random.nextInt(64));
            requests.add(pooled(
                    prompt,
                    switch (random.nextInt(4)) {
                        case 0 -> PooledPositions.all(prompt.size());
                        case 1 -> PooledPositions.of(List.of(random.nextInt(prompt.size())));
                        case 2 ->
                            PooledPositions.of(IntStream.rangeClosed(0, last)
                                    .filter(position -> random.nextInt(3) == 0 || position == last / 2)
                                    .boxed()
                                    .toList());
                        default -> PooledPositions.of(List.of(last));
                    }));
        }
        return requests;
    }

    private static void assertExpected(final GenerationRequest request, final Recorder recorder) {
        assertThat(recorder.failed).as(String.valueOf(recorder.message)).isNull();
        assertThat(recorder.finished).isEqualTo(FinishReason.LENGTH);
        assertThat(recorder.tokens).isEmpty();
        final float[][] rows = ORACLE.logits(
                request.promptTokens().stream().mapToInt(Integer::intValue).toArray());
        assertThat(recorder.pooled).hasSize(request.scoring().pooled().count());
        for (final PooledRow row : recorder.pooled) {
            assertThat(request.scoring().pooled().contains(row.position())).isTrue();
            assertThat(row.outputs()).as("position %d", row.position()).isEqualTo(rows[row.position()]);
        }
    }

    private static void assertExpected(final List<GenerationRequest> requests, final List<Recorder> recorders) {
        for (int i = 0; i < requests.size(); i++) {
            assertExpected(requests.get(i), recorders.get(i));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 16})
    void shouldScoreTheSameInACrowdAsAloneOnAnyNumberOfNodes(final int nodes) {
        final List<GenerationRequest> requests = crowd(nodes, 24);
        try (EngineRig rig =
                rig(Map.of(), 256, new FakeExperts(Precision.FP32, 64, nodes)).place(nodes)) {
            final List<Recorder> recorders = requests.stream().map(rig::submit).toList();
            rig.runAll();
            assertExpected(requests, recorders);
            rig.assertNothingLeaks();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldScoreTheSameWhenSequencesAreSentBackAndNodesFail(final long seed) {
        final FakeExperts experts = new FakeExperts(Precision.FP32, 64, seed);
        experts.chaos = FakeExperts.Chaos.ALL;
        final List<GenerationRequest> requests = crowd(seed, 16);
        try (EngineRig rig = rig(Map.of("max-rows-per-step", 8), 18, experts).place(4)) {
            final List<Recorder> recorders = requests.stream().map(rig::submit).toList();
            rig.runAll();
            assertExpected(requests, recorders);
        }
    }

    @Test
    void shouldScoreTheSameThoughANodeIsKilledMeanwhile() {
        final List<GenerationRequest> requests = crowd(5, 30);
        final String quick = """
                cheshire.transport { heartbeat-interval = 5 ms, suspect-after = 40 ms, reconnect-interval = 20 ms }
                cheshire.router.engine.hedge { min-deadline = 10 ms, max-deadline = 20 ms, answer-timeout = 60 ms }
                """;
        try (ClusterRig rig = new ClusterRig(MODEL, GoldenModel.scoringWeights(LABELS), 4, null, quick).place(2)) {
            final List<Recorder> recorders = requests.stream().map(rig::submit).toList();
            rig.await("some are scored", () -> recorders.stream().anyMatch(Recorder::done));
            rig.paused.set(1);
            rig.lifelines.get(1).close();
            assertThat(recorders).anyMatch(recorder -> !recorder.done());
            rig.runAll();
            assertExpected(requests, recorders);
        }
    }

    @Test
    void shouldEndThoseThatAreCancelledAndScoreTheOthersBeforeItIsDrained() {
        final List<GenerationRequest> requests = crowd(7, 20);
        try (EngineRig rig =
                rig(Map.of(), 256, new FakeExperts(Precision.FP32, 64, 1)).place(4)) {
            final List<Recorder> recorders = requests.stream().map(rig::submit).toList();
            rig.run("one is scored", () -> recorders.stream().anyMatch(Recorder::done));
            for (int i = 0; i < recorders.size(); i += 3) {
                recorders.get(i).handle.cancel();
            }
            final var drained = rig.engine.drain(Duration.ofMinutes(1)).toCompletableFuture();
            rig.runAll();
            rig.run("it is drained", drained::isDone);
            for (int i = 0; i < recorders.size(); i++) {
                if (i % 3 != 0 || recorders.get(i).finished != FinishReason.CANCELLED) {
                    assertExpected(requests.get(i), recorders.get(i));
                }
            }
            assertThat(recorders).anyMatch(recorder -> recorder.finished == FinishReason.CANCELLED);
            rig.assertNothingLeaks();
        }
    }

    /** What is asked of the last token alone needs only what the cache lacks; what is asked before is computed. */
    @Test
    void shouldTakeFromThePrefixCacheWhatLiesBeforeTheFirstPositionAsked() {
        final List<Integer> prompt = EngineRig.prompt(14);
        try (EngineRig rig =
                rig(Map.of(), 64, new FakeExperts(Precision.FP32, 64, 1)).place(2)) {
            assertThat(cachedOf(rig, pooled(prompt, PooledPositions.all(14)))).isZero();
            assertThat(cachedOf(rig, pooled(prompt, PooledPositions.of(List.of(13)))))
                    .isEqualTo(12);
            assertThat(cachedOf(rig, pooled(prompt, PooledPositions.of(List.of(9)))))
                    .isEqualTo(8);
            assertThat(cachedOf(rig, pooled(prompt, PooledPositions.of(List.of(3, 13)))))
                    .isZero();
            assertThat(cachedOf(rig, pooled(prompt, PooledPositions.of(List.of(4, 13)))))
                    .isEqualTo(4);
        }
    }

    private static int cachedOf(final EngineRig rig, final GenerationRequest request) {
        final Recorder recorder = rig.submit(request);
        rig.runAll();
        assertExpected(request, recorder);
        return recorder.cachedTokens;
    }

    /** By numpy, from torch's logits. */
    @ParameterizedTest
    @ValueSource(strings = {"short12", "long24"})
    void shouldTellTheEntropyThatTorchsLogitsHave(final String name) {
        final List<Integer> prompt = EngineRig.prompt(
                GoldenModel.golden().get("cases").get(name).get("token_ids").size());
        final double golden =
                GoldenModel.scores().get("cases").get(name).get("entropy").doubleValue();
        final GenerationRequest request = new GenerationRequest(
                prompt,
                1,
                0,
                Set.of(),
                SamplingParams.greedy(),
                0,
                0,
                "scope",
                EngineRig.NEVER,
                TokenRules.NONE,
                false,
                new Scoring(true, true, PooledPositions.NONE));
        try (EngineRig rig =
                new EngineRig(EngineRig.config(Map.of()), 64, new FakeExperts(Precision.FP32, 64, 1)).place(2)) {
            final Recorder recorder = rig.submit(request);
            rig.runAll();
            assertThat(recorder.scores.getFirst().entropy()).isCloseTo((float) golden, within(1e-5f));
            assertThat(recorder.promptScores)
                    .hasSize(prompt.size() - 1)
                    .allSatisfy(scores -> assertThat(scores.entropy()).isBetween(1f, (float) Math.log(64)))
                    .allSatisfy(scores -> assertThat(scores.rank()).isBetween(1, 64));
        }
    }

    @Test
    void shouldRefuseToDrawTokensFromAHeadThatScoresAndToScoreWithOneThatDraws() {
        try (EngineRig rig =
                rig(Map.of(), 64, new FakeExperts(Precision.FP32, 64, 1)).place(2)) {
            assertThatThrownBy(() -> rig.submit(EngineRig.greedy(EngineRig.prompt(4), 1)))
                    .hasMessageContaining("draws no tokens");
            assertThatThrownBy(() -> rig.submit(pooled(EngineRig.prompt(4), PooledPositions.NONE)))
                    .hasMessageContaining("draws no tokens");
        }
        try (EngineRig rig =
                new EngineRig(EngineRig.config(Map.of()), 64, new FakeExperts(Precision.FP32, 64, 1)).place(2)) {
            assertThatThrownBy(() -> rig.submit(pooled(EngineRig.prompt(4), PooledPositions.all(4))))
                    .hasMessageContaining("no head that scores");
        }
    }
}
