package io.cheshire.http.runtime;

import io.cheshire.http.protocol.Http2Floods;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** HTTP/2 frames as a test wants them, over plain text; headers are literals without indexing. */
final class Http2Client implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GO_AWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    /** A frame of the server; type -1 is the end of the connection. */
    record Frame(int type, int stream, String payload) {}

    private final RawClient raw;

    Http2Client(final int port, final byte... settings) throws IOException {
        raw = new RawClient(port);
        raw.send(Http2Floods.PREFACE);
        frame(SETTINGS, 0, 0, settings);
    }

    void frame(final int type, final int flags, final int stream, final byte... payload) throws IOException {
        raw.send(bytes(type, flags, stream, payload));
    }

    /** The same frame many times in one write. */
    void flood(final int count, final int type, final int stream, final byte... payload) throws IOException {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            out.writeBytes(bytes(type, 0, stream, payload));
        }
        raw.send(out.toByteArray());
    }

    void send(final byte[] bytes) throws IOException {
        raw.send(bytes);
    }

    static byte[] bytes(final int type, final int flags, final int stream, final byte... payload) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int shift = 16; shift >= 0; shift -= 8) {
            out.write(payload.length >> shift);
        }
        out.write(type);
        out.write(flags);
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.write(stream >> shift);
        }
        out.writeBytes(payload);
        return out.toByteArray();
    }

    static byte[] headers(final String... namesAndValues) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            out.write(0);
            text(out, namesAndValues[i]);
            text(out, namesAndValues[i + 1]);
        }
        return out.toByteArray();
    }

    /** A header that goes into the decoder's table, where it is entry 62 until the next. */
    static byte[] indexedHeader(final String name, final String value) {
        final byte[] literal = headers(name, value);
        literal[0] = 0x40;
        return literal;
    }

    private static void text(final ByteArrayOutputStream out, final String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        out.write(Math.min(bytes.length, 127));
        if (bytes.length >= 127) {
            int rest = bytes.length - 127;
            for (; rest >= 128; rest /= 128) {
                out.write(rest % 128 + 128);
            }
            out.write(rest);
        }
        out.writeBytes(bytes);
    }

    static byte[] get(final String path) {
        return headers(":method", "GET", ":scheme", "http", ":path", path, ":authority", "a");
    }

    /** Of a body in JSON. */
    static byte[] post(final String path) {
        return headers(
                ":method",
                "POST",
                ":scheme",
                "http",
                ":path",
                path,
                ":authority",
                "a",
                "content-type",
                "application/json");
    }

    private Frame read() throws IOException {
        final byte[] head = raw.readBytesOrEnd(9);
        if (head.length < 9) {
            return new Frame(-1, 0, "");
        }
        final int length = (head[0] & 0xff) << 16 | (head[1] & 0xff) << 8 | (head[2] & 0xff);
        final byte[] payload = raw.readBytesOrEnd(length);
        return new Frame(head[3], head[8] & 0xff, new String(payload, StandardCharsets.ISO_8859_1));
    }

    /** What the server makes of it: a status, {@code reset}, {@code goaway CODE}, {@code closed} or {@code silence}. */
    String outcome() throws IOException {
        return outcome(false);
    }

    /** The same, of a connection some of whose streams the server resets first. */
    String outcomeAfterResets() throws IOException {
        return outcome(true);
    }

    private String outcome(final boolean isSkippingResets) throws IOException {
        try {
            for (Frame frame = read(); ; frame = read()) {
                switch (frame.type()) {
                    case -1 -> {
                        return "closed";
                    }
                    case RST_STREAM -> {
                        if (!isSkippingResets) {
                            return "reset";
                        }
                    }
                    case GO_AWAY -> {
                        return "goaway " + (int) frame.payload().charAt(7);
                    }
                    case HEADERS -> {
                        return statusOf(frame.payload());
                    }
                    default -> {
                        // SETTINGS, PING answers, window updates.
                    }
                }
            }
        } catch (final SocketTimeoutException e) {
            return "silence";
        }
    }

    /** An entry of HPACK's static table; any other status is "other status". */
    private static String statusOf(final String payload) {
        return switch (payload.charAt(0)) {
            case 0x88 -> "200";
            case 0x89 -> "204";
            case 0x8c -> "400";
            case 0x8d -> "404";
            case 0x8e -> "500";
            default -> "other status";
        };
    }

    @Override
    public void close() throws IOException {
        raw.close();
    }
}
