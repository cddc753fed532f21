package io.cheshire.http.runtime;

import io.cheshire.http.protocol.HttpLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether a connection's client does its part. First in the pipeline, so that it sees what really goes to the socket;
 * one a connection.
 *
 * <p>The write deadline of all replies, whatever wrote them: while bytes wait for the socket, or for the window of an
 * HTTP/2 stream ({@link StreamPace}), their reader has to take {@code write-stall} bytes in each {@code
 * write-stall-timeout}. Who takes less, nothing or a byte now and then, loses the stream, or the connection where
 * nothing else goes on in it. Reckoned on the connection's event loop; {@link #waitedNs} and what it tells {@link
 * ConnectionSlots} may be read by any thread.
 */
final class ClientPace extends ChannelDuplexHandler {
    private static final int TICKS_PER_STALL = 10;
    private static final long MAX_TICK_NS = 1_000_000_000L;
    private static final long MIN_TICK_NS = 10_000_000L;
    private static final long NOT_WAITING = -1;

    /** What the protocol's handler knows of the client's part. On the event loop. */
    interface Exchange {
        /** No request is here, not even in part. */
        boolean isIdle();

        /** The server has all it needs of some request whose reply isn't held up by its reader. */
        boolean isServing();

        /** Resets streams whose reader is too slow at {@code nowNs}; true if nothing but such streams is left. */
        boolean endStalled(long nowNs);
    }

    private final ConnectionSlots slots;
    private final EdgeMetrics metrics;
    private final long stallNs;
    private final long graceNs;
    private final int stallBytes;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Exchange exchange;
    private @Nullable ScheduledFuture<?> tick;
    private long writtenBytes;
    private long markBytes;
    private long markNs;
    private boolean wasPending;
    private volatile long progressNs = System.nanoTime();
    private volatile boolean isIdle = true;
    private volatile boolean isServing;

    ClientPace(final HttpLimits limits, final ConnectionSlots slots, final EdgeMetrics metrics) {
        this.slots = slots;
        this.metrics = metrics;
        this.stallNs = TimeUnit.MILLISECONDS.toNanos(limits.timeouts().writeStallMs());
        this.graceNs = stallNs / TICKS_PER_STALL;
        this.stallBytes = limits.totals().writeStallBytes();
    }

    /** A reader has to take so much in {@link #stallNs}. */
    int stallBytes() {
        return stallBytes;
    }

    long stallNs() {
        return stallNs;
    }

    /** Once the protocol is known. */
    void exchange(final Exchange known) {
        exchange = known;
    }

    /** The client sent something of a request, or took something of a reply. On the event loop. */
    void progressed() {
        progressNs = System.nanoTime();
        look();
    }

    /** Reads the protocol's state anew. On the event loop. */
    void look() {
        final Exchange known = exchange;
        isIdle = known == null || known.isIdle();
        isServing = known != null && known.isServing();
    }

    /** How long it has been the client's turn, or less than 0 if it isn't. Any thread. */
    long waitedNs(final long nowNs) {
        final long waited = Math.max(0, nowNs - progressNs);
        return isServing || (!isIdle && waited < graceNs) ? NOT_WAITING : waited;
    }

    /**
     * Ends the connection if it is still its client's turn, and says whether it did. Any thread; answers on the event
     * loop.
     */
    void cutIfWaiting(final Consumer<Boolean> answer) {
        final ChannelHandlerContext ctx = context;
        if (ctx == null) {
            answer.accept(false);
            return;
        }
        ctx.executor().execute(() -> {
            look();
            final boolean isCut = ctx.channel().isActive() && waitedNs(System.nanoTime()) >= 0;
            if (isCut) {
                GateExit.cut(ctx);
            }
            answer.accept(isCut);
        });
    }

    /** Ends the connection at once. Any thread. */
    void cut() {
        final ChannelHandlerContext ctx = context;
        if (ctx != null) {
            GateExit.cut(ctx);
        }
    }

    @Override
    public void handlerAdded(final ChannelHandlerContext ctx) {
        context = ctx;
        progressNs = System.nanoTime();
        final long tickNs = Math.clamp(stallNs / TICKS_PER_STALL, MIN_TICK_NS, MAX_TICK_NS);
        tick = ctx.executor().scheduleWithFixedDelay(() -> onTick(ctx), tickNs, tickNs, TimeUnit.NANOSECONDS);
        slots.opened(this);
    }

    @Override
    public void handlerRemoved(final ChannelHandlerContext ctx) {
        end();
    }

    @Override
    public void channelInactive(final ChannelHandlerContext ctx) {
        end();
        ctx.fireChannelInactive();
    }

    private void end() {
        slots.closed(this);
        if (tick != null) {
            tick.cancel(false);
        }
    }

    @Override
    public void write(final ChannelHandlerContext ctx, final Object msg, final ChannelPromise promise) {
        if (msg instanceof final ByteBuf bytes) {
            writtenBytes += bytes.readableBytes();
        }
        var _ = ctx.write(msg, promise);
    }

    private void onTick(final ChannelHandlerContext ctx) {
        final long nowNs = System.nanoTime();
        final Exchange known = exchange;
        final boolean isStuck = isSocketStuck(ctx.channel(), nowNs) || (known != null && known.endStalled(nowNs));
        if (isStuck) {
            metrics.rejected("write_stall");
            GateExit.cut(ctx);
            return;
        }
        look();
    }

    private boolean isSocketStuck(final Channel channel, final long nowNs) {
        final ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        final long pending = out == null ? 0 : out.totalPendingWriteBytes() - out.currentProgress();
        final long taken = writtenBytes - pending;
        if (pending <= 0) {
            wasPending = false;
        } else if (!wasPending || taken - markBytes >= stallBytes) {
            wasPending = true;
            markBytes = taken;
            markNs = nowNs;
            progressNs = nowNs;
        }
        return wasPending && nowNs - markNs > stallNs;
    }

    /** Bytes wait for the socket, and have done so since an earlier tick. On the event loop. */
    boolean isSocketPending() {
        return wasPending;
    }
}
