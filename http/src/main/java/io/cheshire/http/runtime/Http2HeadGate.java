package io.cheshire.http.runtime;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;

/**
 * Checks what the codec lets through in HTTP/2 request headers (RFC 9113 §8.3): each pseudo-header once, none empty,
 * none in trailers. A violation resets the stream before any service sees it. On the connection's event loop.
 */
final class Http2HeadGate extends Http2FrameListenerDecorator {
    private static final String[] NEEDED = {":method", ":scheme", ":path"};

    /** Who names no host can't be a browser's page, which is what the name is checked for. */
    private static final AsciiString NO_HOST = AsciiString.cached("localhost");

    private final EdgeMetrics metrics;
    private final ClientPace pace;
    private final StreamPace streams;
    private int lastStream;

    private Http2HeadGate(
            final Http2FrameListener next, final EdgeMetrics metrics, final ClientPace pace, final StreamPace streams) {
        super(next);
        this.metrics = metrics;
        this.pace = pace;
        this.streams = streams;
    }

    /** Puts the gate before the listener of the connection's codec, if there is one. */
    static void install(final ChannelHandlerContext ctx, final EdgeMetrics metrics, final ClientPace pace) {
        final ChannelHandlerContext codecContext = ctx.pipeline().context(Http2ConnectionHandler.class);
        if (codecContext != null) {
            final Http2ConnectionHandler codec = (Http2ConnectionHandler) codecContext.handler();
            final StreamPace streams = new StreamPace(pace, metrics, codec, codecContext);
            codec.decoder().frameListener(new Http2HeadGate(codec.decoder().frameListener(), metrics, pace, streams));
        }
    }

    @Override
    public int onDataRead(
            final ChannelHandlerContext ctx,
            final int streamId,
            final ByteBuf data,
            final int padding,
            final boolean endOfStream)
            throws Http2Exception {
        if (data.isReadable()) {
            pace.progressed();
        }
        return super.onDataRead(ctx, streamId, data, padding, endOfStream);
    }

    @Override
    public void onRstStreamRead(final ChannelHandlerContext ctx, final int streamId, final long errorCode)
            throws Http2Exception {
        streams.resetting();
        super.onRstStreamRead(ctx, streamId, errorCode);
    }

    @Override
    public void onWindowUpdateRead(final ChannelHandlerContext ctx, final int streamId, final int windowSizeIncrement)
            throws Http2Exception {
        streams.granted(streamId, windowSizeIncrement);
        super.onWindowUpdateRead(ctx, streamId, windowSizeIncrement);
    }

    @Override
    public void onHeadersRead(
            final ChannelHandlerContext ctx,
            final int streamId,
            final Http2Headers headers,
            final int padding,
            final boolean endOfStream)
            throws Http2Exception {
        check(streamId, headers);
        super.onHeadersRead(ctx, streamId, headers, padding, endOfStream);
    }

    @Override
    public void onHeadersRead(
            final ChannelHandlerContext ctx,
            final int streamId,
            final Http2Headers headers,
            final int streamDependency,
            final short weight,
            final boolean exclusive,
            final int padding,
            final boolean endOfStream)
            throws Http2Exception {
        check(streamId, headers);
        super.onHeadersRead(ctx, streamId, headers, streamDependency, weight, exclusive, padding, endOfStream);
    }

    private void check(final int streamId, final Http2Headers headers) throws Http2Exception {
        // Stream ids only grow, so a block on an older stream is its trailers.
        final boolean isTrailers = streamId <= lastStream;
        lastStream = Math.max(lastStream, streamId);
        for (final String name : NEEDED) {
            final var values = headers.getAll(name);
            final boolean isGood = isTrailers
                    ? values.isEmpty()
                    : values.size() == 1 && !values.getFirst().isEmpty();
            if (!isGood) {
                metrics.rejected("http2_pseudo_header");
                throw Http2Exception.streamError(streamId, Http2Error.PROTOCOL_ERROR, "pseudo-header %s", name);
            }
        }
        if (headers.getAll(":authority").size() > 1) {
            metrics.rejected("http2_pseudo_header");
            throw Http2Exception.streamError(streamId, Http2Error.PROTOCOL_ERROR, "pseudo-header :authority");
        }
        if (!isTrailers) {
            name(headers);
            pace.progressed();
        }
    }

    /** The host that counts, and the path that stands for the whole server, are said in one way only from here on. */
    private static void name(final Http2Headers headers) {
        if (headers.authority() == null) {
            final CharSequence host = headers.get("host");
            headers.authority(host == null ? NO_HOST : host);
        }
        headers.remove("host");
        if ("*".contentEquals(headers.path()) && "OPTIONS".contentEquals(headers.method())) {
            headers.path("/");
        }
    }
}
