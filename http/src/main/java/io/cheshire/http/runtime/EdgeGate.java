package io.cheshire.http.runtime;

import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.Http1Head;
import io.cheshire.http.protocol.Http2Floods;
import io.cheshire.http.protocol.HttpLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads every byte before the codec does. HTTP/1: the head and the chunk framing are checked here, once, and handed on
 * in one canonical form, one request at a time; a later request waits until the response before it is out. HTTP/2:
 * frames are counted. A violation is answered once, and the connection closed. One a connection, on its event loop.
 *
 * <pre>
 * DETECT ──preface──▶ HTTP2
 *    │
 *    ▼
 *  HTTP1 (head ⇄ {@link Http1Body})          any ──violation──▶ REFUSED
 * </pre>
 */
final class EdgeGate extends ChannelDuplexHandler {
    private static final int RST_STREAM = 3;
    private static final int RESET_PAYLOAD_BYTES = 4;
    private static final int RESET_BYTES = 9 + RESET_PAYLOAD_BYTES;

    private enum State {
        DETECT,
        HTTP1,
        HTTP2,
        REFUSED
    }

    private final HttpLimits limits;
    private final boolean h2c;
    private final EdgeMetrics metrics;
    private final ClientPace pace;
    private final Http1HeadScan scan;
    private final Http1Body body;
    private final ResponseWatch watch = new ResponseWatch(this::resume);
    private State state = State.DETECT;
    private @Nullable ByteBuf held;
    private @Nullable Http2Floods floods;
    private @Nullable ScheduledFuture<?> headTimer;
    private @Nullable ChannelHandlerContext context;
    private boolean isLineSkipped;
    private boolean isLingering;
    private long discarded;

    /** Requests come one after the other, and what waits for its reader waits at the socket. */
    private final class Http1Exchange implements ClientPace.Exchange {
        @Override
        public boolean isIdle() {
            return watch.inFlight() == 0 && body.isOver() && held == null;
        }

        @Override
        public boolean isServing() {
            return watch.inFlight() > 0 && body.isOver() && !pace.isSocketPending();
        }

        @Override
        public boolean endStalled(final long nowNs) {
            return false;
        }
    }

    EdgeGate(final HttpLimits limits, final boolean h2c, final EdgeMetrics metrics, final ClientPace pace) {
        this.limits = limits;
        this.h2c = h2c;
        this.metrics = metrics;
        this.pace = pace;
        this.scan = new Http1HeadScan(limits.http1());
        this.body = new Http1Body(limits);
    }

    @Override
    public void handlerAdded(final ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void handlerRemoved(final ChannelHandlerContext ctx) {
        release();
    }

    @Override
    public void channelInactive(final ChannelHandlerContext ctx) {
        release();
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(final ChannelHandlerContext ctx, final Object msg) {
        if (!(msg instanceof final ByteBuf bytes)) {
            ctx.fireChannelRead(msg);
            return;
        }
        if (state == State.REFUSED || watch.saidClose()) {
            // Nothing follows the last response.
            discarded += bytes.readableBytes();
            bytes.release();
            if (discarded > GateExit.DISCARD_BYTES) {
                GateExit.cut(ctx);
            }
            return;
        }
        if (state == State.HTTP2) {
            http2(ctx, bytes);
            return;
        }
        held = held == null ? bytes : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), held, bytes);
        process(ctx);
        if (state != State.HTTP2) {
            pace.progressed();
        }
    }

    /** Nothing goes out after a refusal but the refusal. */
    @Override
    public void write(final ChannelHandlerContext ctx, final Object msg, final ChannelPromise promise) {
        if (state == State.REFUSED) {
            ReferenceCountUtil.release(msg);
            promise.tryFailure(new ClosedChannelException());
            return;
        }
        final Http2Floods counter = floods;
        if (counter != null && msg instanceof final ByteBuf frame && isReset(frame)) {
            final String reason = counter.onResetSent(System.nanoTime());
            if (reason != null) {
                frame.release();
                promise.tryFailure(new ClosedChannelException());
                goAway(ctx, reason);
                return;
            }
        }
        var _ = ctx.write(msg, promise);
    }

