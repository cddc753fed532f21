package io.cheshire.http.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Lines of a chunked body (RFC 9112 §7.1), strictly: no white space, extensions well-formed and then ignored. */
public final class Http1Chunk {
    private static final int MAX_SIZE_DIGITS = 8;
    private static final Set<String> FORBIDDEN_TRAILERS = Set.of(
            "content-length",
            "transfer-encoding",
            "host",
            "trailer",
            "authorization",
            "content-encoding",
            "content-type",
            "content-range",
            "te",
            "connection",
            "expect",
            "upgrade");

    private Http1Chunk() {}

    /**
     * Size of the chunk that {@code line}, without its CRLF, announces.
     *
     * @throws ApiException 400
     */
    public static long size(final byte[] line) {
        final String text = new String(line, StandardCharsets.ISO_8859_1);
        int digits = 0;
        while (digits < text.length() && Character.digit(text.charAt(digits), 16) >= 0) {
            digits++;
        }
        if (digits < 1 || digits > MAX_SIZE_DIGITS) {
            throw Http1Head.bad(
                    "chunk_size", "A chunk's size must be 1 to " + MAX_SIZE_DIGITS + " hexadecimal digits.");
        }
        checkExtensions(text, digits);
        return Long.parseLong(text.substring(0, digits), 16);
    }

    /** A trailer line without its CRLF; trailers are checked and dropped. */
    public static void checkTrailer(final byte[] line) {
        final String text = new String(line, StandardCharsets.ISO_8859_1);
        if (text.charAt(0) == ' ' || text.charAt(0) == '\t') {
            throw Http1Head.bad("trailer", "A trailer line starts with a space.");
        }
        if (FORBIDDEN_TRAILERS.contains(Http1Head.checkedName(text))) {
            throw Http1Head.bad("trailer", "The trailers have a field that belongs to the headers.");
        }
    }

    private static void checkExtensions(final String text, final int start) {
        int at = start;
        while (at < text.length()) {
            if (text.charAt(at) != ';') {
                throw extension();
            }
            at = token(text, at + 1);
            if (at < text.length() && text.charAt(at) == '=') {
                at = at + 1 < text.length() && text.charAt(at + 1) == '"' ? quoted(text, at + 2) : token(text, at + 1);
            }
        }
    }

    private static int token(final String text, final int start) {
        int at = start;
        while (at < text.length() && Http1Head.isTokenChar(text.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw extension();
        }
        return at;
    }

    private static int quoted(final String text, final int start) {
        for (int at = start; at < text.length(); at++) {
            final char c = text.charAt(at);
            if (c == '"') {
                return at + 1;
            }
            if (c < ' ' || c == 0x7f) {
                throw extension();
            }
            if (c == '\\') {
                at++;
            }
        }
        throw extension();
    }

    private static ApiException extension() {
        return Http1Head.bad("chunk_extension", "A chunk extension is malformed.");
    }
}
