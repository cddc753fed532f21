package io.cheshire.router.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.Precision;
import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.TokenScores;
import io.cheshire.router.core.grammar.Grammar;
import io.cheshire.router.core.grammar.GrammarCompiler;
import io.cheshire.router.core.grammar.GrammarLimits;
import io.cheshire.router.core.grammar.GrammarSource;
import io.cheshire.router.core.grammar.TokenVocabulary;
import io.cheshire.router.runtime.engine.EngineMetrics.Counter;
import io.cheshire.router.runtime.engine.FakeExperts.Chaos;
import io.cheshire.router.runtime.engine.SpeculationMetrics.What;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Jumping over what a grammar leaves no choice of changes how many steps there are, and nothing that a client sees. */
class JumpForwardTest {
    private static final int AMPLE_BLOCKS = 1024;
    private static final int SCARCE_BLOCKS = 18;
    private static final long SEED = Long.getLong("cheshire.test.seed", 20261130L);
    private static final int END = 63;
    private static final String LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz{}[]\":, .-\\";
    private static final List<String> PIECES =
            List.of("name", "na", "\":", "{\"", "ag", "e\"", "true", "\"}", "ab", "a");

    /** Tokens of a grammar's text. */
    enum Tokens {
        /** One for each character: what must follow has one token. */
        LETTERS_ONLY,
        /** And pieces of several, one of them twice: what must follow may be cut in several ways. */
        WITH_PIECES;

        private TokenVocabulary vocabulary() {
            return new TokenVocabulary(64, (id, opens) -> text(id).getBytes(StandardCharsets.UTF_8), id -> id == END);
        }

        private String text(final int id) {
            final int piece = id - LETTERS.length();
            if (piece < 0) {
                return LETTERS.substring(id, id + 1);
            }
            return this == WITH_PIECES && piece < PIECES.size() ? PIECES.get(piece) : "";
        }
    }

    /** All that a client may see of a sequence. */
    private record Answer(
            List<Integer> tokens,
            List<TokenScores> scores,
            List<TokenScores> promptScores,
            FinishReason finished,
            Object failed,
            int accepted,
            int rejected) {}

    private static List<Grammar> grammars(final Tokens tokens) {
        final GrammarCompiler compiler = new GrammarCompiler(tokens.vocabulary(), GrammarLimits.DEFAULT);
        return List.of(
                compiler.compile(new GrammarSource.Pattern("(name: (true|a+b)\\. ){2,3}end")),
                compiler.compile(new GrammarSource.Choice(List.of("abababab", "name: true"))),
                compiler.compile(new GrammarSource.Schema(
                        "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"boolean\"},\"age\":{\"type\":"
                                + "\"integer\",\"maximum\":9,\"minimum\":0}},\"required\":[\"name\",\"age\"]}",
                        true)));
    }

