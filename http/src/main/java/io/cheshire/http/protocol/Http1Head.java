package io.cheshire.http.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/**
 * The head of an HTTP/1 request, read by rules that leave nothing to interpretation (RFC 9112 with every leniency
 * refused), since two readers of one stream must never differ. What goes on to the server is {@link #forward}: the same
 * lines, without those that ask for another protocol, and the target as a path, whatever its form was.
 *
 * @param forward    the head to hand on, with its empty line
 * @param bodyBytes  length of the body that follows; 0 if there is none or it is chunked
 * @param isChunked  a chunked body follows
 * @param isOld      of HTTP/1.0: its sender understands no chunks
 * @param keepsAlive its sender, being old, asks for the connection to be kept
 */
public record Http1Head(String forward, long bodyBytes, boolean isChunked, boolean isOld, boolean keepsAlive) {
    /** Where files are brought to. */
    public static final String FILES = "/v1/files";

    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    private static final Set<String> KNOWN_CODINGS = Set.of("gzip", "x-gzip", "deflate", "compress", "br", "zstd");
    /** Asking for another protocol is ignored, as RFC 9110 §7.8 allows; the JDK's client asks by habit. */
    private static final Set<String> DROPPED = Set.of("upgrade", "http2-settings");

    /** Who sends no Host can't be a browser's page, which is what the name is checked for. */
    private static final String NO_HOST = "localhost";

    private static final int MAX_LENGTH_DIGITS = 18;
    private static final String TOKEN_SIGNS = "!#$%&'*+-.^_`|~";

    /** It brings a file: its body has a limit of its own. Slashes too many do no harm. */
    public boolean bringsFile() {
        final String[] line = forward.substring(0, forward.indexOf('\r')).split(" ", -1);
        final String path = line[1].split("\\?", 2)[0].replaceAll("/+", "/").replaceAll("/$", "");
        return line[0].equals("POST") && path.equals(FILES);
    }

    /**
     * Reads a head.
     *
     * @param bytes      request line and header lines with their CRLFs, and the empty line
     * @param maxHeaders most header lines
     * @throws ApiException the answer, after which the connection is closed
     */
    public static Http1Head parse(final byte[] bytes, final int maxHeaders) {
        return new Reader(new String(bytes, StandardCharsets.ISO_8859_1), maxHeaders).read();
    }

