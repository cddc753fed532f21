package io.cheshire.benchmarks.engine.runtime;

import io.cheshire.benchmarks.engine.core.FormRates;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.grammar.Grammar;
import io.cheshire.router.core.speculate.JumpForward;
import io.cheshire.router.runtime.engine.EngineAgent;
import io.cheshire.router.runtime.engine.EngineMetrics.Counter;
import io.cheshire.router.runtime.engine.SpeculationMetrics.What;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Two engines on the same kernels, called directly, one of which jumps forward; rounds of free text, of a form, and of
 * the form with jumps, in turn. Used by one thread.
 */
public final class GrammarBench {
    private static final long DEADLINE_NS = TimeUnit.HOURS.toNanos(2);

    private final ProcessConfig config;
    private final Subject subject;
    private final int repeat;
    private final Consumer<String> progress;

    /**
     * What is generated.
     *
     * @param grammar   of the form
     * @param prompt    of all sequences, which differ in their seeds
     * @param stopIds   that end an answer
     * @param maxTokens of an answer
     */
    public record Subject(Grammar grammar, List<Integer> prompt, Set<Integer> stopIds, int maxTokens) {
        public Subject {
            prompt = List.copyOf(prompt);
            stopIds = Set.copyOf(stopIds);
        }
    }

    /**
     * @param repeat   counted rounds of each kind, after one that warms up
     * @param progress told in lines for people
     */
    public GrammarBench(
            final ProcessConfig config, final Subject subject, final int repeat, final Consumer<String> progress) {
        this.config = config;
        this.subject = subject;
        this.repeat = repeat;
        this.progress = progress;
    }

    /** @throws BenchException a sequence failed, or jumping changed a token */
    public List<FormRates> run(final List<Integer> batches, final List<Double> temperatures)
            throws InterruptedException {
        try (EngineUnderTest tested = EngineUnderTest.start(config, Progress.NONE, nodes -> {})) {
            final EngineAgent plain = tested.another(each -> each.with(JumpForward.OFF));
            final EngineAgent jumping =
                    tested.another(each -> each.with(each.jumpForward().on()));
            final List<FormRates> all = new ArrayList<>();
            for (final double temperature : temperatures) {
                for (final int batch : batches) {
                    all.add(rounds(plain, jumping, temperature, batch));
                    progress.accept(FormRates.table(List.of(all.getLast())));
                }
            }
            return all;
        }
    }

    private FormRates rounds(
            final EngineAgent plain, final EngineAgent jumping, final double temperature, final int batch)
            throws InterruptedException {
        final List<FormRates.Run> free = new ArrayList<>();
        final List<FormRates.Run> form = new ArrayList<>();
        final List<FormRates.Run> jumps = new ArrayList<>();
        for (int number = 0; number <= repeat; number++) {
            final List<GenerationRequest> requests = new ArrayList<>();
            for (int sequence = 0; sequence < batch; sequence++) {
                requests.add(request(subject.maxTokens(), temperature, sequence, true));
            }
            final List<List<Integer>> one = new ArrayList<>();
            final List<List<Integer>> two = new ArrayList<>();
            final boolean jumpsFirst = number % 2 == 1;
            final FormRates.Run first = round(jumpsFirst ? jumping : plain, requests, jumpsFirst ? two : one);
            final FormRates.Run second = round(jumpsFirst ? plain : jumping, requests, jumpsFirst ? one : two);
            if (!one.equals(two)) {
                throw new BenchException(
                        "jumping forward changed the tokens at temperature " + temperature + ", batch " + batch);
            }
            final List<GenerationRequest> freely = new ArrayList<>();
            for (int sequence = 0; sequence < batch; sequence++) {
                freely.add(request(one.get(sequence).size(), temperature, sequence, false));
            }
            final FormRates.Run third = round(plain, freely, new ArrayList<>());
            if (number > 0) {
                free.add(third);
                form.add(jumpsFirst ? second : first);
                jumps.add(jumpsFirst ? first : second);
            }
        }
        return new FormRates(temperature, batch, free, form, jumps);
    }

    private GenerationRequest request(
            final int maxTokens, final double temperature, final int sequence, final boolean hasForm) {
        return new GenerationRequest(
                subject.prompt(),
                maxTokens,
                0,
                hasForm ? subject.stopIds() : Set.of(),
                new SamplingParams(temperature, 0, 1, 0, 0, 0, 1, Map.of(), sequence),
                -1,
                -1,
                "bench",
                System.nanoTime() + DEADLINE_NS,
                hasForm ? new TokenRules(Set.of(), List.of(), subject.grammar(), false) : TokenRules.NONE);
    }

    private static FormRates.Run round(
            final EngineAgent engine, final List<GenerationRequest> requests, final List<List<Integer>> tokens)
            throws InterruptedException {
        final long[] before = counts(engine);
        final long beganNs = System.nanoTime();
        final SubmittedRound submitted = SubmittedRound.of(engine, requests);
        final RoundWatch watch = submitted.watch();
        watch.awaitEnded();
        final long nanos = System.nanoTime() - beganNs;
        submitted.awaitIdle();
        final long[] after = counts(engine);
        tokens.addAll(submitted.tokens());
        return new FormRates.Run(
                watch.generated(),
                nanos,
                after[0] - before[0],
                after[1] - before[1],
                after[2] - before[2],
                after[3] - before[3]);
    }

    private static long[] counts(final EngineAgent engine) {
        return new long[] {
            engine.metrics().get(Counter.STEPS),
            engine.metrics().speculation().get(What.CERTAIN_TOKENS),
            engine.metrics().speculation().get(What.FORM_TOKENS),
            engine.metrics().speculation().get(What.FORM_ACCEPTED_TOKENS)
        };
    }
}
