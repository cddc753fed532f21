package io.cheshire.router.runtime.engine;

import static io.cheshire.router.runtime.engine.EngineRig.config;
import static io.cheshire.router.runtime.engine.EngineRig.greedy;
import static io.cheshire.router.runtime.engine.EngineRig.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.Precision;
import io.cheshire.router.core.Engine.Admission;
import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.GenerationListener.GenerationError;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.TokenScores;
import io.cheshire.router.runtime.engine.EngineMetrics.Counter;
import io.cheshire.router.runtime.engine.EngineMetrics.Phase;
import io.cheshire.router.runtime.engine.FakeExperts.Chaos;
import io.cheshire.testing.ExpectedErrors;
import io.cheshire.transport.protocol.NackReason;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the engine does at its edges; its numbers are {@link BitIdenticalOutputTest}'s matter. */
class EngineAgentTest {
    private final FakeExperts experts = new FakeExperts(Precision.FP32, 64, 1);

    private EngineRig rig(final Map<String, ?> settings) {
        return new EngineRig(config(settings), 256, experts);
    }

    @Test
    void shouldEndWithTheStopTokenReported() {
        final List<Integer> tokens = Oracle.greedy(prompt(12), 20);
        final int stop = tokens.get(5);
        try (EngineRig rig = rig(Map.of()).place(4)) {
            final Recorder recorder = rig.submit(new GenerationRequest(
                    prompt(12),
                    20,
                    0,
                    Set.of(stop),
                    SamplingParams.greedy(),
                    -1,
                    -1,
                    "",
                    EngineRig.NEVER,
                    TokenRules.NONE));
            rig.runAll();
            assertThat(recorder.finished).isEqualTo(FinishReason.STOP);
            assertThat(recorder.tokens).isEqualTo(tokens.subList(0, tokens.indexOf(stop) + 1));
        }
    }

    @Test
    void shouldScoreAPromptWithoutGenerating() {
        try (EngineRig rig = rig(Map.of()).place(4)) {
            final Recorder recorder = rig.submit(EngineRig.request(prompt(12), 0, SamplingParams.greedy(), -1, 2));
            rig.runAll();
            assertThat(recorder.finished).isEqualTo(FinishReason.LENGTH);
            assertThat(recorder.tokens).isEmpty();
            assertThat(recorder.promptScores).hasSize(11);
            rig.assertNothingLeaks();
        }
    }

    @Test
    void shouldRefuseWhatCanNeverFit() {
        try (EngineRig rig = new EngineRig(config(Map.of("context-limit", 50)), 256, experts)) {
            assertThat(rig.engine.submit(greedy(prompt(20), 31), new Recorder()))
                    .isEqualTo(new Admission.TooLong(51, 50));
            assertThat(rig.engine.submit(greedy(prompt(20), Integer.MAX_VALUE), new Recorder()))
                    .isInstanceOf(Admission.TooLong.class);
        }
        final FakeExperts others = new FakeExperts(Precision.FP32, 64, 1);
        try (EngineRig rig = new EngineRig(config(Map.of()), 10, others)) {
            assertThat(rig.engine.status().contextTokens()).isEqualTo(40);
            assertThat(rig.engine.submit(greedy(prompt(20), 21), new Recorder()))
                    .isEqualTo(new Admission.TooLong(41, 40));
        }
    }

    @Test
    void shouldRefuseTokensOutsideTheVocabulary() {
        try (EngineRig rig = rig(Map.of())) {
            assertThatThrownBy(() -> rig.engine.submit(greedy(List.of(1, 64), 3), new Recorder()))
                    .hasMessageContaining("64 is outside the vocabulary of 64");
        }
    }

    @Test
    void shouldSayWhenTheQueueIsFullAndTakeMoreLater() {
        try (EngineRig rig = rig(Map.of("queue-limit", 3, "lanes", 1, "max-sequences-per-lane", 1))
                .place(4)) {
            IntStream.range(0, 3).forEach(i -> rig.submit(greedy(prompt(5), 4)));
            final Admission refused = rig.engine.submit(greedy(prompt(5), 4), new Recorder());
            assertThat(refused).isInstanceOf(Admission.QueueFull.class);
            assertThat(((Admission.QueueFull) refused).retryAfterSeconds()).isBetween(1, 60);
            assertThat(rig.engine.status().waiting()).isEqualTo(3);
            rig.run("one sequence runs", () -> rig.engine.status().waiting() == 2);
            rig.submit(greedy(prompt(5), 4));
            rig.runAll();
            rig.assertNothingLeaks();
        }
    }

