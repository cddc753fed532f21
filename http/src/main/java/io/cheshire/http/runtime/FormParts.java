package io.cheshire.http.runtime;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.multipart.BodyPart;
import com.linecorp.armeria.common.multipart.Multipart;
import com.linecorp.armeria.common.stream.StreamMessage;
import com.linecorp.armeria.common.stream.StreamWriter;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * The parts of a form that arrives, one after the other: the next one comes when the one before was read. Nothing is
 * asked of the client before it is wanted; once nothing is wanted any more, what still comes is thrown away.
 * {@link #next} is one thread's, which it holds up; all else runs on the request's event loop.
 */
final class FormParts {
    /** What came: a part, or the end. */
    private sealed interface Event {
        record Part(BodyPart part) implements Event {}

        record End(@Nullable Throwable cause) implements Event {}
    }

    private final StreamWriter<HttpData> body = StreamMessage.streaming();
    /** No more than one part is asked for, and the end comes once. */
    private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(2);

    private volatile @Nullable Subscription parts;

    private FormParts() {}

    static FormParts of(final HttpRequest request, final String boundary, final EventExecutor eventLoop) {
        final FormParts form = new FormParts();
        Multipart.from(boundary, form.body).bodyParts().subscribe(form.new Parts(), eventLoop);
        request.subscribe(form.new Body(), eventLoop);
        return form;
    }

    /** From now on whoever reads meets this; what was sent before may still be read. */
    void end(final Throwable cause) {
        body.close(cause);
    }

    /**
     * The next part, whose content must be read to its end before {@link #more}; null: there is none.
     *
     * @throws IOException the body ended early, or is no form
     */
    @Nullable
    BodyPart next() throws IOException, InterruptedException {
        return switch (events.take()) {
            case Event.Part(final BodyPart part) -> part;
            case Event.End(final Throwable cause) -> {
                if (cause != null) {
                    throw new IOException(cause);
                }
                yield null;
            }
        };
    }

    /** The part before was read. */
    void more() {
        final Subscription from = parts;
        if (from != null) {
            from.request(1);
        }
    }

    /** What the client sends goes to the form's reader, a piece at a time. */
    private final class Body implements Subscriber<HttpObject> {
        private @Nullable Subscription from;

        @Override
        public void onSubscribe(final Subscription subscription) {
            from = subscription;
            subscription.request(1);
        }

        @Override
        public void onNext(final HttpObject piece) {
            if (!(piece instanceof final HttpData data)) {
                goOn();
            } else if (body.tryWrite(data)) {
                var _ = body.whenConsumed().handle((_, _) -> {
                    goOn();
                    return null;
                });
            } else {
                data.close();
                goOn();
            }
        }

        private void goOn() {
            final Subscription subscription = from;
            if (subscription != null) {
                subscription.request(1);
            }
        }

        @Override
        public void onError(final Throwable cause) {
            body.close(cause);
        }

        @Override
        public void onComplete() {
            body.close();
        }
    }

    private final class Parts implements Subscriber<BodyPart> {
        @Override
        public void onSubscribe(final Subscription subscription) {
            parts = subscription;
            subscription.request(1);
        }

        @Override
        public void onNext(final BodyPart part) {
            events.add(new Event.Part(part));
        }

        @Override
        public void onError(final Throwable cause) {
            events.add(new Event.End(cause));
        }

        @Override
        public void onComplete() {
            events.add(new Event.End(null));
        }
    }
}
