package io.cheshire.http.runtime;

import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.HttpLimits;
import io.netty.buffer.ByteBuf;

/**
 * Finds the end of an HTTP/1 head while it arrives: looks at each byte once, takes none. Lines end in CRLF only, and
 * limits hold before all of it is here. One a connection, on its event loop.
 */
final class Http1HeadScan {
    private static final byte LF = '\n';

    private final HttpLimits.Http1 limits;
    private int scanned;
    private int lineStart;
    private int headersStart;

    Http1HeadScan(final HttpLimits.Http1 limits) {
        this.limits = limits;
    }

    /** Starts over with the next head. */
    void reset() {
        scanned = 0;
        lineStart = 0;
    }

    /** Nothing of a head was looked at yet. */
    boolean isAtStart() {
        return scanned == 0;
    }

    /**
     * Goes on where the last call stopped.
     *
     * @param in holds the head from its first byte on
     * @return length of the head if all of it is here, else -1
     * @throws ApiException it breaks a rule or a limit
     */
    int end(final ByteBuf in) {
        final int start = in.readerIndex();
        if (scanned == 0 && !isUpper(in.getByte(start))) {
            throw ApiException.of(400, "request_line", "The request does not start with a method.");
        }
        for (; scanned < in.readableBytes(); scanned++) {
            final byte b = in.getByte(start + scanned);
            checkSize(b);
            if (b == LF) {
                if (scanned == 0 || in.getByte(start + scanned - 1) != '\r') {
                    throw ApiException.of(400, "bare_lf", "A line ends without a carriage return.");
                }
                if (scanned - lineStart == 1 && lineStart > 0) {
                    return scanned + 1;
                }
                headersStart = lineStart == 0 ? scanned + 1 : headersStart;
                lineStart = scanned + 1;
            } else if (scanned > 0 && in.getByte(start + scanned - 1) == '\r') {
                throw ApiException.of(400, "bare_cr", "A carriage return stands alone.");
            }
        }
        return -1;
    }

    private static boolean isUpper(final byte b) {
        if (b >= 'a' && b <= 'z') {
            throw ApiException.of(400, "method", "The method is not one in capital letters.");
        }
        return b >= 'A' && b <= 'Z';
    }

    private void checkSize(final byte b) {
        final int ending = b == '\r' ? 0 : b == LF ? -1 : 1;
        if (lineStart == 0 && scanned + ending > limits.requestLineBytes()) {
            throw ApiException.of(
                    414, "uri_too_long", "The request line is longer than " + limits.requestLineBytes() + " bytes.");
        }
        if (lineStart > 0 && scanned - headersStart > limits.headerBytes() + 1) {
            throw ApiException.of(
                    431, "headers_too_large", "The headers are larger than " + limits.headerBytes() + " bytes.");
        }
    }
}