    @Test
    void shouldCancelWithinOneStepWhereverTheSequenceIs() {
        for (int cycles = 0; cycles < 40; cycles++) {
            final FakeExperts nodes = new FakeExperts(Precision.FP32, 64, cycles);
            try (EngineRig rig = new EngineRig(config(Map.of()), 256, nodes).place(4)) {
                final Recorder recorder = rig.submit(greedy(prompt(40), 20));
                final Recorder other = rig.submit(greedy(prompt(12), 8));
                for (int i = 0; i < cycles; i++) {
                    rig.cycle();
                }
                if (recorder.done()) {
                    continue;
                }
                final long steps = rig.engine.status().steps();
                recorder.handle.cancel();
                recorder.handle.cancel();
                rig.cycle();
                assertThat(recorder.finished).isEqualTo(FinishReason.CANCELLED);
                rig.run("its blocks are free", () -> rig.engine.status().running() <= 1);
                assertThat(rig.engine.status().steps()).isLessThanOrEqualTo(steps + 2); // its own and the other lane's
                rig.runAll();
                assertThat(other.tokens).isEqualTo(Oracle.greedy(prompt(12), 8));
                recorder.handle.cancel();
                rig.cycle();
                rig.assertNothingLeaks();
            }
        }
    }

    @Test
    void shouldEndOverdueSequencesAndNoOthers() {
        try (EngineRig rig = rig(Map.of()).place(4)) {
            experts.answering = false;
            final Recorder overdue = rig.submit(withDeadline(rig.nowNs + 5_000_000));
            final Recorder patient = rig.submit(greedy(prompt(12), 8));
            rig.run("the first is overdue", overdue::done);
            assertThat(overdue.failed).isEqualTo(GenerationError.DEADLINE);
            assertThat(patient.done()).isFalse();
            experts.answering = true;
            rig.runAll();
            assertThat(patient.tokens).isEqualTo(Oracle.greedy(prompt(12), 8));
            rig.assertNothingLeaks();
        }
    }

    @Test
    void shouldParkUntilTheDeadlineWhenNobodyHoldsAUnit() {
        try (EngineRig rig = rig(Map.of()).place(8)) {
            IntStream.range(0, 8).forEach(node -> experts.lose(node, Integer.MAX_VALUE));
            rig.cycle();
            assertThat(rig.engine.status().ready()).isFalse();
            final Recorder hopeless = rig.submit(withDeadline(rig.nowNs + 50_000_000));
            final Recorder cancelled = rig.submit(greedy(prompt(30), 5));
            rig.cycle();
            rig.cycle();
            cancelled.handle.cancel();
            rig.runAll();
            assertThat(cancelled.finished).isEqualTo(FinishReason.CANCELLED);
            assertThat(hopeless.failed).isEqualTo(GenerationError.EXPERT_UNAVAILABLE);
            assertThat(hopeless.message).contains("no expert node that holds expert ");
            rig.assertNothingLeaks();
            assertThat(rig.engine.exchangeCounters().parks()).isPositive();
            assertThat(rig.engine.metrics().get(Counter.STEPS_ABANDONED)).isPositive();
        }
    }

    @Test
    void shouldGoOnWhenALostNodeComesBack() {
        try (EngineRig rig = rig(Map.of()).place(8)) {
            final Recorder recorder = rig.submit(greedy(prompt(12), 10));
            rig.run("it has begun", () -> recorder.tokens.size() == 2);
            IntStream.range(0, 8).forEach(node -> experts.lose(node, 100));
            rig.runAll();
            assertThat(recorder.tokens).isEqualTo(Oracle.greedy(prompt(12), 10));
            assertThat(rig.engine.metrics().nanos(Phase.PARKED)).isPositive();
            assertThat(rig.engine.status().ready()).isTrue();
        }
    }

