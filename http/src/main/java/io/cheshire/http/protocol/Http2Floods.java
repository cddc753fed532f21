package io.cheshire.http.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Counts HTTP/2 frames of one connection and says when they are a flood. Reads frame headers only, as bytes pass, in
 * any pieces; what frames mean is the codec's business. It covers what the codec doesn't limit: PING, SETTINGS,
 * PRIORITY, WINDOW_UPDATE, empty DATA, empty CONTINUATION and unknown frames, resets that the client provokes, and a
 * header-list limit so small that no response could be sent after the work is done. Single-threaded.
 */
public final class Http2Floods {
    /** The client's half of the connection preface. */
    public static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private static final int HEADER_BYTES = 9;
    private static final int SETTING_BYTES = 6;
    private static final int MAX_HEADER_LIST_SIZE = 6;
    private static final long MIN_PEER_HEADER_LIST = 1024;

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;

    private final HttpLimits.Http2 limits;
    private final long windowNs;
    private final byte[] header = new byte[HEADER_BYTES];
    private final byte[] setting = new byte[SETTING_BYTES];
    private int headerRead;
    private int payloadLeft;
    private int settingRead;
    private int type;
    private long windowStartNs;
    private int controlFrames;
    private int windowUpdates;
    private int resetsSent;

    /** A counter whose first window starts at {@code nowNs}. */
    public Http2Floods(final HttpLimits.Http2 limits, final long nowNs) {
        this.limits = limits;
        this.windowNs = limits.windowSeconds() * 1_000_000_000L;
        this.windowStartNs = nowNs;
    }

    /** The next byte after the preface; returns why the connection must end, or null. */
    public @Nullable String onByte(final byte b, final long nowNs) {
        if (headerRead < HEADER_BYTES) {
            header[headerRead++] = b;
            return headerRead == HEADER_BYTES ? onHeader(nowNs) : null;
        }
        payloadLeft--;
        final String reason = type == SETTINGS ? onSettingByte(b) : null;
        endOfFrame();
        return reason;
    }

    /** Payload bytes that may be skipped at once: at most {@code available}, 0 if they must be read one by one. */
    public int skippable(final int available) {
        return headerRead == HEADER_BYTES && type != SETTINGS ? Math.min(available, payloadLeft) : 0;
    }

    /** Skips payload. */
    public void skip(final int bytes) {
        payloadLeft -= bytes;
        endOfFrame();
    }

    private void endOfFrame() {
        if (payloadLeft == 0) {
            headerRead = 0;
            settingRead = 0;
        }
    }

    private @Nullable String onHeader(final long nowNs) {
        payloadLeft = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | (header[2] & 0xff);
        type = header[3] & 0xff;
        final int flags = header[4] & 0xff;
        moveWindow(nowNs);
        final boolean isEmpty = payloadLeft == 0;
        final boolean isEndOfStream = (flags & 1) != 0;
        endOfFrame();
        return switch (type) {
            case DATA -> isEmpty && !isEndOfStream ? countControl() : null;
            case CONTINUATION -> isEmpty ? countControl() : null;
            case WINDOW_UPDATE ->
                ++windowUpdates > limits.windowUpdatesPerWindow() ? "http2_window_update_flood" : null;
            case HEADERS, RST_STREAM -> null;
            default -> countControl();
        };
    }

    /**
     * The codec resets a stream for an error of the client's, which costs us what a reset by the client costs; the
     * codec counts only those. Returns why the connection must end, or null.
     */
    public @Nullable String onResetSent(final long nowNs) {
        moveWindow(nowNs);
        return ++resetsSent > limits.resetsPerWindow() ? "http2_reset_flood" : null;
    }

    private void moveWindow(final long nowNs) {
        if (nowNs - windowStartNs > windowNs) {
            windowStartNs = nowNs;
            controlFrames = 0;
            windowUpdates = 0;
            resetsSent = 0;
        }
    }

    private @Nullable String countControl() {
        return ++controlFrames > limits.controlFramesPerWindow() ? "http2_control_flood" : null;
    }

    private @Nullable String onSettingByte(final byte b) {
        setting[settingRead++] = b;
        if (settingRead < SETTING_BYTES) {
            return null;
        }
        settingRead = 0;
        final int id = (setting[0] & 0xff) << 8 | (setting[1] & 0xff);
        final long value = (setting[2] & 0xffL) << 24
                | (setting[3] & 0xffL) << 16
                | (setting[4] & 0xffL) << 8
                | (setting[5] & 0xffL);
        return id == MAX_HEADER_LIST_SIZE && value < MIN_PEER_HEADER_LIST ? "http2_tiny_header_list" : null;
    }
}
