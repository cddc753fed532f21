package io.cheshire.http.runtime;

import io.cheshire.router.core.Engine;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Figures of a router under the names of vLLM, for boards, scalers and balancers that were made for it. Where vLLM
 * renamed one it has both names. Thread-safe.
 */
final class VllmNames {
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final MeterRegistry registry;
    private final String model;
    private final List<Timer> firstToken = new ArrayList<>();
    private final List<Timer> nextToken = new ArrayList<>();
    private final List<Timer> whole = new ArrayList<>();

    /** @param model the label {@code model_name} of all */
    VllmNames(final MeterRegistry registry, final Engine engine, final String model) {
        this.registry = registry;
        this.model = model;
        gauge(engine, "num_requests_running", s -> s.running());
        gauge(engine, "num_requests_waiting", s -> s.waiting());
        gauge(engine, "kv_cache_usage_perc", VllmNames::kvShare);
        gauge(engine, "gpu_cache_usage_perc", VllmNames::kvShare);
        counter(engine, "prompt_tokens", s -> s.promptTokens());
        counter(engine, "generation_tokens", s -> s.generatedTokens());
        counter(engine, "num_preemptions", s -> s.preemptions());
        firstToken.add(timer("time_to_first_token"));
        nextToken.add(timer("inter_token_latency"));
        nextToken.add(timer("time_per_output_token"));
        whole.add(timer("e2e_request_latency"));
    }

    /** Of 1, whatever the name says. */
    private static double kvShare(final Engine.EngineStatus status) {
        return status.kvBlocksTotal() == 0 ? 0 : 1 - (double) status.kvBlocksFree() / status.kvBlocksTotal();
    }

    void firstToken(final long ns) {
        record(firstToken, ns);
    }

    void nextToken(final long ns) {
        record(nextToken, ns);
    }

    /** A request was answered to its end. */
    void whole(final long ns) {
        record(whole, ns);
    }

    private static void record(final List<Timer> timers, final long ns) {
        for (int i = 0; i < timers.size(); i++) {
            timers.get(i).record(ns, TimeUnit.NANOSECONDS);
        }
    }

    private void gauge(final Engine engine, final String name, final ToDoubleFunction<Engine.EngineStatus> figure) {
        Gauge.builder("vllm:" + name, engine, e -> figure.applyAsDouble(e.status()))
                .tag("model_name", model)
                .register(registry);
    }

    private void counter(final Engine engine, final String name, final ToDoubleFunction<Engine.EngineStatus> figure) {
        FunctionCounter.builder("vllm:" + name, engine, e -> figure.applyAsDouble(e.status()))
                .tag("model_name", model)
                .register(registry);
    }

    private Timer timer(final String name) {
        return Timer.builder("vllm:" + name)
                .tag("model_name", model)
                .publishPercentileHistogram()
                .minimumExpectedValue(SHORTEST)
                .maximumExpectedValue(LONGEST)
                .register(registry);
    }
}
