package io.cheshire.router.api.runtime;

import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.common.util.ThreadFactories;
import com.linecorp.armeria.server.GracefulShutdown;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import io.cheshire.router.api.protocol.HttpLimits;
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
    private static final int OPS_CONNECTIONS = 64;

    private final ApiConfig config;
    private final ApiMetrics metrics;
    private final ErrorHandler errors;
    private final BooleanSupplier draining;

    Listeners(
            final ApiConfig config,
            final ApiMetrics metrics,
            final ErrorHandler errors,
            final BooleanSupplier draining) {
        this.config = config;
        this.metrics = metrics;
        this.errors = errors;
        this.draining = draining;
    }

    Server api(final ApiServices services) {
        final ServerBuilder builder = Server.builder();
        final ApiConfig.Tls tls = config.tls();
        final TlsKeyPair pair = tls == null ? null : Certificates.load(tls, Instant.now());
        if (pair != null) {
            metrics.certificateExpires(Certificates.expiry(pair));
        }
        listen(builder, config.api(), pair);
        limits(builder, config.limits().connections().count());
        services.addTo(builder, new EdgeDecorator(new ApiKeys(config.keys()), draining, metrics));
        return builder.build();
    }

    Server ops(final OpsServices services) {
        final ServerBuilder builder = Server.builder();
        listen(builder, config.ops(), null);
        limits(builder, OPS_CONNECTIONS);
        final String key = config.opsKey();
        final List<ApiConfig.ApiKey> keys = key == null ? List.of() : List.of(new ApiConfig.ApiKey("ops", key));
        services.addTo(builder, new EdgeDecorator(new ApiKeys(keys), () -> false, metrics));
        return builder.build();
    }

    private static void listen(
            final ServerBuilder builder, final ListenAddress address, final @Nullable TlsKeyPair pair) {
        if (pair == null) {
            builder.port(address.socketAddress(), SessionProtocol.HTTP);
        } else {
            builder.port(address.socketAddress(), SessionProtocol.HTTPS);
            builder.tls(pair);
        }
    }

    private void limits(final ServerBuilder builder, final int connections) {
        final HttpLimits limits = config.limits();
        builder.childChannelPipelineCustomizer(new EdgeHandlers(limits, config.h2c(), metrics));
        builder.maxNumConnections(connections)
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
                .bossGroupFactory(name -> EventLoopGroups.builder()
                        .numThreads(1)
                        .threadFactory(ThreadFactories.newThreadFactory(name, false))
                        .gracefulShutdown(STOP_QUIET, STOP_TIMEOUT)
                        .build())
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
