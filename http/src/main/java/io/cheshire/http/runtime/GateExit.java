package io.cheshire.http.runtime;

import com.linecorp.armeria.common.HttpStatus;
import io.cheshire.http.core.ResponseJson;
import io.cheshire.http.protocol.ApiError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** How the gate ends a connection. Called on its event loop. */
final class GateExit {
    /** More is not read of a request that was refused. */
    static final int DISCARD_BYTES = 4 << 20;

    private static final int GO_AWAY = 7;
    private static final int ENHANCE_YOUR_CALM = 0xb;
    private static final int FRAME_BYTES = 17;

    private GateExit() {}

    /** Ends it at once. */
    static void cut(final ChannelHandlerContext ctx) {
        var _ = ctx.close();
    }

    /** Answers an HTTP/1 request and ends the connection. */
    static void answer(final ChannelHandlerContext ctx, final ApiError error, final long lingerMs) {
        final byte[] json = Replies.bytes(ResponseJson.error(error));
        final String head = "HTTP/1.1 " + error.status() + " "
                + HttpStatus.valueOf(error.status()).reasonPhrase()
                + "\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: " + json.length
                + (error.status() == 405 ? "\r\nallow: GET, HEAD, POST, OPTIONS" : "")
                + "\r\n" + RequestIds.HEADER + ": " + RequestIds.fresh() + "\r\nconnection: close\r\n\r\n";
        endAfter(ctx, Unpooled.wrappedBuffer(head.getBytes(StandardCharsets.ISO_8859_1), json), lingerMs);
    }

    /** Writes {@code last}, which may be empty, and everything before it; then ends the connection. */
    static void endAfter(final ChannelHandlerContext ctx, final ByteBuf last, final long lingerMs) {
        var _ = ctx.writeAndFlush(last).addListener(done -> linger(ctx, lingerMs));
    }

    /** Tells an HTTP/2 client that it overdoes it, and ends the connection. */
    static void goAway(final ChannelHandlerContext ctx) {
        final ByteBuf frame = ctx.alloc().buffer(FRAME_BYTES);
        frame.writeMedium(8)
                .writeByte(GO_AWAY)
                .writeByte(0)
                .writeInt(0)
                .writeInt(0)
                .writeInt(ENHANCE_YOUR_CALM);
        var _ = ctx.writeAndFlush(frame).addListener(done -> cut(ctx));
    }

    /** Closing with unread bytes would reset the connection and lose the answer: discard for a while first. */
    private static void linger(final ChannelHandlerContext ctx, final long lingerMs) {
        if (!(ctx.channel() instanceof final DuplexChannel channel)) {
            cut(ctx);
            return;
        }
        final SslHandler tls = ctx.pipeline().get(SslHandler.class);
        if (tls == null) {
            var _ = channel.shutdownOutput();
        } else {
            ctx.pipeline().addFirst(new Discard());
            var _ = tls.closeOutbound().addListener(said -> {
                var _ = channel.shutdownOutput();
            });
        }
        // Armeria may have paused reading; the rest must be read to be discarded.
        channel.config().setAutoRead(true);
        final var close = ctx.executor().schedule(() -> cut(ctx), lingerMs, TimeUnit.MILLISECONDS);
        var _ = channel.closeFuture().addListener(done -> close.cancel(false));
    }

    /** Nothing is decrypted any more once TLS said its end. */
    private static final class Discard extends ChannelInboundHandlerAdapter {
        private long discarded;

        @Override
        public void channelRead(final ChannelHandlerContext ctx, final Object msg) {
            discarded += msg instanceof final ByteBuf bytes ? bytes.readableBytes() : 0;
            ReferenceCountUtil.release(msg);
            if (discarded > DISCARD_BYTES) {
                cut(ctx);
            }
        }
    }
}
