package io.cheshire.http.runtime;

import io.cheshire.http.protocol.HttpLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the {@link EdgeGate} where it sees plain bytes, behind TLS on a TLS port, and the {@link ClientPace} next to the
 * socket.
 */
final class EdgeHandlers implements Consumer<ChannelPipeline> {
    private final HttpLimits limits;
    private final boolean h2c;
    private final ConnectionSlots slots;
    private final EdgeMetrics metrics;

    EdgeHandlers(final HttpLimits limits, final boolean h2c, final ConnectionSlots slots, final EdgeMetrics metrics) {
        this.limits = limits;
        this.h2c = h2c;
        this.slots = slots;
        this.metrics = metrics;
    }

    @Override
    public void accept(final ChannelPipeline pipeline) {
        final ClientPace pace = new ClientPace(limits, slots, metrics);
        final EdgeGate gate = new EdgeGate(limits, h2c, metrics, pace);
        final ChannelHandlerContext negotiation = pipeline.context(ApplicationProtocolNegotiationHandler.class);
        if (negotiation == null) {
            pipeline.addFirst(gate);
        } else {
            pipeline.addFirst(new TlsStart(metrics));
            pipeline.addBefore(negotiation.name(), "edge-gate", gate);
            pipeline.addBefore(
                    "edge-gate",
                    "tls-deadline",
                    new HandshakeDeadline(limits.timeouts().tlsHandshakeMs(), metrics));
        }
        pipeline.addFirst(pace);
    }

    /** Closes a connection that does not start with a TLS handshake record, without a word in the log. */
    private static final class TlsStart extends ChannelInboundHandlerAdapter {
        private static final int HANDSHAKE = 22;

        private final EdgeMetrics metrics;

        TlsStart(final EdgeMetrics metrics) {
            this.metrics = metrics;
        }

        @Override
        public void channelRead(final ChannelHandlerContext ctx, final Object msg) {
            if (msg instanceof final ByteBuf bytes && bytes.isReadable()) {
                if (bytes.getByte(bytes.readerIndex()) != HANDSHAKE) {
                    bytes.release();
                    metrics.rejected("not_tls");
                    GateExit.cut(ctx);
                    return;
                }
                ctx.pipeline().remove(this);
            }
            ctx.fireChannelRead(msg);
        }
    }

    /** Closes a connection whose TLS handshake fails or does not end in time, without a word in the log. */
    private static final class HandshakeDeadline extends ChannelInboundHandlerAdapter {
        private final long timeoutMs;
        private final EdgeMetrics metrics;
        private @Nullable ScheduledFuture<?> timer;

        HandshakeDeadline(final long timeoutMs, final EdgeMetrics metrics) {
            this.timeoutMs = timeoutMs;
            this.metrics = metrics;
        }

        @Override
        public void handlerAdded(final ChannelHandlerContext ctx) {
            timer = ctx.executor()
                    .schedule(
                            () -> {
                                metrics.rejected("tls_handshake_timeout");
                                GateExit.cut(ctx);
                            },
                            timeoutMs,
                            TimeUnit.MILLISECONDS);
        }

        @Override
        public void handlerRemoved(final ChannelHandlerContext ctx) {
            if (timer != null) {
                timer.cancel(false);
            }
        }

        /**
         * Told of a failure before its exception comes. Armeria would log either, and whoever reaches the port can fail
         * at will.
         */
        @Override
        public void userEventTriggered(final ChannelHandlerContext ctx, final Object event) {
            switch (event) {
                case SslHandshakeCompletionEvent handshake
                when handshake.isSuccess() -> {
                    ctx.fireUserEventTriggered(event);
                    ctx.pipeline().remove(this);
                }
                case SslHandshakeCompletionEvent failed -> {
                    metrics.rejected("tls_handshake_failed");
                    GateExit.cut(ctx);
                }
                default -> ctx.fireUserEventTriggered(event);
            }
        }

        @Override
        public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause) {
            if (cause instanceof DecoderException) {
                GateExit.cut(ctx);
            } else {
                ctx.fireExceptionCaught(cause);
            }
        }
    }
}
