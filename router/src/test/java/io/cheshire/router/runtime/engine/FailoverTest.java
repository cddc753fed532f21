package io.cheshire.router.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.router.core.GenerationListener.GenerationError;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.grammar.Grammar;
import io.cheshire.transport.core.FrameHook.Direction;
import io.cheshire.transport.core.LinkFaults;
import io.cheshire.transport.core.SeededFaults;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Real frames, heartbeats and nodes: the same bits as the model in one process gives, whatever happens to nodes. */
class FailoverTest {
    private static final int NODES = 4;
    private static final int VICTIM = 1;
    /** Short times: a test waits for them. */
    private static final String QUICK = """
            cheshire.transport { heartbeat-interval = 5 ms, suspect-after = 40 ms, reconnect-interval = 20 ms }
            cheshire.router.engine.hedge { min-deadline = 10 ms, max-deadline = 20 ms, answer-timeout = 60 ms }
            """;

    static LongStream seeds() {
        final Long seed = Long.getLong("cheshire.seed");
        return seed != null ? LongStream.of(seed) : LongStream.rangeClosed(1, 6);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldGiveTheSameTokensThoughFramesAreLostLateOrDoubled(final long seed) {
        final SeededFaults faults = new SeededFaults(seed);
        try (ClusterRig rig = new ClusterRig(NODES, faults, QUICK).place(1 + (int) (seed % 2))) {
            for (int node = 0; node < NODES; node++) {
                faults.set(node, Direction.TO_NODE, new LinkFaults(0.01, 0.05, 0, 0.05, 0, 500_000, false));
                faults.set(node, Direction.FROM_NODE, new LinkFaults(0.01, 0.05, 0, 0.05, 0, 500_000, false));
            }
            final List<GenerationRequest> requests = new Workload(seed).requests(12);
            final List<Recorder> recorders = requests.stream().map(rig::submit).toList();
            rig.runAll();
            for (int i = 0; i < requests.size(); i++) {
                assertExpected(requests.get(i), recorders.get(i));
            }
            assertThat(faults.injectedCount()).isPositive();
        }
    }

    @Test
    void shouldLoseNothingWhenANodeStopsAndTakeItBackWhenItGoesOn() {
        try (ClusterRig rig = new ClusterRig(NODES, null, QUICK).place(2)) {
            final List<GenerationRequest> requests = new Workload(3).requests(20);
            final List<Recorder> recorders = requests.stream().map(rig::submit).toList();
            rig.await("tokens flow", () -> recorders.stream().anyMatch(r -> r.tokens.size() > 2));
            rig.paused.set(VICTIM);
            rig.runAll();
            rig.await("the node is suspect", () -> isSuspect(rig, VICTIM));
            assertThat(rig.engine.unanswered().keys()).isEmpty();
            rig.paused.clear(VICTIM);
            rig.await("the node is well", () -> rig.engine.nodeHealth().stream().noneMatch(n -> n.suspect()));
            final Recorder after = rig.submit(requests.getFirst());
            rig.runAll();
            assertExpected(requests.getFirst(), after);
            for (int i = 0; i < requests.size(); i++) {
                assertExpected(requests.get(i), recorders.get(i));
            }
            assertConserved(rig);
        }
    }

    /** A killed process: it stands still, and its kernel closes its connections. */
    @Test
    void shouldAskReplicasAtOnceWhenTheLifelineOfANodeIsCut() {
        final String patient = """
                cheshire.transport { heartbeat-interval = 5 ms, suspect-after = 10 m, peer-timeout = 20 m }
                cheshire.router.engine.hedge { min-deadline = 10 m, max-deadline = 10 m, answer-timeout = 20 m }
                """;
        try (ClusterRig rig = new ClusterRig(NODES, null, patient).place(2)) {
            rig.await("the lifeline is held", () -> rig.lifelines.get(VICTIM).heldCount() == 1);
            final List<GenerationRequest> requests = new Workload(5).requests(10);
            final List<Recorder> recorders = requests.stream().map(rig::submit).toList();
            rig.await("tokens flow", () -> recorders.stream().anyMatch(r -> r.tokens.size() > 2));

            rig.paused.set(VICTIM);
            rig.lifelines.get(VICTIM).close();

            rig.runAll();
            for (int i = 0; i < requests.size(); i++) {
                assertExpected(requests.get(i), recorders.get(i));
            }
            rig.await("the node is suspect", () -> isSuspect(rig, VICTIM));
        }
    }

    /** What an answer may be is a function of what it is so far, so nobody has to tell the other node of it. */
    @Test
    void shouldMatchItsGrammarWithTheSameTokensWhenANodeIsKilled() {
        final Grammar grammar = GrammarEngineTest.pattern("(ab|c[0-9]{2}){3,5}x");
        final List<GenerationRequest> requests = LongStream.range(0, 8)
                .mapToObj(seed -> GrammarEngineTest.request(
                        grammar, 9 + (int) seed, GrammarEngineTest.sampled(seed), Set.of(GrammarEngineTest.END)))
                .toList();
        final List<List<Integer>> undisturbed = requests.stream()
                .map(request -> {
                    try (EngineRig rig = GrammarEngineTest.rig(64)) {
                        final Recorder alone = rig.submit(request);
                        rig.runAll();
                        return alone.tokens;
                    }
                })
                .toList();
        try (ClusterRig rig = new ClusterRig(NODES, null, QUICK).place(2)) {
            rig.await("the lifeline is held", () -> rig.lifelines.get(VICTIM).heldCount() == 1);
            final List<Recorder> recorders = requests.stream().map(rig::submit).toList();
            rig.await("tokens flow", () -> recorders.stream().anyMatch(r -> r.tokens.size() > 2));
            assertThat(recorders).anyMatch(r -> r.finished == null);

            rig.paused.set(VICTIM);
            rig.lifelines.get(VICTIM).close();

            rig.runAll();
            assertThat(recorders).extracting(r -> r.tokens).isEqualTo(undisturbed);
            assertThat(recorders).allMatch(r -> GrammarEngineTest.text(r).matches("(ab|c[0-9]{2}){3,5}x"));
        }
    }

    @ParameterizedTest
    @EnumSource(Direction.class)
    void shouldSuspectANodeThatIsCutOffInOneDirection(final Direction direction) {
        final SeededFaults faults = new SeededFaults(1);
        try (ClusterRig rig = new ClusterRig(NODES, faults, QUICK).place(2)) {
            faults.set(VICTIM, direction, LinkFaults.PARTITION);
            final List<GenerationRequest> requests = new Workload(4).requests(10);
            final List<Recorder> recorders = requests.stream().map(rig::submit).toList();
            rig.runAll();
            for (int i = 0; i < requests.size(); i++) {
                assertExpected(requests.get(i), recorders.get(i));
            }
            rig.await("the node is suspect", () -> isSuspect(rig, VICTIM));
            faults.heal();
            rig.await("the node is well", () -> rig.engine.nodeHealth().stream().noneMatch(n -> n.suspect()));
        }
    }

    @Test
    void shouldWaitForTheOnlyNodeThatHoldsAUnitAndSayWhichUnitAtTheDeadline() {
        try (ClusterRig rig = new ClusterRig(NODES, null, QUICK).place(1)) {
            rig.paused.set(VICTIM);
            final GenerationRequest patient = EngineRig.greedy(EngineRig.prompt(14), 10);
            final Recorder waits = rig.submit(patient);
            rig.await(
                    "the node is suspect", () -> !rig.engine.unanswered().keys().isEmpty());
            final Recorder fails = rig.submit(until(System.nanoTime() + 300_000_000L));
            rig.await("its deadline", fails::done);
            assertThat(fails.failed).isEqualTo(GenerationError.EXPERT_UNAVAILABLE);
            assertThat(fails.message).matches("no expert node that holds expert [15] of layer [01] answers; .*");
            assertThat(waits.done()).isFalse();
            assertThat(rig.engine.unanswered().keys())
                    .isNotEmpty()
                    .allSatisfy(key -> assertThat(key.expert() % NODES).isEqualTo(VICTIM));
            rig.paused.clear(VICTIM);
            rig.runAll();
            assertExpected(patient, waits);
            rig.await("all answer", () -> rig.engine.unanswered().keys().isEmpty());
        }
    }

    /** Others may be for a moment, where this thread had to wait for a processor. */
    private static boolean isSuspect(final ClusterRig rig, final int nodeId) {
        return rig.engine.nodeHealth().stream().anyMatch(node -> node.nodeId() == nodeId && node.suspect());
    }

    private static GenerationRequest until(final long deadlineNs) {
        return new GenerationRequest(
                EngineRig.prompt(14),
                10,
                0,
                Set.of(),
                SamplingParams.greedy(),
                -1,
                -1,
                "scope",
                deadlineNs,
                TokenRules.NONE);
    }

    /** Every row served is one that was computed, or one that came late, each counted. */
    private static void assertConserved(final ClusterRig rig) {
        // Answers that were written off while the node stood still come when it goes on.
        rig.await("nobody owes an answer", () -> {
            final AnswerRows rows = rig.engine.answerRows();
            return Stream.concat(rows.open().stream(), rows.lost().stream()).allMatch(count -> count == 0);
        });
        final AnswerRows rows = rig.engine.answerRows();
        final List<Long> served = rig.rowsServed();
        for (int layer = 0; layer < served.size(); layer++) {
            assertThat(served.get(layer))
                    .as("rows served in layer %d", layer)
                    .isEqualTo(2 * rig.engine.rowsByLayer().get(layer)
                            + rows.unused().get(layer));
        }
    }

    private static void assertExpected(final GenerationRequest request, final Recorder recorder) {
        final Oracle.Expected expected = Oracle.run(request, recorder.tokens);
        assertThat(recorder.failed).as(String.valueOf(recorder.message)).isNull();
        assertThat(recorder.tokens).isEqualTo(expected.tokens());
        assertThat(recorder.scores).isEqualTo(expected.scores());
        assertThat(recorder.promptScores).isEqualTo(expected.promptScores());
    }
}
