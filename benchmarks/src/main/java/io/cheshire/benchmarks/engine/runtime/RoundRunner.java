package io.cheshire.benchmarks.engine.runtime;

import io.cheshire.benchmarks.engine.core.EngineCase;
import io.cheshire.benchmarks.engine.core.Interval;
import io.cheshire.benchmarks.engine.core.Ledger;
import io.cheshire.benchmarks.engine.core.Mode;
import io.cheshire.benchmarks.engine.core.Round;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.benchmarks.serve.core.PlannedRequest;
import io.cheshire.benchmarks.serve.core.PromptTokens;
import io.cheshire.benchmarks.serve.core.RequestShape;
import io.cheshire.router.core.Engine;
import io.cheshire.router.core.Engine.Admission;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.runtime.engine.EngineAgent;
import io.cheshire.router.runtime.engine.EngineMetrics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Runs rounds on the engine under test, one at a time. Used by one thread. */
final class RoundRunner {
    private static final long DEADLINE_NS = TimeUnit.HOURS.toNanos(2);
    private static final long QUIET_NS = TimeUnit.MINUTES.toNanos(1);
    private static final long POLL_NS = 500_000;

    private final EngineUnderTest tested;
    private final PromptTokens prompts;
    private final int contextTokens;
    private final HeapMeter heap = new HeapMeter();

    /** @param contextTokens the longest sequence */
    RoundRunner(final EngineUnderTest tested, final PromptTokens prompts, final int contextTokens) {
        this.tested = tested;
        this.prompts = prompts;
        this.contextTokens = contextTokens;
    }

    /**
     * Submits all sequences of a case at once and follows them until enough tokens are counted.
     *
     * @param number decides the prompts: equal numbers, equal prompts
     */
    Round run(final EngineCase ofCase, final Mode mode, final int number) throws InterruptedException {
        final EngineAgent engine = tested.engine(mode);
        final RoundWatch watch = new RoundWatch(ofCase.batch(), ofCase.generatedTokens());
        final int maxTokens = contextTokens - ofCase.promptTokens();
        final List<SequenceLog> logs = new ArrayList<>();
        final List<GenerationRequest> requests = new ArrayList<>();
        for (int sequence = 0; sequence < ofCase.batch(); sequence++) {
            logs.add(new SequenceLog(watch, maxTokens));
            requests.add(request(ofCase, number * ofCase.batch() + sequence, maxTokens));
        }
        final List<Ledger.Page> begun = tested.book().pages();
        final long submittedNs = System.nanoTime();
        final List<Engine.Handle> handles = submit(engine, requests, logs);
        watch.awaitAllDecode();
        final List<Ledger.Page> decoding = tested.book().pages();
        final Map<String, Long> lanesBefore = lanes(engine);
        final long heapBefore = heap.allocatedByOthers();
        final long tokensBefore = watch.generated();
        watch.awaitCounted();
        final long allocated = heap.allocatedByOthers() - heapBefore;
        final long tokens = watch.generated() - tokensBefore;
        final List<Ledger.Page> decoded = tested.book().pages();
        final Map<String, Long> lanes = lanes(engine);
        lanes.replaceAll((phase, ns) -> ns - lanesBefore.getOrDefault(phase, 0L));
        handles.forEach(Engine.Handle::cancel);
        watch.awaitEnded();
        awaitBlocksReturned(engine);
        return new Round(
                ofCase,
                mode,
                logs.stream().map(SequenceLog::tokens).toList(),
                logs.stream().map(log -> log.firstTokenNs() - submittedNs).toList(),
                watch.countedTokens(),
                watch.countedNs(),
                Interval.between(begun, decoding),
                Interval.between(decoding, decoded),
                lanes,
                allocated,
                tokens);
    }

    /**
     * A cancelled sequence has ended for its reader while its last step may still run and write into its blocks of the
     * KV cache. The engines of both modes share that cache: the next round may begin when the last block is free again.
     */
    private static void awaitBlocksReturned(final EngineAgent engine) {
        final long deadlineNs = System.nanoTime() + QUIET_NS;
        for (Engine.EngineStatus now = engine.status();
                now.running() > 0 || now.kvBlocksFree() < now.kvBlocksTotal();
                now = engine.status()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new BenchException("the engine still holds " + (now.kvBlocksTotal() - now.kvBlocksFree())
                        + " blocks of its KV cache a minute after its sequences ended");
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private static Map<String, Long> lanes(final EngineAgent engine) {
        final Map<String, Long> nanos = new LinkedHashMap<>();
        for (final EngineMetrics.Phase phase : EngineMetrics.Phase.values()) {
            nanos.put(phase.name().toLowerCase(Locale.ROOT), engine.metrics().nanos(phase));
        }
        return nanos;
    }

    private GenerationRequest request(final EngineCase ofCase, final int index, final int maxTokens) {
        final RequestShape shape = RequestShape.of(ofCase.promptTokens(), maxTokens);
        final PlannedRequest planned = new PlannedRequest(index, 0, shape, 0);
        final List<Integer> prompt = new ArrayList<>();
        for (int position = 0; position < ofCase.promptTokens(); position++) {
            prompt.add(prompts.tokenAt(planned, position));
        }
        return new GenerationRequest(
                prompt,
                maxTokens,
                0,
                Set.of(),
                SamplingParams.greedy(),
                -1,
                -1,
                "bench",
                System.nanoTime() + DEADLINE_NS,
                TokenRules.NONE);
    }

    private static List<Engine.Handle> submit(
            final Engine engine, final List<GenerationRequest> requests, final List<SequenceLog> logs) {
        final List<Engine.Handle> handles = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            switch (engine.submit(requests.get(i), logs.get(i))) {
                case Admission.Accepted(final Engine.Handle handle) -> handles.add(handle);
                case final Admission refused -> throw new BenchException("the engine refused a sequence: " + refused);
            }
        }
        return handles;
    }
}
