package io.cheshire.http.runtime;

import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.Http1Chunk;
import io.cheshire.http.protocol.Http1Head;
import io.cheshire.http.protocol.HttpLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The framing of HTTP/1 bodies: checked once and handed on in one canonical form, without chunk extensions and
 * trailers. One a connection, on its event loop; a violation is thrown, and the connection is then not read any
 * further.
 *
 * <pre>
 *          Content-Length
 *  OVER ◀──────────────────▶ FIXED
 *    ▲ └─chunked─▶ CHUNK_LINE ⇄ CHUNK_DATA ─▶ CHUNK_END
 *    └──────────── TRAILERS ◀─┘ (size 0)
 * </pre>
 */
final class Http1Body {
    private static final byte LF = '\n';

    private enum State {
        OVER,
        FIXED,
        CHUNK_LINE,
        CHUNK_DATA,
        CHUNK_END,
        TRAILERS
    }

    private final HttpLimits limits;
    private State state = State.OVER;
    private long bodyLeft;
    private long bodyBytes;
    private long mostBytes;
    private int trailerBytes;

    Http1Body(final HttpLimits limits) {
        this.limits = limits;
    }

    /**
     * The body that a head announces, which may be none.
     *
     * @throws ApiException 413
     */
    void begin(final Http1Head head) {
        mostBytes = head.bringsFile()
                ? limits.totals().uploadBytes()
                : limits.json().documentBytes();
        requireAllowed(head.bodyBytes());
        bodyLeft = head.bodyBytes();
        bodyBytes = 0;
        state = head.isChunked() ? State.CHUNK_LINE : bodyLeft > 0 ? State.FIXED : State.OVER;
    }

    private void requireAllowed(final long bytes) {
        if (bytes > mostBytes) {
            throw ApiException.of(413, "body_too_large", "The body is larger than " + mostBytes + " bytes.");
        }
    }

    /** What follows is a head. */
    boolean isOver() {
        return state == State.OVER;
    }

    /**
     * Takes bytes and hands them on; false if more are needed.
     *
     * @throws ApiException a rule or a limit is broken
     */
    boolean step(final ChannelHandlerContext ctx, final ByteBuf in) {
        return switch (state) {
            case OVER -> false;
            case FIXED -> fixedBody(ctx, in);
            case CHUNK_LINE -> chunkLine(ctx, in);
            case CHUNK_DATA -> chunkData(ctx, in);
            case CHUNK_END -> chunkEnd(in);
            case TRAILERS -> trailers(ctx, in);
        };
    }

    private boolean fixedBody(final ChannelHandlerContext ctx, final ByteBuf in) {
        final int take = (int) Math.min(bodyLeft, in.readableBytes());
        bodyLeft -= take;
        if (bodyLeft == 0) {
            state = State.OVER;
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
        requireAllowed(bodyBytes);
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
            throw ApiException.of(400, "chunk_end", "A chunk is not followed by CRLF.");
        }
        if (in.readableBytes() < 2) {
            return false;
        }
        if (in.getByte(in.readerIndex() + 1) != LF) {
            throw ApiException.of(400, "chunk_end", "A chunk is not followed by CRLF.");
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
                throw ApiException.of(431, "trailers_too_large", "The trailers are too large.");
            }
            Http1Chunk.checkTrailer(line);
            return true;
        }
        state = State.OVER;
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
                    throw ApiException.of(400, "bare_lf", "A line ends without a carriage return.");
                }
                final byte[] line = ByteBufUtil.getBytes(in, start, i - 1);
                in.skipBytes(i + 1);
                return line;
            }
            if (afterCr) {
                throw ApiException.of(400, "bare_cr", "A carriage return stands alone.");
            }
        }
        if (length == maxBytes + 2) {
            throw ApiException.of(status, tooLongCode, "A line is longer than " + maxBytes + " bytes.");
        }
        return null;
    }

    private static void forward(final ChannelHandlerContext ctx, final String text) {
        ctx.fireChannelRead(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }
}
