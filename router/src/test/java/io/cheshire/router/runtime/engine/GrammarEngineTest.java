package io.cheshire.router.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.Precision;
import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.GenerationListener.GenerationError;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.grammar.Grammar;
import io.cheshire.router.core.grammar.GrammarCompiler;
import io.cheshire.router.core.grammar.GrammarLimits;
import io.cheshire.router.core.grammar.GrammarSource;
import io.cheshire.router.core.grammar.TokenVocabulary;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Grammars in the engine: texts match, whatever becomes of their sequences, and end when they are complete. */
class GrammarEngineTest {
    static final int END = 63;
    private static final String LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz{}[]\":, .-\\";
    private static final GrammarCompiler COMPILER = new GrammarCompiler(
            new TokenVocabulary(
                    64,
                    (id, opens) -> id < LETTERS.length()
                            ? LETTERS.substring(id, id + 1).getBytes(StandardCharsets.UTF_8)
                            : new byte[0],
                    id -> id == END),
            GrammarLimits.DEFAULT);

    static GenerationRequest request(
            final Grammar grammar, final int promptLength, final SamplingParams sampling, final Set<Integer> stops) {
        return new GenerationRequest(
                EngineRig.prompt(promptLength),
                20,
                0,
                stops,
                sampling,
                -1,
                -1,
                "scope",
                EngineRig.NEVER,
                new TokenRules(Set.of(), List.of(), grammar, true));
    }

    static SamplingParams sampled(final long seed) {
        return new SamplingParams(1, 0, 1, 0, 0, 0, 1, Map.of(), seed);
    }

    static String text(final Recorder recorder) {
        final StringBuilder text = new StringBuilder();
        recorder.tokens.stream().filter(id -> id != END).forEach(id -> text.append(LETTERS.charAt(id)));
        return text.toString();
    }

    static EngineRig rig(final int kvBlocks) {
        return new EngineRig(EngineRig.config(Map.of()), kvBlocks, new FakeExperts(Precision.FP32, 64, 1)).place(2);
    }

    static Grammar pattern(final String pattern) {
        return COMPILER.compile(new GrammarSource.Pattern(pattern));
    }

    @Test
    void shouldMatchInACrowdUnderPreemptionWhatItMatchesAlone() {
        final Grammar grammar = pattern("(ab|c[0-9]{2}){3,5}x");
        final List<List<Integer>> alone = new ArrayList<>();
        for (int seed = 0; seed < 6; seed++) {
            try (EngineRig rig = rig(64)) {
                final Recorder recorder = rig.submit(request(grammar, 9 + seed, sampled(seed), Set.of(END)));
                rig.runAll();
                assertThat(text(recorder)).matches("(ab|c[0-9]{2}){3,5}x");
                assertThat(recorder.finished).isEqualTo(FinishReason.STOP);
                assertThat(recorder.tokens).endsWith(END);
                alone.add(recorder.tokens);
            }
        }
        // Blocks for two of them at most: the others give way, again and again.
        try (EngineRig rig = rig(18)) {
            final List<Recorder> crowd = new ArrayList<>();
            for (int seed = 0; seed < 6; seed++) {
                crowd.add(rig.submit(request(grammar, 9 + seed, sampled(seed), Set.of(END))));
            }
            rig.runAll();
            assertThat(crowd).extracting(recorder -> recorder.tokens).isEqualTo(alone);
            assertThat(rig.engine.status().preemptions()).isPositive();
            rig.assertNothingLeaks();
        }
    }

    /** Guessed tokens that a grammar forbids, that complete it, and that come behind its end. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldMatchWithGuessesWhatItMatchesWithout(final boolean hasStopId) {
        final List<Grammar> grammars = List.of(
                pattern("(ab|c[0-9]{2}){3,5}x"),
                pattern("(ab){4,6}"),
                COMPILER.compile(new GrammarSource.Schema("""
                        {"type":"array","minItems":2,"maxItems":5,"items":{"type":"integer","minimum":0,"maximum":9}}
                        """, true)));
        final List<Recorder> plain = new ArrayList<>();
        final List<Recorder> guessing = new ArrayList<>();
        final Map<String, Object> guesses = Map.of("speculative", "prompt-lookup", "prompt-lookup.min-match", 1);
        for (final Map<String, Object> settings : List.of(Map.<String, Object>of(), guesses)) {
            try (EngineRig rig =
                    new EngineRig(EngineRig.config(settings), 18, new FakeExperts(Precision.FP32, 64, 1)).place(2)) {
                for (int seed = 0; seed < 12; seed++) {
                    (settings.isEmpty() ? plain : guessing)
                            .add(rig.submit(request(
                                    grammars.get(seed % 3),
                                    4 + seed,
                                    seed < 3 ? SamplingParams.greedy() : sampled(seed),
                                    hasStopId ? Set.of(END) : Set.of())));
                }
                rig.runAll();
                rig.assertNothingLeaks();
            }
        }
        assertThat(guessing)
                .extracting(recorder -> recorder.tokens)
                .isEqualTo(plain.stream().map(recorder -> recorder.tokens).toList());
        assertThat(guessing)
                .extracting(recorder -> recorder.finished)
                .isEqualTo(plain.stream().map(recorder -> recorder.finished).toList());
        assertThat(guessing.stream().mapToInt(recorder -> recorder.accepted).sum())
                .isPositive();
        assertThat(guessing.stream().mapToInt(recorder -> recorder.rejected).sum())
                .isPositive();
        assertThat(plain).anyMatch(recorder -> recorder.finished == FinishReason.STOP);
    }

    @Test
    void shouldEndWithoutAStopIdWhenNothingMayFollow() {
        try (EngineRig rig = rig(64)) {
            final Recorder recorder = rig.submit(request(pattern("abc"), 5, SamplingParams.greedy(), Set.of()));
            rig.runAll();
            assertThat(text(recorder)).isEqualTo("abc");
            assertThat(recorder.finished).isEqualTo(FinishReason.STOP);
        }
    }

    @Test
    void shouldFailASequenceThatNoTokenCanGoOnWith() {
        try (EngineRig rig = rig(64)) {
            final Recorder stuck = rig.submit(request(pattern("aÄ"), 5, SamplingParams.greedy(), Set.of(END)));
            final Recorder other = rig.submit(EngineRig.greedy(EngineRig.prompt(5), 4));
            rig.runAll();
            assertThat(text(stuck)).isEqualTo("a");
            assertThat(stuck.failed).isEqualTo(GenerationError.FORMAT);
            assertThat(other.finished).isEqualTo(FinishReason.LENGTH);
        }
    }

    @Test
    void shouldDrawNoOtherThanAllowedIdsAndCompleteNoBadWord() {
        try (EngineRig rig = rig(64)) {
            final Recorder recorder = rig.submit(new GenerationRequest(
                    EngineRig.prompt(5),
                    20,
                    0,
                    Set.of(),
                    sampled(3),
                    -1,
                    -1,
                    "scope",
                    EngineRig.NEVER,
                    new TokenRules(Set.of(7, 8, 9), List.of(List.of(9), List.of(7, 8)), null, false)));
            rig.runAll();
            assertThat(recorder.tokens).hasSize(20).containsOnly(7, 8).contains(7);
            assertThat(recorder.tokens.indexOf(8)).isLessThanOrEqualTo(recorder.tokens.indexOf(7));
            for (int i = 1; i < recorder.tokens.size(); i++) {
                assertThat(recorder.tokens.get(i - 1) == 7 && recorder.tokens.get(i) == 8)
                        .isFalse();
            }
        }
    }
}
