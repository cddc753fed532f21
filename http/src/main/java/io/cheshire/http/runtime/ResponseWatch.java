package io.cheshire.http.runtime;

import io.cheshire.http.protocol.Http1Head;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Sees HTTP/1 responses before they are encoded and tells the gate when one is out: with the last byte of its length,
 * as its client sees it, who then sends the next request. The server's own end comes later, in a message without bytes.
 *
 * <p>Clients of HTTP/1.0 understand no chunks, so a response without a length ends with its connection, and one that is
 * kept is said to be (RFC 9112 §6.1, §9.3). On the connection's event loop.
 */
final class ResponseWatch extends ChannelOutboundHandlerAdapter {
    private final Runnable onResponseDone;
    private int inFlight;
    private boolean started;
    private boolean isInformational;
    private long bodyLeft;
    private boolean isOut = true;
    private boolean saidClose;
    private boolean isOld;
    private boolean keepsAlive;

    ResponseWatch(final Runnable onResponseDone) {
        this.onResponseDone = onResponseDone;
    }

    void requestForwarded(final Http1Head head) {
        inFlight++;
        isOld = head.isOld();
        keepsAlive = head.keepsAlive();
    }

    /** Requests handed on whose responses aren't out. */
    int inFlight() {
        return inFlight;
    }

    /** Part of a response is out. */
    boolean hasStarted() {
        return started;
    }

    /** A response announced that the connection ends with it. */
    boolean saidClose() {
        return saidClose;
    }

    private void forOldClient(final HttpHeaders headers) {
        final boolean hasEnd = headers.contains(HttpHeaderNames.CONTENT_LENGTH);
        headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
        final boolean isKept = keepsAlive
                && hasEnd
                && !headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
        headers.set(HttpHeaderNames.CONNECTION, isKept ? HttpHeaderValues.KEEP_ALIVE : HttpHeaderValues.CLOSE);
    }

    @Override
    public void write(final ChannelHandlerContext ctx, final Object msg, final ChannelPromise promise) {
        if (msg instanceof final HttpResponse response) {
            isInformational = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            if (!isInformational) {
                begin(response);
            }
        }
        final int bytes =
                msg instanceof final HttpContent content ? content.content().readableBytes() : 0;
        final boolean isLast = msg instanceof LastHttpContent;
        var _ = ctx.write(msg, promise);
        if (!isInformational) {
            bodyLeft -= bytes;
            // After the last response only its end counts, with which the connection ends.
            if (!isOut && (isLast || (bodyLeft == 0 && !saidClose))) {
                isOut = true;
                started = false;
                inFlight--;
                // Later, since this write is still on its way down.
                ctx.executor().execute(onResponseDone);
            }
        }
        if (isLast) {
            isInformational = false;
        }
    }

    private void begin(final HttpResponse response) {
        if (isOld) {
            forOldClient(response.headers());
        }
        started = true;
        isOut = false;
        // Without a length it is chunked or ends with the connection: its last message is its end.
        bodyLeft = HttpUtil.getContentLength(response, Long.MAX_VALUE);
        saidClose |= response.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
    }
}