    private static List<GenerationRequest> requests(final Tokens tokens, final int count) {
        System.out.println("seed " + SEED + " (-Dcheshire.test.seed)");
        final Random random = new Random(SEED);
        final List<Grammar> grammars = grammars(tokens);
        final List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            final boolean isPlain = random.nextBoolean();
            final SamplingParams sampling = new SamplingParams(
                    random.nextInt(3) == 0 ? 0 : 0.3 + random.nextDouble(),
                    random.nextBoolean() ? 0 : 1 + random.nextInt(4),
                    random.nextBoolean() ? 1 : 0.6 + random.nextDouble() / 3,
                    random.nextBoolean() ? 0 : random.nextDouble() / 10,
                    isPlain || random.nextBoolean() ? 0 : random.nextDouble(),
                    0,
                    isPlain || random.nextBoolean() ? 1 : 0.8 + random.nextDouble() / 2,
                    isPlain || random.nextBoolean() ? Map.of() : Map.of(random.nextInt(40), random.nextDouble() * 4),
                    random.nextLong());
            requests.add(new GenerationRequest(
                    EngineRig.prompt(1 + random.nextInt(20)),
                    1 + random.nextInt(40),
                    random.nextInt(4),
                    random.nextInt(3) == 0 ? Set.of() : random.nextInt(4) == 0 ? Set.of(END, 20) : Set.of(END),
                    sampling,
                    random.nextInt(3) == 0 ? random.nextInt(3) : -1,
                    random.nextInt(5) == 0 ? 1 : -1,
                    "tenant",
                    EngineRig.NEVER,
                    new TokenRules(
                            Set.of(),
                            random.nextInt(5) == 0 ? List.of(List.of(10, 11)) : List.of(),
                            grammars.get(random.nextInt(grammars.size())),
                            random.nextBoolean())));
        }
        return requests;
    }

    private static EngineRig rig(final boolean jumps, final Map<String, Object> settings, final int blocks) {
        final Map<String, Object> all = new HashMap<>(settings);
        all.put("jump-forward.enabled", jumps);
        return new EngineRig(EngineRig.config(all), blocks, new FakeExperts(Precision.FP32, 64, 1)).place(8);
    }

    private static List<Answer> run(final EngineRig rig, final List<GenerationRequest> requests) {
        final List<Recorder> recorders = requests.stream().map(rig::submit).toList();
        rig.runAll();
        rig.assertNothingLeaks();
        return recorders.stream()
                .map(each -> new Answer(
                        List.copyOf(each.tokens),
                        each.scores,
                        each.promptScores,
                        each.finished,
                        each.failed,
                        each.accepted,
                        each.rejected))
                .toList();
    }

    private static List<Answer> plain(final List<GenerationRequest> requests) {
        try (EngineRig rig = rig(false, Map.of(), AMPLE_BLOCKS)) {
            final List<Answer> answers = run(rig, requests);
            assertThat(rig.engine.metrics().speculation().get(What.CERTAIN_TOKENS))
                    .isZero();
            return answers;
        }
    }

    @ParameterizedTest
    @EnumSource(Tokens.class)
    void shouldAnswerWithTheSameBitsInFewerSteps(final Tokens tokens) {
        final List<GenerationRequest> requests = requests(tokens, 60);
        final List<Answer> expected;
        final long steps;
        try (EngineRig rig = rig(false, Map.of("lanes", 1), AMPLE_BLOCKS)) {
            expected = run(rig, requests);
            steps = rig.engine.metrics().get(Counter.STEPS);
        }
        try (EngineRig rig = rig(true, Map.of("lanes", 1), AMPLE_BLOCKS)) {
            assertThat(run(rig, requests)).isEqualTo(expected);
            assertThat(rig.engine.metrics().get(Counter.STEPS)).isLessThan(steps);
            final SpeculationMetrics metrics = rig.engine.metrics().speculation();
            assertThat(metrics.get(What.CERTAIN_TOKENS)).isPositive();
            assertThat(metrics.get(What.FORM_ACCEPTED_TOKENS))
                    .isPositive()
                    .isLessThanOrEqualTo(metrics.get(What.FORM_TOKENS));
        }
        assertThat(expected).anyMatch(answer -> answer.finished == FinishReason.STOP);
        assertThat(expected).anyMatch(answer -> answer.finished == FinishReason.LENGTH);
    }

    @ParameterizedTest
    @EnumSource(Tokens.class)
    void shouldAnswerWithTheSameBitsUnderPreemption(final Tokens tokens) {
        final List<GenerationRequest> requests = requests(tokens, 40);
        try (EngineRig rig = rig(true, Map.of("max-rows-per-step", 24), SCARCE_BLOCKS)) {
            assertThat(run(rig, requests)).isEqualTo(plain(requests));
            assertThat(rig.engine.status().preemptions()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(Tokens.class)
    void shouldAnswerWithTheSameBitsWhileNodesAreLostAndRefuse(final Tokens tokens) {
        final List<GenerationRequest> requests = requests(tokens, 40);
        try (EngineRig rig = rig(true, Map.of("retry.max-compute-failures", 1_000_000), AMPLE_BLOCKS)) {
            rig.experts.chaos = Chaos.ALL;
            rig.experts.maxAnswersPerCycle = 3;
            assertThat(run(rig, requests)).isEqualTo(plain(requests));
        }
    }

    @ParameterizedTest
    @EnumSource(Tokens.class)
    void shouldAnswerWithTheSameBitsBesideGuessesFromThePrompt(final Tokens tokens) {
        final List<GenerationRequest> requests = requests(tokens, 40);
        try (EngineRig rig = rig(
                true,
                Map.of("speculative", "prompt-lookup", "prompt-lookup.min-match", 1, "jump-forward.max-tokens", 3),
                SCARCE_BLOCKS)) {
            assertThat(run(rig, requests))
                    .usingRecursiveComparison()
                    .ignoringFields("accepted", "rejected")
                    .withEqualsForType(Float::equals, Float.class) // to the bit; no entropy is NaN
                    .isEqualTo(plain(requests));
            assertThat(rig.engine.metrics().speculation().get(What.ACCEPTED_TOKENS))
                    .isPositive();
        }
    }

    /** n choices of one prompt are sequences that differ in their seeds. */
    @Test
    void shouldGiveEveryChoiceTheSameBits() {
        final Grammar grammar = grammars(Tokens.WITH_PIECES).getLast();
        final List<GenerationRequest> choices = IntStream.range(0, 8)
                .mapToObj(i -> new GenerationRequest(
                        EngineRig.prompt(5),
                        40,
                        0,
                        Set.of(END),
                        new SamplingParams(1, 0, 1, 0, 0, 0, 1, Map.of(), 100 + i),
                        -1,
                        -1,
                        "tenant",
                        EngineRig.NEVER,
                        new TokenRules(Set.of(), List.of(), grammar, true)))
                .toList();
        try (EngineRig rig = rig(true, Map.of(), AMPLE_BLOCKS)) {
            assertThat(run(rig, choices)).isEqualTo(plain(choices));
        }
    }

    /** Prompt, fixed text and all: one step for all of the text but what is drawn. */
    @Test
    void shouldTakeAFixedTextInOneStep() {
        final Grammar fixed = new GrammarCompiler(Tokens.LETTERS_ONLY.vocabulary(), GrammarLimits.DEFAULT)
                .compile(new GrammarSource.Choice(List.of("abcdefg")));
        final GenerationRequest request = new GenerationRequest(
                EngineRig.prompt(4),
                20,
                0,
                Set.of(END),
                SamplingParams.greedy(),
                -1,
                -1,
                "tenant",
                EngineRig.NEVER,
                new TokenRules(Set.of(), List.of(), fixed, true));
        try (EngineRig rig = rig(true, Map.of(), AMPLE_BLOCKS)) {
            final List<Answer> answers = run(rig, List.of(request));
            assertThat(answers.getFirst().tokens()).containsExactly(10, 11, 12, 13, 14, 15, 16, END);
            assertThat(answers.getFirst().finished()).isEqualTo(FinishReason.STOP);
            assertThat(rig.engine.metrics().get(Counter.STEPS)).isEqualTo(1);
        }
    }
}
