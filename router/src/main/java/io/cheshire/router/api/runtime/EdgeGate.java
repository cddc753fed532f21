package io.cheshire.router.api.runtime;

import io.cheshire.router.api.protocol.ApiError;
import io.cheshire.router.api.protocol.ApiException;
import io.cheshire.router.api.protocol.Http1Chunk;
import io.cheshire.router.api.protocol.Http1Head;
import io.cheshire.router.api.protocol.Http2Floods;
import io.cheshire.router.api.protocol.HttpLimits;
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
 *    ▼          Content-Length
 *  HEAD ◀──────────▶ FIXED_BODY
 *    ▲ └─chunked─▶ CHUNK_LINE ⇄ CHUNK_DATA ─▶ CHUNK_END
 *    └──────────── TRAILERS ◀─┘ (size 0)          any ──violation──▶ REFUSED
 * </pre>
 */
final class EdgeGate extends ChannelDuplexHandler {
    private static final int RST_STREAM = 3;
    private static final int RESET_PAYLOAD_BYTES = 4;
    private static final int RESET_BYTES = 9 + RESET_PAYLOAD_BYTES;
    private static final int DISCARD_BYTES = 4 << 20;
    private static final byte LF = '\n';

    private enum State {
        DETECT,
        HEAD,
        FIXED_BODY,
        CHUNK_LINE,
        CHUNK_DATA,
        CHUNK_END,
        TRAILERS,
        HTTP2,
        REFUSED
    }

    private final HttpLimits limits;
    private final boolean h2c;
    private final ApiMetrics metrics;
    private final ResponseWatch watch = new ResponseWatch(this::resume);
    private State state = State.DETECT;
    private @Nullable ByteBuf held;
    private @Nullable Http2Floods floods;
    private @Nullable ScheduledFuture<?> headTimer;
    private @Nullable ChannelHandlerContext context;
    private int scanned;
    private int lineStart;
    private int headersStart;
    private long bodyLeft;
    private long bodyBytes;
    private int trailerBytes;
    private long discarded;

