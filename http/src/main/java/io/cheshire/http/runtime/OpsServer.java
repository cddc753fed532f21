package io.cheshire.http.runtime;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import io.cheshire.http.protocol.AdminRequestParser;
import io.cheshire.http.protocol.Cors;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.http.protocol.TrustedHosts;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operations listener of a process: health, readiness, figures and what it says of itself; in a router the cluster,
 * too. It goes through the same gates as the API, with threads and memory of its own, so that neither can starve the
 * other. Opened first and closed last, so that whoever asks hears why the process isn't ready. Thread-safe.
 */
public final class OpsServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OpsServer.class);
    /** One thread answers all, which is a handful of requests a second. */
    private static final int THREADS = 1;
    /** What its requests may hold of the heap: enough for some large replies that wait for their readers. */
    private static final int HEAP_SHARE = 32;

    private static final long LEAST_BUDGET_BYTES = 2 << 20;

    private final OpsConfig config;
    private final Server server;
    private final BodyIntake bodies;
    private final AtomicBoolean closed = new AtomicBoolean();

    private OpsServer(final OpsConfig config, final Server server, final BodyIntake bodies) {
        this.config = config;
        this.server = server;
        this.bodies = bodies;
    }

    /**
     * Starts it and returns when it listens.
     *
     * @param config   address, key and TLS
     * @param edge     its limits, which are those of all listeners
     * @param registry rendered under {@code /metrics}
     * @param self     what the process says of itself
     * @param cluster  what {@code /admin/v1/cluster} shows and asks; null: there is no such path here
     * @throws IllegalArgumentException the port is taken, the address isn't this host's, a certificate can't be read,
     *                                  or it would be open to a network without a key
     */
    public static OpsServer start(
            final OpsConfig config,
            final ApiConfig edge,
            final PrometheusMeterRegistry registry,
            final SelfReport self,
            final @Nullable ClusterAdmin cluster) {
        config.requireKey();
        final HttpLimits limits = edge.limits();
        final EdgeMetrics metrics = new EdgeMetrics(registry);
        final BodyBudget budget = new BodyBudget(budgetBytes(limits), 1, System::nanoTime);
        metrics.bodies("cheshire.http.ops.bodies.bytes", budget::heldBytes);
        final BodyIntake bodies = new BodyIntake(limits.timeouts().bodyMs());
        final OpsServices services =
                new OpsServices(registry, self, cluster, new AdminRequestParser(limits.json()), bodies);
        final ServerBuilder builder = new Listeners(limits, edge.h2c(), metrics)
                .on(
                        config.listen(),
                        config.tls(),
                        "cheshire.http.ops.certificate.remaining",
                        limits.totals().opsConnections());
        builder.workerGroup(Listeners.threads("operations", THREADS), true);
        builder.serviceUnder(
                "/",
                new FrontService(
                        false,
                        services.endpoints(),
                        new RequestGuard(new ApiKeys(keys(config)), () -> false),
                        new TrustedHosts(
                                config.listen().isLoopback(), config.listen().host(), config.hosts()),
                        Cors.off(),
                        new InFlight(budget),
                        metrics));
        final OpsServer server = new OpsServer(config, builder.build(), bodies);
        try {
            Listeners.listen(server.server, config.listen());
        } catch (final RuntimeException e) {
            server.close();
            throw e;
        }
        server.tell();
        return server;
    }

    private static List<ApiConfig.ApiKey> keys(final OpsConfig config) {
        final String key = config.key();
        return key == null ? List.of() : List.of(new ApiConfig.ApiKey("ops", key));
    }

    private static long budgetBytes(final HttpLimits limits) {
        final long share = Runtime.getRuntime().maxMemory() / HEAP_SHARE;
        return Math.max(LEAST_BUDGET_BYTES, Math.min(limits.totals().bodiesInFlightBytes(), share));
    }

    /** Where it really listens, and what is open that need not be. */
    private void tell() {
        final String shown = config.listen().shown(port());
        LOG.info("operations on {} ({})", url(), shown);
        if (config.listen().isLoopback()) {
            return;
        }
        if (config.key() == null) {
            LOG.warn("{}: everybody who reaches {} may move and end the cluster's nodes", OpsConfig.INSECURE, shown);
        } else if (config.tls() == null) {
            LOG.warn("the key of operations crosses the network in plain text; set {}.tls", OpsConfig.SECTION);
        }
    }

    /** Where people on this host reach it. */
    public String url() {
        return config.url(port());
    }

    /** Its port. */
    public int port() {
        return server.activeLocalPort();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            bodies.refuseAll();
            server.stop().join();
        }
    }
}