    /** The codec writes a RST_STREAM frame as one buffer. */
    private static boolean isReset(final ByteBuf frame) {
        final int start = frame.readerIndex();
        return frame.readableBytes() == RESET_BYTES
                && frame.getMedium(start) == RESET_PAYLOAD_BYTES
                && frame.getByte(start + 3) == RST_STREAM;
    }

    /** A client that goes away in the middle, or isn't heard of any more, is no news for the log. */
    @Override
    public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause) {
        if (cause instanceof IOException) {
            metrics.rejected("connection_lost");
            GateExit.cut(ctx);
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }

    /**
     * Whoever closes behind a response that announced it would reset the connection and lose that response, if bytes of
     * the request are still on their way: the gate's own end takes care of them.
     */
    @Override
    public void close(final ChannelHandlerContext ctx, final ChannelPromise promise) {
        if (state == State.HTTP1 && watch.saidClose() && !watch.hasStarted()) {
            end(ctx);
        }
        if (isLingering) {
            var _ = ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
        } else {
            var _ = ctx.close(promise);
        }
    }

    @Override
    public void userEventTriggered(final ChannelHandlerContext ctx, final Object event) {
        // Our own half-close is no news for the handlers behind.
        if (state != State.REFUSED) {
            ctx.fireUserEventTriggered(event);
        }
    }

    private void resume() {
        final ChannelHandlerContext ctx = context;
        pace.progressed();
        if (ctx == null || state == State.REFUSED) {
            return;
        }
        if (watch.saidClose()) {
            // Armeria would wait seconds for the client to close first.
            end(ctx);
            return;
        }
        if (held != null && ctx.channel().isActive()) {
            process(ctx);
            ctx.fireChannelReadComplete();
        }
    }

    private void process(final ChannelHandlerContext ctx) {
        try {
            while (held != null && held.isReadable() && !watch.saidClose() && step(ctx, held)) {
                // Each step takes some bytes or says that more are needed.
            }
        } catch (final ApiException e) {
            refuse(ctx, e.error());
        }
        if (held != null && (watch.saidClose() || !held.isReadable())) {
            held.release();
            held = null;
        }
    }

    /** Takes bytes; false if more are needed. */
    private boolean step(final ChannelHandlerContext ctx, final ByteBuf in) {
        return switch (state) {
            case DETECT -> detect(ctx, in);
            case HTTP1 -> body.isOver() ? head(ctx, in) : body.step(ctx, in);
            case HTTP2, REFUSED -> false;
        };
    }

    private boolean detect(final ChannelHandlerContext ctx, final ByteBuf in) {
        final String preface = Http2Floods.PREFACE;
        final int length = Math.min(preface.length(), in.readableBytes());
        for (int i = 0; i < length; i++) {
            if (in.getByte(in.readerIndex() + i) != preface.charAt(i)) {
                state = State.HTTP1;
                pace.exchange(new Http1Exchange());
                ctx.pipeline().addLast(watch);
                return true;
            }
        }
        startHeadTimer(ctx);
        if (length < preface.length()) {
            return false;
        }
        if (!h2c && ctx.pipeline().get(SslHandler.class) == null) {
            throw ApiException.of(400, "h2c_disabled", "Plain-text HTTP/2 is switched off on this server.");
        }
        stopHeadTimer();
        state = State.HTTP2;
        floods = new Http2Floods(limits.http2(), System.nanoTime());
        final ByteBuf all = in;
        held = null;
        // The codec is in the pipeline once it has seen the preface.
        ctx.fireChannelRead(all.readRetainedSlice(length));
        Http2HeadGate.install(ctx, metrics, pace);
        http2(ctx, all);
        return false;
    }

    private void http2(final ChannelHandlerContext ctx, final ByteBuf bytes) {
        final Http2Floods counter = floods;
        if (counter == null) {
            bytes.release();
            return;
        }
        final long nowNs = System.nanoTime();
        int at = bytes.readerIndex();
        while (at < bytes.writerIndex()) {
            final int skip = counter.skippable(bytes.writerIndex() - at);
            if (skip > 0) {
                counter.skip(skip);
                at += skip;
                continue;
            }
            final String reason = counter.onByte(bytes.getByte(at++), nowNs);
            if (reason != null) {
                bytes.release();
                goAway(ctx, reason);
                return;
            }
        }
        ctx.fireChannelRead(bytes);
    }

    private boolean head(final ChannelHandlerContext ctx, final ByteBuf in) {
        if (watch.inFlight() > 0) {
            if (in.readableBytes() > limits.connections().pipelinedBytes()) {
                throw ApiException.of(400, "pipeline_overflow", "Too much is pipelined behind a running request.");
            }
            return false;
        }
        if (scan.isAtStart() && !skipEmptyLine(in)) {
            // An empty line alone begins no head.
            if (in.isReadable()) {
                startHeadTimer(ctx);
            }
            return false;
        }
        final int end = scan.end(in);
        if (end < 0) {
            startHeadTimer(ctx);
            return false;
        }
        stopHeadTimer();
        final byte[] bytes = ByteBufUtil.getBytes(in, in.readerIndex(), end);
        in.skipBytes(end);
        scan.reset();
        isLineSkipped = false;
        final Http1Head head = Http1Head.parse(bytes, limits.http1().headerCount());
        body.begin(head);
        watch.requestForwarded(head);
        ctx.fireChannelRead(Unpooled.copiedBuffer(head.forward(), StandardCharsets.ISO_8859_1));
        return true;
    }

    /**
     * Old clients end a body with a line too much: RFC 9112 §2.2 has servers overlook it. False if more bytes are
     * needed to tell.
     */
    private boolean skipEmptyLine(final ByteBuf in) {
        if (isLineSkipped || in.getByte(in.readerIndex()) != '\r') {
            return true;
        }
        if (in.readableBytes() < 2) {
            return false;
        }
        if (in.getByte(in.readerIndex() + 1) == '\n') {
            in.skipBytes(2);
            isLineSkipped = true;
        }
        return in.isReadable();
    }

    private void startHeadTimer(final ChannelHandlerContext ctx) {
        if (headTimer == null) {
            headTimer = ctx.executor()
                    .schedule(
                            () -> refuse(
                                    ctx,
                                    ApiError.of(
                                            408, "header_timeout", "The request's headers did not arrive in time.")),
                            limits.timeouts().headerMs(),
                            TimeUnit.MILLISECONDS);
        }
    }

    private void stopHeadTimer() {
        if (headTimer != null) {
            headTimer.cancel(false);
            headTimer = null;
        }
    }

    private void refuse(final ChannelHandlerContext ctx, final ApiError error) {
        metrics.rejected(error.code());
        release();
        state = State.REFUSED;
        if (watch.hasStarted()) {
            // Half a response is out: the only honest end is a cut connection.
            GateExit.cut(ctx);
            return;
        }
        isLingering = true;
        GateExit.answer(ctx, error, limits.timeouts().lingerMs());
    }

    /** Ends the connection after the last response. */
    private void end(final ChannelHandlerContext ctx) {
        release();
        state = State.REFUSED;
        isLingering = true;
        GateExit.endAfter(ctx, Unpooled.EMPTY_BUFFER, limits.timeouts().lingerMs());
    }

    private void goAway(final ChannelHandlerContext ctx, final String reason) {
        metrics.rejected(reason);
        release();
        state = State.REFUSED;
        GateExit.goAway(ctx);
    }

    private void release() {
        stopHeadTimer();
        if (held != null) {
            held.release();
            held = null;
        }
    }
}
