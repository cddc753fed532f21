package io.cheshire.benchmarks.serve.core;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Cuts a byte stream into server-sent events, however the network cut it: LF, CRLF or CR, a byte order mark, comments,
 * several data lines, characters split between reads (WHATWG HTML §9.2.6). One per response, one thread.
 */
public final class SseParser {
    /** An event's data beyond this is a defect of the server or an attack: 16 MiB. */
    public static final int MAX_EVENT_BYTES = 16 << 20;

    private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT = "event".getBytes(StandardCharsets.US_ASCII);

    private final Sink sink;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    private final ByteArrayOutputStream data = new ByteArrayOutputStream(512);
    private String eventName = "";
    private boolean hasData;
    private boolean lastWasCr;
    private boolean firstLine = true;

    /** Takes the events. */
    @FunctionalInterface
    public interface Sink {
        /**
         * One event.
         *
         * @param name the event field, empty where there was none
         * @param data the data lines joined by LF, UTF-8
         */
        void onEvent(String name, byte[] data);
    }

    public SseParser(final Sink sink) {
        this.sink = sink;
    }

    /**
     * Takes the next bytes; calls the sink once for every event they complete.
     *
     * @throws IllegalStateException when an event is larger than {@link #MAX_EVENT_BYTES}
     */
    public void accept(final byte[] bytes, final int offset, final int length) {
        for (int i = offset; i < offset + length; i++) {
            final byte b = bytes[i];
            if (b == '\n' && lastWasCr) {
                lastWasCr = false;
            } else if (b == '\n' || b == '\r') {
                lastWasCr = b == '\r';
                endLine();
            } else {
                lastWasCr = false;
                append(b);
            }
        }
    }

    private void append(final byte b) {
        if (line.size() + data.size() >= MAX_EVENT_BYTES) {
            throw new IllegalStateException("an event is larger than " + MAX_EVENT_BYTES + " bytes");
        }
        line.write(b);
    }

    private void endLine() {
        byte[] bytes = line.toByteArray();
        line.reset();
        if (firstLine) {
            firstLine = false;
            bytes = withoutByteOrderMark(bytes);
        }
        if (bytes.length == 0) {
            dispatch();
        } else {
            field(bytes);
        }
    }

    private void dispatch() {
        if (hasData) {
            sink.onEvent(eventName, data.toByteArray());
        }
        data.reset();
        hasData = false;
        eventName = "";
    }

    /** {@code name: value}; a line that starts with a colon is a comment, unknown names are skipped. */
    private void field(final byte[] bytes) {
        int colon = 0;
        while (colon < bytes.length && bytes[colon] != ':') {
            colon++;
        }
        int start = Math.min(colon + 1, bytes.length);
        if (start < bytes.length && bytes[start] == ' ') {
            start++;
        }
        if (isName(bytes, colon, DATA)) {
            if (hasData) {
                data.write('\n');
            }
            data.write(bytes, start, bytes.length - start);
            hasData = true;
        } else if (isName(bytes, colon, EVENT)) {
            eventName = new String(bytes, start, bytes.length - start, StandardCharsets.UTF_8);
        }
    }

    private static boolean isName(final byte[] bytes, final int length, final byte[] name) {
        return java.util.Arrays.equals(bytes, 0, length, name, 0, name.length);
    }

    private static byte[] withoutByteOrderMark(final byte[] bytes) {
        final boolean mark =
                bytes.length >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF;
        return mark ? java.util.Arrays.copyOfRange(bytes, 3, bytes.length) : bytes;
    }
}
