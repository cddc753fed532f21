package io.cheshire.http.runtime.console;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.stream.AbortedStreamException;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Open streams of server-sent events: a bounded number, all of which get the same bytes. Nothing is kept for a reader
 * that hasn't taken what it was sent; it misses pictures, and after a while its stream ends. Thread-safe.
 */
final class EventStreams implements AutoCloseable {
    private static final int RETRY_SECONDS = 5;
    private static final byte[] ALIVE = ": alive\n\n".getBytes(StandardCharsets.UTF_8);

    /**
     * Bounds.
     *
     * @param most        streams open at a time; one more is answered 503
     * @param slowNs      what was sent must be taken within this, or the stream ends
     * @param heartbeatNs a stream that had nothing to send for so long gets a comment
     */
    record Rules(int most, long slowNs, long heartbeatNs) {}

    /** One reader. */
    private static final class Reader {
        private final HttpResponseWriter writer = HttpResponse.streaming();
        private volatile boolean isPending;
        private volatile long sentNs;
    }

    private final Rules rules;
    private final Set<Reader> readers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private volatile boolean isClosed;

    EventStreams(final Rules rules) {
        this.rules = rules;
    }

    /**
     * A new stream, which begins with {@code first}.
     *
     * @throws ApiException 503: too many are open
     */
    HttpResponse open(final long nowNs, final byte[] first) {
        if (open.incrementAndGet() > rules.most() || isClosed) {
            open.decrementAndGet();
            throw new ApiException(ApiError.busy(
                    "too_many_streams",
                    "All " + rules.most() + " streams of events are in use; close a page of the console, or ask"
                            + " /admin/v1/snapshot now and then.",
                    RETRY_SECONDS));
        }
        final Reader reader = new Reader();
        reader.writer.write(headers());
        send(reader, nowNs, HttpData.wrap(first));
        // Not before: whoever publishes now would write its event where the headers must be.
        readers.add(reader);
        var _ = reader.writer.whenComplete().handle((done, cause) -> {
            readers.remove(reader);
            return open.decrementAndGet();
        });
        if (isClosed) {
            reader.writer.close();
        }
        return reader.writer;
    }

    /** Status and headers of a stream. */
    static ResponseHeaders headers() {
        return ResponseHeaders.builder(HttpStatus.OK)
                .contentType(MediaType.EVENT_STREAM)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                // Proxies that gather answers would hold events back.
                .set("x-accel-buffering", "no")
                .build();
    }

    /** Sends an event to all who have taken the one before. */
    void publish(final long nowNs, final byte[] event) {
        for (final Reader reader : readers) {
            if (!reader.isPending) {
                send(reader, nowNs, HttpData.wrap(event));
            } else {
                judge(reader, nowNs);
            }
        }
    }

    /** Lets quiet streams show that they live, and ends those that nobody reads. */
    void beat(final long nowNs) {
        for (final Reader reader : readers) {
            if (reader.isPending) {
                judge(reader, nowNs);
            } else if (nowNs - reader.sentNs >= rules.heartbeatNs()) {
                send(reader, nowNs, HttpData.wrap(ALIVE));
            }
        }
    }

    private void judge(final Reader reader, final long nowNs) {
        if (nowNs - reader.sentNs >= rules.slowNs()) {
            dropped.incrementAndGet();
            reader.writer.abort(AbortedStreamException.get());
        }
    }

    private static void send(final Reader reader, final long nowNs, final HttpData data) {
        reader.isPending = true;
        reader.sentNs = nowNs;
        if (reader.writer.tryWrite(data)) {
            var _ = reader.writer.whenConsumed().thenRun(() -> reader.isPending = false);
        }
    }

    /** Streams that are open. */
    int count() {
        return open.get();
    }

    /** Streams that ended since their readers were too slow. */
    long dropped() {
        return dropped.get();
    }

    @Override
    public void close() {
        isClosed = true;
        readers.forEach(reader -> reader.writer.close());
    }
}
