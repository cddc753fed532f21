package io.cheshire.router.api.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.stream.AbortedStreamException;
import io.cheshire.router.api.core.ResponseJson;
import io.cheshire.router.api.protocol.ApiError;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Where a call's answer goes. Headers are sent with the first bytes, so that an error before them has its own status.
 * At most one write is under way: the caller waits until the connection took it. Used by the call's thread only.
 */
final class ResponseSink {
    private final HttpResponseWriter writer;
    private final String requestId;
    private final long seed;
    private final long writeStallMs;
    private boolean started;

    ResponseSink(final HttpResponseWriter writer, final String requestId, final long seed, final long writeStallMs) {
        this.writer = writer;
        this.requestId = requestId;
        this.seed = seed;
        this.writeStallMs = writeStallMs;
    }

    String requestId() {
        return requestId;
    }

    /** A whole JSON response. */
    void whole(final ObjectNode body) {
        final byte[] bytes = Replies.bytes(body);
        // Said, so that clients without chunks can be told, too.
        if (writer.tryWrite(headers(MediaType.JSON_UTF_8).toBuilder()
                .contentLength(bytes.length)
                .build())) {
            var _ = writer.tryWrite(HttpData.wrap(bytes));
        }
        writer.close();
    }

    /** One event of the stream, into {@code chunks}. */
    void appendChunk(final StringBuilder chunks, final ObjectNode chunk) {
        chunks.append("data: ")
                .append(new String(Replies.bytes(chunk), StandardCharsets.UTF_8))
                .append("\n\n");
    }

    /** Writes events and waits until they are taken; false if the reader took nothing for too long. */
    boolean writeChunks(final StringBuilder chunks) throws InterruptedException {
        if (chunks.isEmpty()) {
            return true;
        }
        startStream();
        if (!writer.tryWrite(HttpData.ofUtf8(chunks))) {
            return true;
        }
        try {
            writer.whenConsumed().get(writeStallMs, TimeUnit.MILLISECONDS);
            return true;
        } catch (final TimeoutException e) {
            return false;
        } catch (final ExecutionException e) {
            // The stream was closed by the other side: the inbox hears of it through whenComplete.
            return true;
        }
    }

    /** The last events of a good stream. */
    void finishStream(final StringBuilder chunks) {
        startStream();
        var _ = writer.tryWrite(HttpData.ofUtf8(chunks));
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
        final String event = "event: error\ndata: "
                + new String(Replies.bytes(ResponseJson.error(error)), StandardCharsets.UTF_8) + "\n\n";
        var _ = writer.tryWrite(HttpData.ofUtf8(event));
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

    /** Drops the connection's stream. */
    void abort() {
        writer.abort(AbortedStreamException.get());
    }

    private void startStream() {
        if (!started) {
            started = true;
            var _ = writer.tryWrite(headers(MediaType.EVENT_STREAM));
        }
    }

    private ResponseHeaders headers(final MediaType type) {
        final ResponseHeadersBuilder headers =
                ResponseHeaders.builder(HttpStatus.OK).contentType(type);
        headers.set("x-request-id", requestId);
        headers.set("x-cheshire-seed", Long.toString(seed));
        if (type.equals(MediaType.EVENT_STREAM)) {
            headers.set(HttpHeaderNames.CACHE_CONTROL, "no-cache");
        }
        return headers.build();
    }
}
