package io.cheshire.benchmarks.engine.runtime;

import io.cheshire.benchmarks.engine.core.EngineCase;
import io.cheshire.benchmarks.engine.core.Guessing;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.speculate.Speculation;
import io.cheshire.router.runtime.engine.EngineAgent;
import io.cheshire.router.runtime.engine.EngineMetrics.Counter;
import io.cheshire.router.runtime.engine.SpeculationMetrics.What;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Two engines on the same kernels, called directly, one of which guesses tokens; rounds of the same sequences on both
 * in turn, whose tokens must be the same. Used by one thread.
 */
public final class GuessingBench {
    private static final long DEADLINE_NS = TimeUnit.HOURS.toNanos(2);

    private final ProcessConfig config;
    private final Speculation guessing;
    private final List<EngineCase> cases;
    private final int repeat;
    private final Consumer<String> progress;

    /**
     * @param guessing what the one engine guesses
     * @param cases    lengths and batches; all texts have room for them
     * @param repeat   counted pairs of each, after one that warms up
     * @param progress told in lines for people
     */
    public GuessingBench(
            final ProcessConfig config,
            final Speculation guessing,
            final List<EngineCase> cases,
            final int repeat,
            final Consumer<String> progress) {
        this.config = config;
        this.guessing = guessing;
        this.cases = List.copyOf(cases);
        this.repeat = repeat;
        this.progress = progress;
    }

    /**
     * Measures.
     *
     * @param texts        token ids by name; the sequences of a batch begin at different places of a text
     * @param temperatures how tokens are drawn
     * @throws BenchException a sequence failed, or guessing changed a token
     */
    public List<Guessing> run(final Map<String, List<Integer>> texts, final List<Double> temperatures)
            throws InterruptedException {
        try (EngineUnderTest tested = EngineUnderTest.start(config, Progress.NONE, nodes -> {})) {
            final EngineAgent plain = tested.another(each -> each.with(Speculation.OFF));
            final EngineAgent guesser = tested.another(each -> each.with(guessing));
            final List<Guessing> all = new ArrayList<>();
            for (final Map.Entry<String, List<Integer>> text : texts.entrySet()) {
                for (final double temperature : temperatures) {
                    for (final EngineCase ofCase : cases) {
                        all.add(pairs(plain, guesser, text, temperature, ofCase));
                        progress.accept(Guessing.table(List.of(all.getLast())));
                    }
                }
            }
            return all;
        }
    }

    private Guessing pairs(
            final EngineAgent plain,
            final EngineAgent guesser,
            final Map.Entry<String, List<Integer>> text,
            final double temperature,
            final EngineCase ofCase)
            throws InterruptedException {
        final List<Guessing.Run> without = new ArrayList<>();
        final List<Guessing.Run> with = new ArrayList<>();
        for (int number = 0; number <= repeat; number++) {
            final List<List<Integer>> one = new ArrayList<>();
            final List<List<Integer>> two = new ArrayList<>();
            final List<GenerationRequest> requests = requests(text.getValue(), temperature, ofCase);
            final boolean guessesFirst = number % 2 == 1;
            final Guessing.Run first = round(guessesFirst ? guesser : plain, requests, guessesFirst ? two : one);
            final Guessing.Run second = round(guessesFirst ? plain : guesser, requests, guessesFirst ? one : two);
            if (!one.equals(two)) {
                throw new BenchException("guessing changed the tokens of " + text.getKey() + " at temperature "
                        + temperature + ", batch " + ofCase.batch());
            }
            if (number > 0) {
                without.add(guessesFirst ? second : first);
                with.add(guessesFirst ? first : second);
            }
        }
        return new Guessing(text.getKey(), temperature, ofCase.batch(), without, with);
    }

    private static List<GenerationRequest> requests(
            final List<Integer> text, final double temperature, final EngineCase ofCase) {
        final List<GenerationRequest> requests = new ArrayList<>();
        final int spare = Math.max(0, text.size() - ofCase.promptTokens());
        for (int sequence = 0; sequence < ofCase.batch(); sequence++) {
            final int from = ofCase.batch() == 1 ? 0 : spare * sequence / (ofCase.batch() - 1);
            requests.add(new GenerationRequest(
                    text.subList(from, Math.min(text.size(), from + ofCase.promptTokens())),
                    ofCase.generatedTokens() + 1,
                    0,
                    Set.of(),
                    new SamplingParams(temperature, 0, 1, 0, 0, 0, 1, Map.of(), sequence),
                    -1,
                    -1,
                    "bench",
                    System.nanoTime() + DEADLINE_NS,
                    TokenRules.NONE));
        }
        return requests;
    }

    private static Guessing.Run round(
            final EngineAgent engine, final List<GenerationRequest> requests, final List<List<Integer>> tokens)
            throws InterruptedException {
        final int generated = requests.getFirst().maxTokens() - 1;
        final SubmittedRound submitted = SubmittedRound.of(engine, requests);
        final RoundWatch watch = submitted.watch();
        watch.awaitAllDecode();
        final long beganNs = System.nanoTime();
        final long stepsBefore = engine.metrics().get(Counter.STEPS);
        final long tokensBefore = watch.generated();
        final long[] before = counts(engine);
        watch.awaitEnded();
        final long nanos = System.nanoTime() - beganNs;
        submitted.awaitIdle();
        final long[] after = counts(engine);
        tokens.addAll(submitted.tokens());
        if (tokens.stream().anyMatch(each -> each.size() != generated + 1)) {
            throw new BenchException("a sequence ended early");
        }
        return new Guessing.Run(
                watch.generated() - tokensBefore,
                nanos,
                engine.metrics().get(Counter.STEPS) - stepsBefore,
                after[0] - before[0],
                after[1] - before[1],
                after[2] - before[2]);
    }

    private static long[] counts(final EngineAgent engine) {
        return new long[] {
            engine.metrics().speculation().get(What.DRAFTED_TOKENS),
            engine.metrics().speculation().get(What.ACCEPTED_TOKENS),
            engine.metrics().speculation().get(What.EXTRA_UNITS)
        };
    }

    /** The first tokens of a text again and again: what is said has been said. */
    public static List<Integer> again(final List<Integer> text, final int passage, final int length) {
        final List<Integer> said = text.subList(0, Math.min(passage, text.size()));
        final List<Integer> all = new ArrayList<>();
        Collections.nCopies(Math.ceilDiv(length, said.size()), said).forEach(all::addAll);
        return all.subList(0, length);
    }
}
