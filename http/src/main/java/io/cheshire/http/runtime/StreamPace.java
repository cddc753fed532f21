package io.cheshire.http.runtime;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The same for HTTP/2, where what waits is not at the socket but at the window that the client gives each stream: a
 * window of 0 holds a reply back for as long as it likes. What a stream has sent is reckoned from its window: granted
 * so far, less what is left. One a connection, on its event loop.
 */
final class StreamPace extends Http2ConnectionAdapter implements ClientPace.Exchange {
    /** What is known of one stream. */
    private static final class Sent {
        private long grantedBytes;
        private boolean wasPending;
        private long markBytes;
        private long markNs;
    }

    private final ClientPace pace;
    private final EdgeMetrics metrics;
    private final Http2ConnectionHandler codec;
    private final ChannelHandlerContext codecContext;
    private final Http2Connection connection;
    private final Http2Connection.PropertyKey key;
    private int resetsUnderWay;

    StreamPace(
            final ClientPace pace,
            final EdgeMetrics metrics,
            final Http2ConnectionHandler codec,
            final ChannelHandlerContext codecContext) {
        this.pace = pace;
        this.metrics = metrics;
        this.codec = codec;
        this.codecContext = codecContext;
        this.connection = codec.connection();
        this.key = connection.newKey();
        connection.addListener(this);
        pace.exchange(this);
        codecContext.pipeline().addLast(new OtherStreamsGoOn());
    }

    /**
     * What waited for a stream that is reset can't be written any more, and the framework closes a connection of which
     * a write failed. Its other streams, which may be other people's where a proxy stands between, are to go on.
     */
    private final class OtherStreamsGoOn extends ChannelOutboundHandlerAdapter {
        @Override
        public void close(final ChannelHandlerContext ctx, final ChannelPromise promise) {
            if (resetsUnderWay > 0) {
                promise.trySuccess();
            } else {
                var _ = ctx.close(promise);
            }
        }
    }

    /** A stream is being reset, by either side. */
    void resetting() {
        resetsUnderWay++;
        codecContext.executor().execute(() -> resetsUnderWay--);
    }

    @Override
    public void onStreamAdded(final Http2Stream stream) {
        stream.setProperty(key, new Sent());
    }

    @Override
    public void onStreamHalfClosed(final Http2Stream stream) {
        pace.progressed();
    }

    @Override
    public void onStreamClosed(final Http2Stream stream) {
        pace.progressed();
    }

    /** The client lets a stream send more. */
    void granted(final int streamId, final int bytes) {
        final Sent sent = sentOf(connection.stream(streamId));
        if (sent != null) {
            sent.grantedBytes += bytes;
        }
    }

    @Override
    public boolean isIdle() {
        return connection.numActiveStreams() == 0;
    }

    @Override
    public boolean isServing() {
        return !pace.isSocketPending()
                && anyStream(stream -> {
                    final Sent sent = sentOf(stream);
                    return stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE && (sent == null || !sent.wasPending);
                });
    }

    @Override
    public boolean endStalled(final long nowNs) {
        final List<Http2Stream> stalled = new ArrayList<>();
        anyStream(stream -> {
            if (isStalled(stream, nowNs)) {
                stalled.add(stream);
            }
            return false;
        });
        if (!stalled.isEmpty() && stalled.size() == connection.numActiveStreams()) {
            return true;
        }
        for (final Http2Stream stream : stalled) {
            metrics.rejected("write_stall");
            resetsUnderWay++;
            var _ = codec.resetStream(codecContext, stream.id(), Http2Error.CANCEL.code(), codecContext.newPromise())
                    .addListener(done -> codecContext.executor().execute(() -> resetsUnderWay--));
        }
        if (!stalled.isEmpty()) {
            codecContext.flush();
        }
        return false;
    }

    private boolean isStalled(final Http2Stream stream, final long nowNs) {
        final Sent sent = sentOf(stream);
        if (sent == null) {
            return false;
        }
        final Http2RemoteFlowController flow = connection.remote().flowController();
        if (!flow.hasFlowControlled(stream)) {
            sent.wasPending = false;
            return false;
        }
        final long bytes = flow.initialWindowSize() + sent.grantedBytes - flow.windowSize(stream);
        if (!sent.wasPending || bytes - sent.markBytes >= pace.stallBytes()) {
            if (sent.wasPending) {
                pace.progressed();
            }
            sent.wasPending = true;
            sent.markBytes = bytes;
            sent.markNs = nowNs;
        }
        return nowNs - sent.markNs > pace.stallNs();
    }

    /** Visits active streams until one is as asked for. */
    private boolean anyStream(final Predicate<Http2Stream> test) {
        try {
            return connection.forEachActiveStream(stream -> !test.test(stream)) != null;
        } catch (final Http2Exception e) {
            throw new IllegalStateException("the visitor throws nothing", e);
        }
    }

    private @Nullable Sent sentOf(final @Nullable Http2Stream stream) {
        return stream == null ? null : stream.getProperty(key);
    }
}
