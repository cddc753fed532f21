package io.cheshire.http.runtime;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.HttpRequest;
import io.cheshire.http.protocol.ApiException;
import io.netty.util.concurrent.EventExecutor;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * Takes a request's body piece by piece into one array, each growth of which is charged before it is made. On the
 * request's event loop.
 */
final class BodyCollector implements Subscriber<HttpObject> {
    private static final int FIRST_BYTES = 1024;

    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
    private final BodyBudget.Charge charge;
    private final int maxBytes;
    private final long announcedBytes;
    private byte[] body = new byte[0];
    private int size;

    private BodyCollector(final HttpRequest request, final BodyBudget.Charge charge, final int maxBytes) {
        this.charge = charge;
        this.maxBytes = maxBytes;
        this.announcedBytes = request.headers().contentLength();
    }

    /**
     * The body, exceptionally an {@link ApiException} (too large, no room) or what ended the request.
     *
     * @param maxBytes more is refused
     */
    static CompletableFuture<byte[]> collect(
            final HttpRequest request,
            final EventExecutor eventLoop,
            final BodyBudget.Charge charge,
            final int maxBytes) {
        final BodyCollector collector = new BodyCollector(request, charge, maxBytes);
        request.subscribe(collector, eventLoop);
        return collector.whole;
    }

    @Override
    public void onSubscribe(final Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(final HttpObject object) {
        if (!(object instanceof final HttpData data)) {
            return;
        }
        try (data) {
            if (!whole.isDone()) {
                append(data.array());
            }
        } catch (final ApiException refused) {
            body = new byte[0];
            whole.completeExceptionally(refused);
        }
    }

    private void append(final byte[] piece) {
        if (piece.length > maxBytes - size) {
            throw ApiException.of(413, "body_too_large", "The body is larger than " + maxBytes + " bytes.");
        }
        if (size + piece.length > body.length) {
            final int capacity = capacityFor(size + piece.length);
            if (!charge.grow(capacity - body.length)) {
                throw new ApiException(BodyIntake.noRoom());
            }
            body = Arrays.copyOf(body, capacity);
        }
        System.arraycopy(piece, 0, body, size, piece.length);
        size += piece.length;
    }

    /**
     * Twice as much each time, so that pieces of one byte cost no more than they weigh; never more than was announced.
     */
    private int capacityFor(final int needed) {
        final long doubled = Math.max(FIRST_BYTES, 2L * body.length);
        final long most = announcedBytes >= needed ? Math.min(announcedBytes, maxBytes) : maxBytes;
        return (int) Math.max(needed, Math.min(doubled, most));
    }

    @Override
    public void onError(final Throwable cause) {
        body = new byte[0];
        whole.completeExceptionally(cause);
    }

    @Override
    public void onComplete() {
        whole.complete(size == body.length ? body : Arrays.copyOf(body, size));
        body = new byte[0];
    }
}
