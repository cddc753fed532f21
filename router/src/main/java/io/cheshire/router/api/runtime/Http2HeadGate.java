package io.cheshire.router.api.runtime;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;

/**
 * Checks what the codec lets through in HTTP/2 request headers (RFC 9113 §8.3): each pseudo-header once, none empty, none
 * in trailers. A violation resets the stream before any service sees it. On the connection's event loop.
 */
final class Http2HeadGate extends Http2FrameListenerDecorator {
    private static final String[] NEEDED = {":method", ":scheme", ":path"};

    private final ApiMetrics metrics;
    private int lastStream;

    private Http2HeadGate(final Http2FrameListener next, final ApiMetrics metrics) {
        super(next);
        this.metrics = metrics;
    }

    /** Puts the gate before the listener of the connection's codec, if there is one. */
    static void install(final ChannelHandlerContext ctx, final ApiMetrics metrics) {
        final Http2ConnectionHandler codec = ctx.pipeline().get(Http2ConnectionHandler.class);
        if (codec != null) {
            codec.decoder().frameListener(new Http2HeadGate(codec.decoder().frameListener(), metrics));
        }
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
    }
}
