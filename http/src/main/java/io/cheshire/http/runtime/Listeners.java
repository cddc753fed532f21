package io.cheshire.http.runtime;

import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.common.util.ThreadFactories;
import com.linecorp.armeria.server.GracefulShutdown;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import io.cheshire.http.protocol.HttpLimits;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Builds listeners: every limit set on Armeria, and the gates in front. */
final class Listeners {
    static final Duration STOP_QUIET = Duration.ZERO;
    static final Duration STOP_TIMEOUT = Duration.ofSeconds(2);

    private final HttpLimits limits;
    private final boolean h2c;
    private final EdgeMetrics metrics;

    /** @param h2c plain-text HTTP/2 by prior knowledge */
    Listeners(final HttpLimits limits, final boolean h2c, final EdgeMetrics metrics) {
        this.limits = limits;
        this.h2c = h2c;
        this.metrics = metrics;
    }

    /**
     * A listener, yet without services.
     *
     * @param expiryMeter says when its certificate expires
     * @param connections at most
     */
    ServerBuilder on(
            final ListenAddress address,
            final ApiConfig.@Nullable Tls tls,
            final String expiryMeter,
            final int connections) {
        final ServerBuilder builder = Server.builder();
        if (tls == null) {
            builder.port(address.socketAddress(), SessionProtocol.HTTP);
        } else {
            final TlsKeyPair pair = Certificates.load(tls, Instant.now());
            metrics.certificateExpires(expiryMeter, Certificates.expiry(pair));
            builder.port(address.socketAddress(), SessionProtocol.HTTPS);
            builder.tls(pair);
        }
        limit(builder, connections);
        return builder;
    }

    /** Threads of a listener's own, which end with it. */
    static EventLoopGroup threads(final String name, final int count) {
        return EventLoopGroups.builder()
                .numThreads(count)
                .threadFactory(ThreadFactories.newThreadFactory(name, false))
                .gracefulShutdown(STOP_QUIET, STOP_TIMEOUT)
                .build();
    }

    /** Returns when it listens, and says in words why it can't. */
    static void listen(final Server server, final ListenAddress address) {
        try {
            server.start().join();
        } catch (final CompletionException failure) {
            throw Exceptions.peel(failure) instanceof IOException ? address.refused(failure) : failure;
        }
    }

    private void limit(final ServerBuilder builder, final int connections) {
        final ConnectionSlots slots = new ConnectionSlots(connections, metrics);
        builder.childChannelPipelineCustomizer(new EdgeHandlers(limits, h2c, slots, metrics));
        builder.maxNumConnections(slots.hardLimit())
                .http2MaxStreamsPerConnection(limits.connections().streams())
                .childChannelOption(
                        ChannelOption.SO_SNDBUF, limits.connections().sendBufferBytes())
                .idleTimeoutMillis(limits.timeouts().idleMs())
                // The engine's deadline bounds a request; bodies have a deadline of their own.
                .requestTimeoutMillis(0)
                // A second line, too: whoever takes a body has the limit that holds for it.
                .maxRequestLength(
                        Math.max(limits.json().documentBytes(), limits.totals().uploadBytes()))
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
                .errorHandler(new ErrorHandler(metrics));
    }
}
