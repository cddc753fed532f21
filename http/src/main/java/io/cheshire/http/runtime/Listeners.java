package io.cheshire.http.runtime;

import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.server.GracefulShutdown;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import io.cheshire.http.protocol.Cors;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.http.protocol.TrustedHosts;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.netty.channel.ChannelOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Both listeners with every limit set on Armeria and the gates in front. */
final class Listeners {
    private static final Duration STOP_QUIET = Duration.ZERO;
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(2);
    /** What is in flight may have an eighth of the heap: the engine's own and the replies need the rest. */
    private static final int HEAP_SHARE = 8;

    private final ApiConfig config;
    private final ApiMetrics metrics;
    private final ErrorHandler errors;
    private final BooleanSupplier draining;
    private final BodyBudget budget;
    private final InFlight apiRequests;

    Listeners(
            final ApiConfig config,
            final ApiMetrics metrics,
            final ErrorHandler errors,
            final BooleanSupplier draining) {
        this.config = config;
        this.metrics = metrics;
        this.errors = errors;
        this.draining = draining;
        final int tenants = (int)
                config.keys().stream().map(ApiConfig.ApiKey::tenant).distinct().count();
        this.budget = new BodyBudget(budgetBytes(config.limits()), tenants, System::nanoTime);
        this.apiRequests = new InFlight(budget);
        metrics.bodies(budget::heldBytes);
    }

    /** As configured, but no more than this part of a small heap, and room for one body whatever happens. */
    private static long budgetBytes(final HttpLimits limits) {
        final long share = Runtime.getRuntime().maxMemory() / HEAP_SHARE;
        final long one = 2L * limits.json().documentBytes() + BodyBudget.REQUEST_BYTES;
        return Math.max(one, Math.min(limits.totals().bodiesInFlightBytes(), share));
    }

    /** Requests of the API's listener, from their headers to the last byte of their replies. */
    InFlight apiRequests() {
        return apiRequests;
    }

    Server api(final ApiServices services) {
        final ServerBuilder builder = Server.builder();
        listen(builder, config.api(), config.tls(), "cheshire.http.certificate.remaining");
        limits(builder, config.limits().connections().count());
        final RequestGuard guard = new RequestGuard(new ApiKeys(config.keys()), draining);
        front(builder, true, services.endpoints(), guard, apiRequests);
        return builder.build();
    }

    Server ops(final OpsServices services) {
        final ServerBuilder builder = Server.builder();
        listen(builder, config.ops(), config.access().opsTls(), "cheshire.http.ops.certificate.remaining");
        limits(builder, config.limits().totals().opsConnections());
        final String key = config.opsKey();
        final List<ApiConfig.ApiKey> keys = key == null ? List.of() : List.of(new ApiConfig.ApiKey("ops", key));
        final RequestGuard guard = new RequestGuard(new ApiKeys(keys), () -> false);
        front(builder, false, services.endpoints(), guard, new InFlight(budget));
        return builder.build();
    }

    private void front(
            final ServerBuilder builder,
            final boolean isApi,
            final Endpoints endpoints,
            final RequestGuard guard,
            final InFlight requests) {
        final ListenAddress address = isApi ? config.api() : config.ops();
        final TrustedHosts hosts = new TrustedHosts(
                address.isLoopback(), address.host(), config.access().hosts());
        final Cors cors = isApi ? config.access().cors() : Cors.off();
        builder.serviceUnder("/", new FrontService(isApi, endpoints, guard, hosts, cors, requests, metrics));
    }

    private void listen(
            final ServerBuilder builder,
            final ListenAddress address,
            final ApiConfig.@Nullable Tls tls,
            final String expiryMeter) {
        if (tls == null) {
            builder.port(address.socketAddress(), SessionProtocol.HTTP);
        } else {
            final TlsKeyPair pair = Certificates.load(tls, Instant.now());
            metrics.certificateExpires(expiryMeter, Certificates.expiry(pair));
            builder.port(address.socketAddress(), SessionProtocol.HTTPS);
            builder.tls(pair);
        }
    }

    private void limits(final ServerBuilder builder, final int connections) {
        final HttpLimits limits = config.limits();
        final ConnectionSlots slots = new ConnectionSlots(connections, metrics);
        builder.childChannelPipelineCustomizer(new EdgeHandlers(limits, config.h2c(), slots, metrics));
        builder.maxNumConnections(slots.hardLimit())
                .http2MaxStreamsPerConnection(limits.connections().streams())
                .childChannelOption(
                        ChannelOption.SO_SNDBUF, limits.connections().sendBufferBytes())
                .idleTimeoutMillis(limits.timeouts().idleMs())
                // The engine's deadline bounds a request; bodies have a deadline of their own.
                .requestTimeoutMillis(0)
                .maxRequestLength(limits.json().documentBytes())
                // Our gate answers at the limits themselves; the codec's are a second line behind it.
                .http1MaxInitialLineLength(limits.http1().requestLineBytes() * 2)
                .http1MaxHeaderSize(limits.http1().headerBytes() * 2)
                .http1MaxChunkSize(limits.http2().frameBytes())
                .http2MaxHeaderListSize(limits.http2().headerListBytes())
                .http2MaxResetFramesPerWindow(
                        limits.http2().resetsPerWindow(), limits.http2().windowSeconds())
                .http2MaxFrameSize(limits.http2().frameBytes())
                .http2InitialStreamWindowSize(limits.http2().streamWindowBytes())
                .http2InitialConnectionWindowSize(limits.http2().streamWindowBytes())
                .bossGroupFactory(AcceptLoop::named)
                .gracefulShutdown(GracefulShutdown.builder()
                        .quietPeriod(STOP_QUIET)
                        .timeout(STOP_TIMEOUT)
                        .build())
                // Armeria's own meters would carry labels from requests; ours don't.
                .meterRegistry(new CompositeMeterRegistry())
                .disableServerHeader()
                .verboseResponses(false)
                // ErrorHandler logs what is a defect; what a client did wrong is counted, and would fill the log.
                .unloggedExceptionsReportIntervalMillis(0)
                .errorHandler(errors);
    }
}