    @Test
    void shouldFailOnlyTheRequestsOfRowsThatCannotBeComputed() {
        try (EngineRig rig = rig(Map.of("lanes", 1)).place(8)) {
            experts.chaos = new Chaos(0, 1, 0, 0, 0, 0);
            experts.nackReason = NackReason.COMPUTE_FAILED;
            final Recorder failed = rig.submit(greedy(prompt(12), 5));
            rig.runAll();
            experts.chaos = Chaos.NONE;
            final Recorder fine = rig.submit(greedy(prompt(12), 5));
            rig.runAll();
            assertThat(failed.failed).isEqualTo(GenerationError.INTERNAL);
            assertThat(fine.cachedTokens).as("poisoned blocks are not shared").isZero();
            assertThat(fine.tokens).isEqualTo(Oracle.greedy(prompt(12), 5));
            rig.assertNothingLeaks();
        }
    }

    @Test
    void shouldFailOnlyTheRequestWhoseLogitsAreNotFinite() {
        final BrokenKernel kernel = new BrokenKernel(EngineRig.router(256, config(Map.of())));
        try (EngineRig rig = new EngineRig(config(Map.of("lanes", 1)), 0, experts, kernel).place(8)) {
            final Recorder first = rig.submit(greedy(prompt(12), 6));
            final Recorder second = rig.submit(greedy(prompt(4), 6));
            kernel.nanInStep = 3;
            rig.runAll();
            assertThat(first.failed).isEqualTo(GenerationError.NUMERIC);
            assertThat(first.tokens).isEqualTo(Oracle.greedy(prompt(12), 6).subList(0, 2));
            assertThat(second.tokens).isEqualTo(Oracle.greedy(prompt(4), 6));
            rig.assertNothingLeaks();
        }
    }

    @Test
    @ExpectedErrors("a step of lane 0 failed")
    void shouldFailTheRequestsOfAStepWhoseJobThrewAndGoOn() {
        final BrokenKernel kernel = new BrokenKernel(EngineRig.router(256, config(Map.of())));
        try (EngineRig rig = new EngineRig(config(Map.of("lanes", 1)), 0, experts, kernel).place(8)) {
            kernel.throwInStep = 2;
            final Recorder failed = rig.submit(greedy(prompt(12), 6));
            rig.runAll();
            final Recorder fine = rig.submit(greedy(prompt(12), 6));
            rig.runAll();
            assertThat(failed.failed).isEqualTo(GenerationError.INTERNAL);
            assertThat(failed.message).doesNotContain("kernel broke");
            assertThat(fine.tokens).isEqualTo(Oracle.greedy(prompt(12), 6));
            assertThat(rig.engine.metrics().get(Counter.STEPS_FAILED)).isEqualTo(1);
            rig.assertNothingLeaks();
        }
    }

    @Test
    @ExpectedErrors("a listener threw")
    void shouldSurviveListenersThatThrow() {
        try (EngineRig rig = rig(Map.of()).place(8)) {
            final Recorder bad = new Recorder() {
                @Override
                public void onToken(final int index, final int tokenId, final TokenScores given) {
                    throw new IllegalStateException("a listener broke");
                }
            };
            rig.submit(greedy(prompt(5), 6), bad);
            final Recorder good = rig.submit(greedy(prompt(12), 6));
            rig.runAll();
            assertThat(bad.failed).isEqualTo(GenerationError.INTERNAL);
            assertThat(good.tokens).isEqualTo(Oracle.greedy(prompt(12), 6));
            rig.assertNothingLeaks();
        }
    }

    @Test
    void shouldSwitchToANewPlacementBetweenLayersAndAcknowledgeWhenOldShardsAreClosed() {
        try (EngineRig rig = rig(Map.of("lanes", 1)).place(8)) {
            experts.answering = false;
            final Recorder recorder = rig.submit(greedy(prompt(12), 6));
            rig.run("shards are out", () -> experts.unanswered() > 0);
            final CompletableFuture<Long> acknowledged = rig.place(5, 2);
            final CompletableFuture<Long> ignored = rig.place(4, 8);
            for (int i = 0; i < 100; i++) {
                rig.cycle();
            }
            assertThat(acknowledged).isNotDone();
            assertThat(ignored).isCompletedWithValue(5L);
            experts.answering = true;
            rig.run("the placement is acknowledged", acknowledged::isDone);
            assertThat(acknowledged).isCompletedWithValue(5L);
            assertThat(experts.connected(7)).as("no longer part of it").isFalse();
            rig.runAll();
            assertThat(recorder.tokens).isEqualTo(Oracle.greedy(prompt(12), 6));
        }
    }

