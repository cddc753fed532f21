package io.cheshire.http.runtime;

import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.stream.AbortedStreamException;
import io.cheshire.http.core.ResponseJson;
import io.cheshire.http.protocol.ApiError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where a call's answer goes. Headers are sent with the first bytes, or when a stream has waited for a while, so that
 * an error before them has its own status. JSON is written through: a reader that doesn't take it holds up its own
 * call and nothing else. Used by the call's thread only.
 */
final class ResponseSink {
    private static final byte[] EVENT_START = bytes("data: ");
    private static final byte[] EVENT_END = bytes("\n\n");
    private static final byte[] DONE = bytes("data: [DONE]\n\n");
    private static final byte[] WAITING = bytes(": waiting\n\n");
    private static final byte[] ERROR_START = bytes("event: error\ndata: ");

    private final HttpResponseWriter writer;
    private final String requestId;
    private final @Nullable Long seed;
    private final long writeStallMs;
    private String ignored = "";
    private final BlockOutput out;
    private boolean started;
    private boolean isStream;

    /** Writes one JSON value. */
    @FunctionalInterface
    interface Body {
        void writeTo(JsonGenerator json) throws IOException;
    }

    /** A sink for an answer without a seed. */
    ResponseSink(final HttpResponseWriter writer, final String requestId, final long writeStallMs) {
        this(writer, requestId, null, writeStallMs);
    }

    ResponseSink(
            final HttpResponseWriter writer,
            final String requestId,
            final @Nullable Long seed,
            final long writeStallMs) {
        this.writer = writer;
        this.requestId = requestId;
        this.seed = seed;
        this.writeStallMs = writeStallMs;
        this.out = new BlockOutput(writer, writeStallMs);
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    String requestId() {
        return requestId;
    }

    /** Names of the request's fields that had no effect, for the headers. */
    void tellIgnored(final List<String> names) {
        ignored = String.join(", ", names);
    }

    /** A whole JSON response; one of a single block says its length. */
    void whole(final Body body) throws IOException {
        out.beforeFirst(() -> start(headers(MediaType.JSON_UTF_8).build()));
        write(body);
        if (!out.isOut()) {
            started = true;
            final int length = out.pendingBytes();
            out.beforeFirst(() -> {});
            start(headers(MediaType.JSON_UTF_8).contentLength(length).build());
        }
        var _ = writer.tryWrite(out.take());
        writer.close();
    }

    private void start(final ResponseHeaders headers) {
        started = true;
        var _ = writer.tryWrite(headers);
    }

    /** An event with a name, else as {@link #event(Body)}. */
    void event(final String name, final Body body) throws IOException {
        startStream();
        out.mark();
        out.write(bytes("event: " + name + "\n"));
        writeEvent(body);
    }

    /** One event of the stream; it goes out with the next {@link #flush}, or before if there is much of it. */
    void event(final Body body) throws IOException {
        startStream();
        out.mark();
        writeEvent(body);
    }

    private void writeEvent(final Body body) throws IOException {
        out.write(EVENT_START);
        write(body);
        out.write(EVENT_END);
        out.mark();
    }

    private void write(final Body body) throws IOException {
        // The generator's own buffer is small; closing it flushes that, and leaves our stream open.
        final JsonGenerator json = Replies.MAPPER.createGenerator(out);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
        try (json) {
            body.writeTo(json);
        }
    }

    /** Something was written and not sent. */
    boolean hasPending() {
        return out.pendingBytes() > 0;
    }

    /** Sends what was written and waits until it is taken. */
    void flush() throws IOException {
        out.send();
    }

    /** The stream has waited: its headers if they aren't out, and a comment, which every client skips. */
    void waiting() throws IOException {
        startStream();
        out.write(WAITING);
        out.mark();
        out.send();
    }

    /** The end of a good stream of chunks. */
    void finishStream() throws IOException {
        startStream();
        out.write(DONE);
        endStream();
    }

    /** The end of a good stream whose last event says so. */
    void endStream() {
        out.mark();
        var _ = writer.tryWrite(out.take());
        writer.close();
    }

    /** An error response, or an error event if the stream has started; never a fake end. */
    void fail(final ApiError error) {
        if (!started) {
            started = true;
            final byte[] bytes = Replies.bytes(ResponseJson.error(error));
            if (writer.tryWrite(Replies.errorHeaders(error).toBuilder()
                    .set("x-request-id", requestId)
                    .contentLength(bytes.length)
                    .build())) {
                var _ = writer.tryWrite(HttpData.wrap(bytes));
            }
            writer.close();
            return;
        }
        if (!isStream || !out.dropToMark()) {
            // Half a value is out: nothing that follows could be read as an error.
            abort();
            return;
        }
        final byte[] before = out.take().array();
        final byte[] event = Replies.bytes(ResponseJson.error(error));
        var _ = writer.tryWrite(HttpData.wrap(concat(before, ERROR_START, event, EVENT_END)));
        // A reader that takes nothing would hold the connection for ever: give the event a while, then abort.
        var _ = writer.whenConsumed()
                .orTimeout(writeStallMs, TimeUnit.MILLISECONDS)
                .whenComplete((ok, cause) -> {
                    if (cause != null) {
                        abort();
                    }
                });
        writer.close();
    }

    private static byte[] concat(final byte[]... parts) {
        int length = 0;
        for (final byte[] part : parts) {
            length += part.length;
        }
        final byte[] all = new byte[length];
        int at = 0;
        for (final byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    /** Drops the connection's stream. */
    void abort() {
        writer.abort(AbortedStreamException.get());
    }

    private void startStream() {
        if (!started) {
            isStream = true;
            start(headers(MediaType.EVENT_STREAM)
                    .set(HttpHeaderNames.CACHE_CONTROL, "no-cache")
                    .build());
        }
    }

    private ResponseHeadersBuilder headers(final MediaType type) {
        final ResponseHeadersBuilder headers =
                ResponseHeaders.builder(HttpStatus.OK).contentType(type);
        headers.set("x-request-id", requestId);
        if (!ignored.isEmpty()) {
            headers.set("x-cheshire-ignored", ignored);
        }
        if (seed != null) {
            headers.set("x-cheshire-seed", Long.toString(seed));
        }
        return headers;
    }
}
