package io.cheshire.http.runtime;

import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Server;
import io.cheshire.http.core.CallPreparer;
import io.cheshire.http.core.ModelInfo;
import io.cheshire.http.core.TextModel;
import io.cheshire.http.protocol.AdminRequestParser;
import io.cheshire.http.protocol.RequestParser;
import io.cheshire.router.core.Engine;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP edge of a router: the OpenAI API on one listener, operations on another.
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

    private final ApiConfig config;
    private final Server api;
    private final Server ops;
    private final GenerationService generation;
    private final BodyWorker worker;
    private final InFlight requests;
    private final AtomicBoolean draining;
    private final AtomicBoolean closed = new AtomicBoolean();

    private ApiServer(
            final ApiConfig config,
            final Server api,
            final Server ops,
            final GenerationService generation,
            final BodyWorker worker,
            final InFlight requests,
            final AtomicBoolean draining) {
        this.config = config;
        this.api = api;
        this.ops = ops;
        this.generation = generation;
        this.worker = worker;
        this.requests = requests;
        this.draining = draining;
    }

    /**
     * Starts both listeners and returns when they listen.
     *
     * @param config   addresses, keys and limits
     * @param engine   what generates
     * @param text     the checkpoint's tokenizer and template, or {@link TextModel#none()}
     * @param model    what is served
     * @param registry where meters go; rendered under {@code /metrics}
     * @param cluster  what {@code /admin/v1/cluster} shows and asks
     * @throws IllegalArgumentException a port is taken, an address isn't this host's, or a certificate can't be read
     */
    public static ApiServer start(
            final ApiConfig config,
            final Engine engine,
            final TextModel text,
            final ModelInfo model,
            final PrometheusMeterRegistry registry,
            final ClusterAdmin cluster) {
        config.requireKeys();
        final ApiMetrics metrics = new ApiMetrics(registry, engine);
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
        final Listeners listeners = new Listeners(config, metrics, new ErrorHandler(metrics), draining::get);
        final RequestParser parser = new RequestParser(config.limits(), config.unknown());
        final HttpService chat = generation.endpoint(body -> preparer.chat(parser.chat(body)));
        final ConsoleServices console =
                ConsoleServices.start(config, engine, registry, cluster, model.id(), draining::get, chat);
        final Server api = listeners.api(new ApiServices(
                engine,
                text,
                model,
                preparer,
                parser,
                generation,
                worker,
                new JsonAnswers(config.limits(), budget, worker),
                draining::get));
        final Server ops = listeners.ops(new OpsServices(
                engine,
                registry,
                cluster,
                new AdminRequestParser(config.limits().json()),
                worker,
                console,
                draining::get));
        console.endWith(ops);
        final ApiServer server = new ApiServer(config, api, ops, generation, worker, listeners.apiRequests(), draining);
        try {
            listen(ops, config.ops());
            listen(api, config.api());
        } catch (final RuntimeException e) {
            console.close();
            server.close();
            throw e;
        }
        server.tell();
        return server;
    }

    /** Where it really listens, who is let in, and what is open that need not be. */
    private void tell() {
        LOG.info(
                "API on {} ({}), operations on {} ({})",
                url(),
                config.api().shown(port()),
                opsUrl(),
                config.ops().shown(opsPort()));
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
        if (!config.ops().isLoopback() && config.opsKey() == null) {
            LOG.warn(
                    "{}: everybody who reaches {} may move and end the cluster's nodes",
                    ApiConfig.OPS_INSECURE,
                    config.ops().shown(opsPort()));
        }
        if (!config.api().isLoopback() && needsKey() && config.tls() == null) {
            LOG.warn("API keys cross the network in plain text unless a proxy on this host adds TLS; set"
                    + " cheshire.router.http.tls");
        }
        if (!config.ops().isLoopback()
                && config.opsKey() != null
                && config.access().opsTls() == null) {
            LOG.warn("the key of operations crosses the network in plain text; set cheshire.router.http.ops.tls");
        }
    }

    private static void listen(final Server server, final ListenAddress address) {
        try {
            server.start().join();
        } catch (final CompletionException failure) {
            throw Exceptions.peel(failure) instanceof IOException ? address.refused(failure) : failure;
        }
    }

    /** Where people on this host reach the API. */
    public String url() {
        return config.api().url(config.tls() != null, port());
    }

    /** Where they reach operations. */
    public String opsUrl() {
        return config.ops().url(config.access().opsTls() != null, opsPort());
    }

    /** The API asks for a key. */
    public boolean needsKey() {
        return !config.keys().isEmpty();
    }

    /** The API's port. */
    public int port() {
        return api.activeLocalPort();
    }

    /** The operations port. */
    public int opsPort() {
        return ops.activeLocalPort();
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
        final long startNs = System.nanoTime();
        while (requests.count() > 0 && System.nanoTime() - startNs < patience.toNanos()) {
            LockSupport.parkNanos(DRAIN_POLL_NS);
        }
        final int left = requests.count();
        if (left > 0) {
            LOG.warn("{} requests did not finish within {}; ending them", left, patience);
        }
        close();
        return left == 0;
    }

    @Override
    public void close() {
        draining.set(true);
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        generation.abortAll();
        final long startNs = System.nanoTime();
        while (requests.count() > 0 && System.nanoTime() - startNs < CLOSE_GRACE.toNanos()) {
            LockSupport.parkNanos(DRAIN_POLL_NS);
        }
        CompletableFuture.allOf(api.stop(), ops.stop()).join();
        worker.close();
    }
}