    @Test
    void shouldRefuseAPlacementOfAnotherModel() {
        try (EngineRig rig = rig(Map.of())) {
            final CompletableFuture<Long> refused = rig.engine
                    .apply(new Placement(1, 3, List.of(List.of(0))), List.of())
                    .toCompletableFuture();
            rig.cycle();
            assertThat(refused).isCompletedExceptionally();
        }
    }

    @Test
    void shouldFinishWhatItAcceptedBeforeItIsDrained() {
        try (EngineRig rig = rig(Map.of("max-sequences-per-lane", 1)).place(8)) {
            final List<Recorder> recorders = IntStream.range(0, 6)
                    .mapToObj(i -> rig.submit(greedy(prompt(12), 6)))
                    .toList();
            rig.cycle();
            final CompletableFuture<Void> drained =
                    rig.engine.drain(Duration.ofSeconds(30)).toCompletableFuture();
            assertThat(rig.engine.submit(greedy(prompt(5), 2), new Recorder())).isEqualTo(new Admission.NotServing());
            assertThat(rig.engine.status().ready()).isFalse();
            rig.run("it is drained", drained::isDone);
            assertThat(recorders).allSatisfy(r -> assertThat(r.finished).isEqualTo(FinishReason.LENGTH));
            rig.assertNothingLeaks();
        }
    }

    @Test
    void shouldNotDrainForever() {
        try (EngineRig rig = rig(Map.of()).place(8)) {
            experts.answering = false;
            final Recorder recorder = rig.submit(greedy(prompt(12), 6));
            rig.cycle();
            final CompletableFuture<Void> drained =
                    rig.engine.drain(Duration.ofMillis(5)).toCompletableFuture();
            rig.run("it is drained", drained::isDone);
            assertThat(recorder.failed).isEqualTo(GenerationError.SHUTDOWN);
        }
    }

    @Test
    void shouldEndEverythingWhenClosed() {
        final EngineRig rig = rig(Map.of()).place(8);
        final Recorder running = rig.submit(greedy(prompt(12), 6));
        rig.cycle();
        final Recorder queued = rig.submit(greedy(prompt(12), 6));
        final CompletableFuture<Long> applied = rig.place(9, 3);
        rig.close();
        assertThat(running.failed).isEqualTo(GenerationError.SHUTDOWN);
        assertThat(queued.failed).isEqualTo(GenerationError.SHUTDOWN);
        assertThat(applied).isDone();
        assertThat(rig.engine.submit(greedy(prompt(5), 2), new Recorder())).isEqualTo(new Admission.NotServing());
    }

    private static GenerationRequest withDeadline(final long deadlineNs) {
        return new GenerationRequest(
                prompt(12), 8, 0, Set.of(), SamplingParams.greedy(), -1, -1, "", deadlineNs, TokenRules.NONE);
    }

    /** Breaks in a step of one's choice, counted by calls of {@link #logits} or, for exceptions, {@link #embed}. */
    private static final class BrokenKernel implements RouterKernel {
        private final RouterKernel real;
        int nanInStep = -1;
        int throwInStep = -1;
        private int embeds;
        private int logits;

        BrokenKernel(final RouterKernel real) {
            this.real = real;
        }

        @Override
        public void embed(final StepBatch batch, final LaneBuffers lane) {
            if (++embeds == throwInStep) {
                throw new IllegalStateException("the kernel broke");
            }
            real.embed(batch, lane);
        }

        @Override
        public void attention(final int layer, final StepBatch batch, final LaneBuffers lane) {
            real.attention(layer, batch, lane);
        }

        @Override
        public void logits(final StepBatch batch, final LaneBuffers lane) {
            real.logits(batch, lane);
            if (++logits == nanInStep) {
                lane.logits.set(ValueLayout.JAVA_FLOAT, 40, Float.NaN);
            }
        }

        @Override
        public KvLayout kvLayout() {
            return real.kvLayout();
        }

        @Override
        public long weightBytes() {
            return real.weightBytes();
        }

        @Override
        public long kvBytes() {
            return real.kvBytes();
        }

        @Override
        public void close() {
            real.close();
        }
    }
}