    EdgeGate(final HttpLimits limits, final boolean h2c, final ApiMetrics metrics) {
        this.limits = limits;
        this.h2c = h2c;
        this.metrics = metrics;
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
        if (state == State.REFUSED) {
            discarded += bytes.readableBytes();
            bytes.release();
            if (discarded > DISCARD_BYTES) {
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

    @Override
    public void userEventTriggered(final ChannelHandlerContext ctx, final Object event) {
        // Our own half-close is no news for the handlers behind.
        if (state != State.REFUSED) {
            ctx.fireUserEventTriggered(event);
        }
    }

    private void resume() {
        final ChannelHandlerContext ctx = context;
        if (ctx != null && watch.saidClose() && state != State.REFUSED) {
            // Armeria would wait seconds for the client to close first.
            release();
            state = State.REFUSED;
            GateExit.endAfter(ctx, Unpooled.EMPTY_BUFFER, limits.timeouts().lingerMs());
            return;
        }
        if (ctx != null && held != null && ctx.channel().isActive()) {
            process(ctx);
            ctx.fireChannelReadComplete();
        }
    }

    private void process(final ChannelHandlerContext ctx) {
        try {
            while (held != null && held.isReadable() && step(ctx, held)) {
                // Each step takes some bytes or says that more are needed.
            }
        } catch (final ApiException e) {
            refuse(ctx, e.error());
        }
        if (held != null && !held.isReadable()) {
            held.release();
            held = null;
        }
    }

    /** Takes bytes; false if more are needed. */
    private boolean step(final ChannelHandlerContext ctx, final ByteBuf in) {
        return switch (state) {
            case DETECT -> detect(ctx, in);
            case HEAD -> head(ctx, in);
            case FIXED_BODY -> fixedBody(ctx, in);
            case CHUNK_LINE -> chunkLine(ctx, in);
            case CHUNK_DATA -> chunkData(ctx, in);
            case CHUNK_END -> chunkEnd(in);
            case TRAILERS -> trailers(ctx, in);
            case HTTP2, REFUSED -> false;
        };
    }

    private boolean detect(final ChannelHandlerContext ctx, final ByteBuf in) {
        final String preface = Http2Floods.PREFACE;
        final int length = Math.min(preface.length(), in.readableBytes());
        for (int i = 0; i < length; i++) {
            if (in.getByte(in.readerIndex() + i) != preface.charAt(i)) {
                state = State.HEAD;
                ctx.pipeline().addLast(watch);
                return true;
            }
        }
        startHeadTimer(ctx);
        if (length < preface.length()) {
            return false;
        }
        if (!h2c && ctx.pipeline().get(SslHandler.class) == null) {
            throw refusal(400, "h2c_disabled", "Plain-text HTTP/2 is switched off on this server.");
        }
        stopHeadTimer();
        state = State.HTTP2;
        floods = new Http2Floods(limits.http2(), System.nanoTime());
        final ByteBuf all = in;
        held = null;
        // The codec is in the pipeline once it has seen the preface.
        ctx.fireChannelRead(all.readRetainedSlice(length));
        Http2HeadGate.install(ctx, metrics);
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
                throw refusal(400, "pipeline_overflow", "Too much is pipelined behind a running request.");
            }
            return false;
        }
        final int end = headEnd(in);
        if (end < 0) {
            startHeadTimer(ctx);
            return false;
        }
        stopHeadTimer();
        final byte[] bytes = ByteBufUtil.getBytes(in, in.readerIndex(), end);
        in.skipBytes(end);
        scanned = 0;
        lineStart = 0;
        final Http1Head head = Http1Head.parse(bytes, limits.http1().headerCount());
        if (head.bodyBytes() > limits.json().documentBytes()) {
            throw refusal(
                    413,
                    "body_too_large",
                    "The body is larger than " + limits.json().documentBytes() + " bytes.");
        }
        bodyLeft = head.bodyBytes();
        bodyBytes = 0;
        state = head.isChunked() ? State.CHUNK_LINE : bodyLeft > 0 ? State.FIXED_BODY : State.HEAD;
        watch.requestForwarded();
        ctx.fireChannelRead(Unpooled.copiedBuffer(head.forward(), StandardCharsets.ISO_8859_1));
        return true;
    }

    /** Length of the head if all of it is here, else -1. Lines end in CRLF only; limits hold while it arrives. */
    private int headEnd(final ByteBuf in) {
        final int start = in.readerIndex();
        final HttpLimits.Http1 limit = limits.http1();
        if (scanned == 0 && !isUpper(in.getByte(start))) {
            throw refusal(400, "request_line", "The request does not start with a method.");
        }
        for (; scanned < in.readableBytes(); scanned++) {
            final byte b = in.getByte(start + scanned);
            checkHeadSize(b, limit);
            if (b == LF) {
                if (scanned == 0 || in.getByte(start + scanned - 1) != '\r') {
                    throw refusal(400, "bare_lf", "A line ends without a carriage return.");
                }
                if (scanned - lineStart == 1 && lineStart > 0) {
                    return scanned + 1;
                }
                headersStart = lineStart == 0 ? scanned + 1 : headersStart;
                lineStart = scanned + 1;
            } else if (scanned > 0 && in.getByte(start + scanned - 1) == '\r') {
                throw refusal(400, "bare_cr", "A carriage return stands alone.");
            }
        }
        return -1;
    }

    private boolean isUpper(final byte b) {
        if (b >= 'a' && b <= 'z') {
            throw refusal(400, "method", "The method is not one in capital letters.");
        }
        return b >= 'A' && b <= 'Z';
    }

    private void checkHeadSize(final byte b, final HttpLimits.Http1 limit) {
        final int ending = b == '\r' ? 0 : b == LF ? -1 : 1;
        if (lineStart == 0 && scanned + ending > limit.requestLineBytes()) {
            throw refusal(
                    414, "uri_too_long", "The request line is longer than " + limit.requestLineBytes() + " bytes.");
        }
        if (lineStart > 0 && scanned - headersStart > limit.headerBytes() + 1) {
            throw refusal(431, "headers_too_large", "The headers are larger than " + limit.headerBytes() + " bytes.");
        }
    }

    private boolean fixedBody(final ChannelHandlerContext ctx, final ByteBuf in) {
        final int take = (int) Math.min(bodyLeft, in.readableBytes());
        bodyLeft -= take;
        if (bodyLeft == 0) {
            state = State.HEAD;
        }
        ctx.fireChannelRead(in.readRetainedSlice(take));
        return true;
    }

    private boolean chunkLine(final ChannelHandlerContext ctx, final ByteBuf in) {
        final byte[] line = line(in, limits.http1().chunkLineBytes(), 400, "chunk_line");
        if (line == null) {
            return false;
        }
        final long size = Http1Chunk.size(line);
        bodyBytes += size;
        if (bodyBytes > limits.json().documentBytes()) {
            throw refusal(
                    413,
                    "body_too_large",
                    "The body is larger than " + limits.json().documentBytes() + " bytes.");
        }
        bodyLeft = size;
        state = size == 0 ? State.TRAILERS : State.CHUNK_DATA;
        trailerBytes = 0;
        if (size > 0) {
            forward(ctx, Long.toHexString(size) + "\r\n");
        }
        return true;
    }

    private boolean chunkData(final ChannelHandlerContext ctx, final ByteBuf in) {
        final int take = (int) Math.min(bodyLeft, in.readableBytes());
        bodyLeft -= take;
        ctx.fireChannelRead(in.readRetainedSlice(take));
        if (bodyLeft == 0) {
            state = State.CHUNK_END;
            forward(ctx, "\r\n");
        }
        return true;
    }

    private boolean chunkEnd(final ByteBuf in) {
        if (in.getByte(in.readerIndex()) != '\r') {
            throw refusal(400, "chunk_end", "A chunk is not followed by CRLF.");
        }
        if (in.readableBytes() < 2) {
            return false;
        }
        if (in.getByte(in.readerIndex() + 1) != LF) {
            throw refusal(400, "chunk_end", "A chunk is not followed by CRLF.");
        }
        in.skipBytes(2);
        state = State.CHUNK_LINE;
        return true;
    }

    private boolean trailers(final ChannelHandlerContext ctx, final ByteBuf in) {
        final byte[] line = line(in, limits.http1().trailerBytes(), 431, "trailers_too_large");
        if (line == null) {
            return false;
        }
        if (line.length > 0) {
            trailerBytes += line.length;
            if (trailerBytes > limits.http1().trailerBytes()) {
                throw refusal(431, "trailers_too_large", "The trailers are too large.");
            }
            Http1Chunk.checkTrailer(line);
            return true;
        }
        state = State.HEAD;
        forward(ctx, "0\r\n\r\n");
        return true;
    }

    /** The next line without its CRLF, or null if it isn't all here. */
    private static byte @Nullable [] line(
            final ByteBuf in, final int maxBytes, final int status, final String tooLongCode) {
        final int start = in.readerIndex();
        final int length = Math.min(in.readableBytes(), maxBytes + 2);
        for (int i = 0; i < length; i++) {
            final byte b = in.getByte(start + i);
            final boolean afterCr = i > 0 && in.getByte(start + i - 1) == '\r';
            if (b == LF) {
                if (!afterCr) {
                    throw refusal(400, "bare_lf", "A line ends without a carriage return.");
                }
                final byte[] line = ByteBufUtil.getBytes(in, start, i - 1);
                in.skipBytes(i + 1);
                return line;
            }
            if (afterCr) {
                throw refusal(400, "bare_cr", "A carriage return stands alone.");
            }
        }
        if (length == maxBytes + 2) {
            throw refusal(status, tooLongCode, "A line is longer than " + maxBytes + " bytes.");
        }
        return null;
    }

    private static void forward(final ChannelHandlerContext ctx, final String text) {
        ctx.fireChannelRead(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
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
        GateExit.answer(ctx, error, limits.timeouts().lingerMs());
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

    private static ApiException refusal(final int status, final String code, final String message) {
        return new ApiException(ApiError.of(status, code, message));
    }
}