    /** A header or trailer line without its CRLF: checks name and value, returns the name in lower case. */
    static String checkedName(final String line) {
        final int colon = line.indexOf(':');
        if (colon < 1) {
            throw bad("header_line", "A header line has no name.");
        }
        for (int i = 0; i < colon; i++) {
            if (!isTokenChar(line.charAt(i))) {
                throw bad("header_name", "A header name has a character that is not allowed.");
            }
        }
        for (int i = colon + 1; i < line.length(); i++) {
            final char c = line.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f) {
                throw bad("header_value", "A header value has a control character.");
            }
        }
        return line.substring(0, colon).toLowerCase(Locale.ROOT);
    }

    static boolean isTokenChar(final char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || TOKEN_SIGNS.indexOf(c) >= 0;
    }

    static ApiException bad(final String code, final String message) {
        return error(400, code, message);
    }

    private static ApiException error(final int status, final String code, final String message) {
        return new ApiException(ApiError.of(status, code, message));
    }

    /** One pass over the lines. */
    private static final class Reader {
        private final String head;
        private final int maxHeaders;
        private final StringBuilder forward = new StringBuilder();
        private int hosts;
        private int headers;
        private String length = "";
        private int lengths;
        private String coding = "";
        private int codings;
        private String path = "";
        private String targetHost = "";
        private boolean isOld;
        private boolean keepsAlive;

        Reader(final String head, final int maxHeaders) {
            this.head = head;
            this.maxHeaders = maxHeaders;
        }

        Http1Head read() {
            int end = head.indexOf("\r\n");
            requestLine(head.substring(0, end));
            if (!targetHost.isEmpty()) {
                forward.append("Host: ").append(targetHost).append("\r\n");
            }
            for (int start = end + 2; ; start = end + 2) {
                end = head.indexOf("\r\n", start);
                if (end == start) {
                    break;
                }
                header(head.substring(start, end));
            }
            if (hosts == 0 && isOld && targetHost.isEmpty()) {
                forward.append("Host: ").append(NO_HOST).append("\r\n");
            }
            forward.append("\r\n");
            return framing();
        }

        private void requestLine(final String line) {
            final int methodEnd = line.indexOf(' ');
            final int targetEnd = line.indexOf(' ', methodEnd + 1);
            if (methodEnd < 1 || targetEnd < methodEnd + 2 || line.indexOf(' ', targetEnd + 1) >= 0) {
                throw bad("request_line", "The request line is not: method, target, version.");
            }
            method(line.substring(0, methodEnd));
            isOld = version(line.substring(targetEnd + 1));
            final String method = line.substring(0, methodEnd);
            target(line.substring(methodEnd + 1, targetEnd), method);
            forward.append(method).append(' ').append(path);
            forward.append(line, targetEnd, line.length()).append("\r\n");
        }

        private static void method(final String method) {
            for (int i = 0; i < method.length(); i++) {
                if (method.charAt(i) < 'A' || method.charAt(i) > 'Z') {
                    throw bad("method", "The method is not one in capital letters.");
                }
            }
            if (!METHODS.contains(method)) {
                throw error(405, "method_not_allowed", "The server does not have this method.");
            }
        }

        private static boolean version(final String version) {
            if (version.equals("HTTP/1.1")) {
                return false;
            }
            if (version.equals("HTTP/1.0")) {
                return true;
            }
            if (version.matches("HTTP/[0-9]\\.[0-9]")) {
                throw error(505, "version_not_supported", "The server speaks HTTP/1.0, HTTP/1.1 and HTTP/2.");
            }
            throw bad("version", "The request line has no HTTP version.");
        }

        /**
         * A path, {@code *} of the whole server, or the absolute form, whose host counts instead of the header (RFC
         * 9112 §3.2).
         */
        private void target(final String target, final String method) {
            final int scheme = target.regionMatches(true, 0, "http://", 0, 7) ? 7 : 0;
            final int start = target.regionMatches(true, 0, "https://", 0, 8) ? 8 : scheme;
            if (target.equals("*") && method.equals("OPTIONS")) {
                path = "/";
            } else if (start > 0) {
                final int slash = firstOf(target, start, "/?");
                targetHost = target.substring(start, slash);
                checkHost(targetHost);
                path = slash < target.length() && target.charAt(slash) == '/'
                        ? target.substring(slash)
                        : "/" + target.substring(slash);
            } else if (target.charAt(0) == '/') {
                path = target;
            } else {
                throw bad("target", "The target must be a path that starts with a slash, or an http address.");
            }
            checkChars(target);
        }

        private static int firstOf(final String text, final int start, final String signs) {
            int at = start;
            while (at < text.length() && signs.indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return at;
        }

        private static void checkChars(final String target) {
            for (int i = 0; i < target.length(); i++) {
                final char c = target.charAt(i);
                if (c <= ' ' || c >= 0x7f || c == '#' || c == '\\') {
                    throw bad("target", "The target has a character that is not allowed.");
                }
                if (c == '%' && !isGraphicEscape(target, i)) {
                    throw bad("target", "The target has a percent escape that is malformed or a control character.");
                }
            }
        }

        private static boolean isGraphicEscape(final String target, final int at) {
            if (at + 2 >= target.length()) {
                return false;
            }
            final int high = Character.digit(target.charAt(at + 1), 16);
            final int low = Character.digit(target.charAt(at + 2), 16);
            final int value = high * 16 + low;
            return high >= 0 && low >= 0 && value >= ' ' && value != 0x7f;
        }

        private void header(final String line) {
            if (++headers > maxHeaders) {
                throw error(431, "too_many_headers", "The request has more than " + maxHeaders + " headers.");
            }
            final char first = line.charAt(0);
            if (first == ' ' || first == '\t') {
                throw bad("folded_header", "A header line starts with a space.");
            }
            final String name = checkedName(line);
            final String value = line.substring(name.length() + 1);
            switch (name) {
                case "host" -> {
                    hosts++;
                    checkHost(trimmed(value));
                }
                case "connection" -> keepsAlive |= hasToken(value, "keep-alive");
                case "content-length" -> {
                    lengths++;
                    length = trimmed(value);
                }
                case "transfer-encoding" -> {
                    codings++;
                    coding = trimmed(value);
                }
                case "expect" -> {
                    if (!trimmed(value).equalsIgnoreCase("100-continue")) {
                        throw error(417, "expectation_failed", "The only expectation supported is 100-continue.");
                    }
                }
                default -> {
                    // Other headers don't touch the framing.
                }
            }
            final boolean isMeaningless =
                    (name.equals("host") && !targetHost.isEmpty()) || (name.equals("expect") && isOld);
            if (!DROPPED.contains(name) && !isMeaningless) {
                forward.append(line).append("\r\n");
            }
        }

        private static boolean hasToken(final String value, final String token) {
            for (final String one : value.split(",", -1)) {
                if (trimmed(one).equalsIgnoreCase(token)) {
                    return true;
                }
            }
            return false;
        }

        private static void checkHost(final String value) {
            final String name = TrustedHosts.hostOf(value);
            if (!name.matches("[A-Za-z0-9._~-]{1,255}|\\[[0-9A-Fa-f:.]{2,45}]")) {
                throw bad("host", "The Host header is not a host name.");
            }
            if (name.length() < value.length()) {
                final String port = value.substring(name.length() + 1);
                if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
                    throw bad("host", "The Host header's port is not a port.");
                }
            }
        }

        private Http1Head framing() {
            if (hosts > 1 || (hosts == 0 && !isOld)) {
                throw bad("host", "The request must have one Host header; it has " + hosts + ".");
            }
            if (lengths > 0 && codings > 0) {
                throw bad("length_and_coding", "The request has both Content-Length and Transfer-Encoding.");
            }
            if (codings > 0) {
                checkCoding();
                return new Http1Head(forward.toString(), 0, true, isOld, keepsAlive);
            }
            if (lengths == 0) {
                return new Http1Head(forward.toString(), 0, false, isOld, keepsAlive);
            }
            if (lengths > 1 || !length.matches("[0-9]{1," + MAX_LENGTH_DIGITS + "}")) {
                throw bad("content_length", "Content-Length must be one decimal number.");
            }
            return new Http1Head(forward.toString(), Long.parseLong(length), false, isOld, keepsAlive);
        }

        private void checkCoding() {
            if (codings == 1 && !isOld && coding.equalsIgnoreCase("chunked")) {
                return;
            }
            if (codings == 1 && !isOld && KNOWN_CODINGS.contains(coding.toLowerCase(Locale.ROOT))) {
                throw error(501, "transfer_coding", "The only transfer coding supported is chunked.");
            }
            throw bad("transfer_coding", "Transfer-Encoding must be chunked, once, on HTTP/1.1.");
        }

        /** Optional white space is spaces and tabs only. */
        private static String trimmed(final String value) {
            int start = 0;
            int end = value.length();
            while (start < end && (value.charAt(start) == ' ' || value.charAt(start) == '\t')) {
                start++;
            }
            while (end > start && (value.charAt(end - 1) == ' ' || value.charAt(end - 1) == '\t')) {
                end--;
            }
            return value.substring(start, end);
        }
    }
}
