package io.cheshire.http.runtime;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.http.core.CallPreparer;
import io.cheshire.http.core.ModelInfo;
import io.cheshire.http.core.ScorePreparer;
import io.cheshire.http.core.TextModel;
import io.cheshire.http.protocol.BatchParser;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.http.protocol.RequestParser;
import io.cheshire.http.protocol.TrustedHosts;
import io.cheshire.http.runtime.console.ConsoleSource;
import io.cheshire.http.runtime.store.KeptThings;
import io.cheshire.model.protocol.ScoreHead;
import io.cheshire.router.core.Engine;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The OpenAI API of a router, on a listener of its own.
 *
 * <p>Life: {@link #start} listens; {@link #drain} turns {@code /ready} to 503 and refuses new work, lets running
 * requests finish within the time given, ends the rest with an explicit error, and closes; {@link #close} is a drain
 * without waiting. The engine is not closed. Thread-safe.
 */
public final class ApiServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
    private static final long SEED_BITS_MASK = (1L << 53) - 1;
    private static final long DRAIN_POLL_NS = 10_000_000;
    private static final Duration CLOSE_GRACE = Duration.ofSeconds(5);
    /** What is in flight may have an eighth of the heap: the engine's own and the replies need the rest. */
    private static final int HEAP_SHARE = 8;

    private final ApiConfig config;
    private final Server api;
    private final Engine engine;
    private final ApiServices services;
    private final InFlight requests;
    private final AtomicBoolean draining;
    private final KeptThings kept;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable ConsolePlace console;

    private ApiServer(
            final ApiConfig config,
            final Server api,
            final Engine engine,
            final ApiServices services,
            final InFlight requests,
            final AtomicBoolean draining,
            final KeptThings kept) {
        this.config = config;
        this.kept = kept;
        this.api = api;
        this.engine = engine;
        this.services = services;
        this.requests = requests;
        this.draining = draining;
    }

    /**
     * Starts the listener and returns when it listens.
     *
     * @param config   addresses, keys and limits
     * @param engine   what generates
     * @param text     the checkpoint's tokenizer and template, or {@link TextModel#none()}
     * @param model    what is served
     * @param registry  where meters go
     * @param vllmNames some of them also under the names of vLLM
     * @throws IllegalArgumentException a port is taken, an address isn't this host's, or a certificate can't be read
     */
    public static ApiServer start(
            final ApiConfig config,
            final Engine engine,
            final TextModel text,
            final ModelInfo model,
            final MeterRegistry registry,
            final boolean vllmNames) {
        config.requireKeys();
        final ApiMetrics metrics =
                new ApiMetrics(registry, engine, vllmNames ? new VllmNames(registry, engine, model.id()) : null);
        final AtomicBoolean draining = new AtomicBoolean();
        final BodyWorker worker = new BodyWorker(config.limits(), metrics);
        final AnswerBudget budget = new AnswerBudget(config.limits().answers().inFlightBytes());
        metrics.answers(budget);
        final GenerationService generation =
                new GenerationService(engine, text, model, config.limits(), metrics, worker, budget);
        // 53 bits, so that every JSON reader can hold the seed that is reported.
        final CallPreparer preparer = new CallPreparer(
                model,
                text,
                config.limits().api(),
                () -> ThreadLocalRandom.current().nextLong() & SEED_BITS_MASK);
        final BodyBudget bodies = bodies(config);
        metrics.bodies("cheshire.http.bodies.bytes", bodies::heldBytes);
        final InFlight requests = new InFlight(bodies);
        final RequestParser parser = new RequestParser(config.limits(), config.unknown());
        final LongSupplier clock = () -> Instant.now().getEpochSecond();
        final KeptThings kept = KeptThings.open(config.store(), clock);
        metrics.store(kept);
        final Responses responses =
                new Responses(kept, parser, preparer, config.limits().api());
        final ScoreHead head = model.head();
        final ScoreEndpoints scores =
                head == null ? null : new ScoreEndpoints(parser, new ScorePreparer(model, head, text, preparer));
        final BatchCalls calls = BatchCalls.of(parser, preparer, responses, scores);
        final BatchParser batchParser = new BatchParser(config.limits(), calls.served());
        final BatchLines lines = new BatchLines(generation, batchParser, calls);
        final Batches batches = new Batches(kept, config.store(), batchParser, lines, clock);
        final ApiServices services = new ApiServices(
                text,
                model,
                preparer,
                parser,
                generation,
                worker,
                new JsonAnswers(config.limits(), budget, worker),
                responses,
                scores,
                new FileEndpoints(
                        kept,
                        new FileUploads(
                                kept, metrics, config.limits(), config.store().batchLines()),
                        config.limits(),
                        batches),
                batches,
                () -> SelfReport.inWords(notReady(engine, draining.get())));
        final ServerBuilder builder = new Listeners(config.limits(), config.h2c(), metrics)
                .on(
                        config.api(),
                        config.tls(),
                        "cheshire.http.certificate.remaining",
                        config.limits().connections().count());
        final TrustedHosts hosts = new TrustedHosts(
                config.api().isLoopback(), config.api().host(), config.access().hosts());
        final RequestGuard guard = new RequestGuard(new ApiKeys(config.keys()), draining::get);
        builder.serviceUnder(
                "/",
                new FrontService(
                        true,
                        services.endpoints(guard),
                        guard,
                        hosts,
                        config.access().cors(),
                        requests,
                        metrics));
        final ApiServer server = new ApiServer(config, builder.build(), engine, services, requests, draining, kept);
        try {
            services.batches().resume();
            Listeners.listen(server.api, config.api());
        } catch (final RuntimeException e) {
            server.close();
            throw e;
        }
        server.tell();
        return server;
    }

    /**
     * From now on the console shows this router, until this closes.
     *
     * @param place    of the console, on the operations listener
     * @param cluster  what it shows beside
     * @param registry where the router's meters are
     */
    public void appearIn(final ConsolePlace place, final ClusterAdmin cluster, final MeterRegistry registry) {
        console = place;
        place.show(
                new ConsoleSource(
                        engine,
                        registry,
                        () -> cluster.glance().thenApply(ClusterState.class::cast),
                        cluster.facts(),
                        services.model().id(),
                        draining::get,
                        place::chaosState),
                services.generation()
                        .endpoint(body ->
                                services.preparer().chat(services.parser().chat(body))));
    }

    /** Where it really listens, who is let in, and what is open that need not be. */
    private void tell() {
        LOG.info("API on {} ({})", url(), config.api().shown(port()));
        if (needsKey()) {
            LOG.info(
                    "API keys of tenants {}",
                    config.keys().stream().map(ApiConfig.ApiKey::tenant).toList());
        }
        if (!config.api().isLoopback() && !needsKey()) {
            LOG.warn(
                    "{}: everybody who reaches {} may use the model",
                    ApiConfig.INSECURE,
                    config.api().shown(port()));
        }
        if (!config.api().isLoopback() && needsKey() && config.tls() == null) {
            LOG.warn("API keys cross the network in plain text unless a proxy on this host adds TLS; set"
                    + " cheshire.router.http.tls");
        }
    }

    /** What bodies may hold: as configured, but no more than a part of a small heap, and room for one at least. */
    private static BodyBudget bodies(final ApiConfig config) {
        final HttpLimits limits = config.limits();
        final long share = Runtime.getRuntime().maxMemory() / HEAP_SHARE;
        final int document = limits.json().documentBytes();
        final long one = Math.max(2L * document, FileLines.heldBytes(document)) + BodyBudget.REQUEST_BYTES;
        final int tenants = (int)
                config.keys().stream().map(ApiConfig.ApiKey::tenant).distinct().count();
        return new BodyBudget(
                Math.max(one, Math.min(limits.totals().bodiesInFlightBytes(), share)), tenants, System::nanoTime);
    }

    private static @Nullable String notReady(final Engine engine, final boolean draining) {
        if (draining) {
            return SelfReport.DRAINING;
        }
        return engine.status().ready() ? null : "experts are missing";
    }

    /** The bare reason why requests would not be served now; null while they are. */
    public @Nullable String notReady() {
        return notReady(engine, draining.get());
    }

    /** Where people on this host reach the API. */
    public String url() {
        return config.api().url(config.tls() != null, port());
    }

    /** The API asks for a key. */
    public boolean needsKey() {
        return !config.keys().isEmpty();
    }

    /** The API's port. */
    public int port() {
        return api.activeLocalPort();
    }

    /** Open connections of the API listener. */
    public int connections() {
        return api.numConnections();
    }

    /** Requests of the API, from their headers to the last byte of their replies. */
    public int runningRequests() {
        return requests.count();
    }

    /** {@link #drain} has begun. */
    public boolean isDraining() {
        return draining.get();
    }

    /**
     * Drains and closes; returns when closed.
     *
     * @param patience how long running requests may go on
     * @return true if all of them finished by themselves
     */
    public boolean drain(final Duration patience) {
        draining.set(true);
        services.batches().stop();
        final long startNs = System.nanoTime();
        while (left() > 0 && System.nanoTime() - startNs < patience.toNanos()) {
            LockSupport.parkNanos(DRAIN_POLL_NS);
        }
        final int left = left();
        if (left > 0) {
            LOG.warn("{} requests did not finish within {}; ending them", left, patience);
        }
        close();
        return left == 0;
    }

    /** Requests of the API, or calls where there are more: those of the console's chat came by another listener. */
    private int left() {
        return Math.max(requests.count(), services.generation().awaitedCalls());
    }

    @Override
    public void close() {
        draining.set(true);
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        final ConsolePlace shownIn = console;
        if (shownIn != null) {
            shownIn.clear();
        }
        services.batches().stop();
        services.generation().abortAll();
        final long startNs = System.nanoTime();
        while (requests.count() > 0 && System.nanoTime() - startNs < CLOSE_GRACE.toNanos()) {
            LockSupport.parkNanos(DRAIN_POLL_NS);
        }
        api.stop().join();
        services.batches().close();
        services.worker().close();
        kept.close();
    }
}
