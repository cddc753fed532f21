package io.cheshire.http.runtime;

import io.cheshire.http.runtime.store.KeptThings;
import io.cheshire.http.runtime.store.StoreCounts;
import io.cheshire.router.core.Engine;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Meters of the API's listener and of what it serves. Thread-safe. */
final class ApiMetrics extends EdgeMetrics {
    private final Timer timeToFirstToken;
    private final Timer interTokenTime;
    private final AtomicInteger activeCalls = new AtomicInteger();
    private final @Nullable VllmNames vllm;

    /** @param vllm the same under other names, or null */
    ApiMetrics(final MeterRegistry registry, final Engine engine, final @Nullable VllmNames vllm) {
        super(registry);
        this.vllm = vllm;
        this.timeToFirstToken = latency("cheshire.http.ttft", "From admission to a sequence's first token");
        this.interTokenTime = latency("cheshire.http.inter.token", "Between two tokens of a sequence");
        Gauge.builder("cheshire.http.active", activeCalls, AtomicInteger::get)
                .description("Generation requests in flight")
                .register(registry());
        gauge(engine, "cheshire.engine.waiting", s -> s.waiting());
        gauge(engine, "cheshire.engine.running", s -> s.running());
        gauge(engine, "cheshire.engine.kv.blocks", s -> s.kvBlocksTotal());
        gauge(engine, "cheshire.engine.kv.blocks.free", s -> s.kvBlocksFree());
        gauge(engine, "cheshire.engine.ready", s -> s.ready() ? 1 : 0);
        counter(engine, "cheshire.engine.preemptions", s -> s.preemptions());
        counter(engine, "cheshire.engine.prompt.tokens", s -> s.promptTokens());
        counter(engine, "cheshire.engine.cached.tokens", s -> s.cachedTokens());
        counter(engine, "cheshire.engine.generated.tokens", s -> s.generatedTokens());
        counter(engine, "cheshire.engine.steps", s -> s.steps());
    }

    /** Requests that wait to be read, registered once. */
    void unread(final IntSupplier waiting) {
        Gauge.builder("cheshire.http.unread", waiting, IntSupplier::getAsInt)
                .description("Requests that wait to be parsed, rendered and tokenised")
                .strongReference(true)
                .register(registry());
    }

    /** What answers hold. Registered once. */
    void answers(final AnswerBudget budget) {
        Gauge.builder("cheshire.http.answers.reserved", budget, AnswerBudget::reservedBytes)
                .baseUnit("bytes")
                .description("Heap reserved for answers between the engine and their clients")
                .register(registry());
        Gauge.builder("cheshire.http.answers.events", budget, AnswerBudget::eventBytes)
                .baseUnit("bytes")
                .description("Heap of tokens that wait to be added to whole answers")
                .register(registry());
    }

    /** What is kept between requests. Registered once. */
    void store(final KeptThings kept) {
        for (final KeptThings.Kind kind : KeptThings.Kind.values()) {
            final String name = kind.name().toLowerCase(Locale.ROOT);
            Gauge.builder("cheshire.store.entries", kept, store -> store.count(kind))
                    .tag("kind", name)
                    .description("Things that the API keeps between requests")
                    .register(registry());
            Gauge.builder("cheshire.store.bytes", kept, store -> store.bytes(kind))
                    .tag("kind", name)
                    .description("Bytes of the things that the API keeps, files that arrive among them")
                    .register(registry());
        }
        stored(kept.counts(), "expired", StoreCounts::expired, "Things that had had their time");
        stored(kept.counts(), "evicted", StoreCounts::evicted, "Responses that made room for others");
        stored(kept.counts(), "refused", StoreCounts::refused, "Things for which there was no room");
    }

    private void stored(
            final StoreCounts counts,
            final String what,
            final ToDoubleFunction<StoreCounts> count,
            final String description) {
        FunctionCounter.builder("cheshire.store." + what, counts, count)
                .description(description)
                .register(registry());
    }

    /** A call's sequences were cancelled before their end. */
    void cancelled(final String reason) {
        registry().counter("cheshire.http.cancelled", "reason", reason).increment();
    }

    void callStarted() {
        activeCalls.incrementAndGet();
    }

    void callEnded() {
        activeCalls.decrementAndGet();
    }

    int activeCalls() {
        return activeCalls.get();
    }

    void firstToken(final long ns) {
        timeToFirstToken.record(ns, TimeUnit.NANOSECONDS);
        if (vllm != null) {
            vllm.firstToken(ns);
        }
    }

    void nextToken(final long ns) {
        interTokenTime.record(ns, TimeUnit.NANOSECONDS);
        if (vllm != null) {
            vllm.nextToken(ns);
        }
    }

    /** A call was answered to its end. */
    void whole(final long ns) {
        if (vllm != null) {
            vllm.whole(ns);
        }
    }

    private Timer latency(final String name, final String description) {
        return Timer.builder(name)
                .description(description)
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofSeconds(60))
                .register(registry());
    }

    private void gauge(final Engine engine, final String name, final ToDoubleFunction<Engine.EngineStatus> figure) {
        Gauge.builder(name, engine, e -> figure.applyAsDouble(e.status())).register(registry());
    }

    private void counter(final Engine engine, final String name, final ToDoubleFunction<Engine.EngineStatus> figure) {
        FunctionCounter.builder(name, engine, e -> figure.applyAsDouble(e.status()))
                .register(registry());
    }
}
