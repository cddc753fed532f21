package io.cheshire.http.runtime.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.ResponseHeaders;
import io.cheshire.http.protocol.ApiException;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** Bounds of the streams, with a clock that the test moves and readers that take what they are told to. */
class EventStreamsTest {
    private static final int OPENED = 20_000;

    private final EventStreams streams = new EventStreams(new EventStreams.Rules(2, 100, 50));

    /** A reader, on the test's own thread. */
    private static final class Taker implements Subscriber<HttpObject> {
        private final List<String> taken = new ArrayList<>();
        private Subscription subscription;

        /** @param parts of the answer that it is ready for; the first is its headers */
        Taker(final HttpResponse response, final int parts) {
            response.subscribe(this, ImmediateEventExecutor.INSTANCE);
            subscription.request(parts);
        }

        void getReady() {
            subscription.request(1);
        }

        @Override
        public void onSubscribe(final Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(final HttpObject part) {
            taken.add(part instanceof final HttpData data ? data.toStringUtf8() : "headers");
        }

        @Override
        public void onError(final Throwable cause) {
            taken.add("failed");
        }

        @Override
        public void onComplete() {
            taken.add("end");
        }
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void shouldRefuseOneStreamMoreThanThereMayBeUntilOneEnds() {
        final HttpResponse first = streams.open(0, bytes("a"));
        streams.open(0, bytes("a"));
        assertThatThrownBy(() -> streams.open(0, bytes("a"))).isInstanceOfSatisfying(ApiException.class, refused -> {
            assertThat(refused.error().status()).isEqualTo(503);
            assertThat(refused.error().code()).isEqualTo("too_many_streams");
            assertThat(refused.error().retryAfterSeconds()).isPositive();
        });
        assertThat(streams.count()).isEqualTo(2);

        first.abort();
        assertThat(streams.count()).isEqualTo(1);
        streams.open(0, bytes("a"));
    }

    @Test
    void shouldSendTheSameToAllAndKeepNothingForThoseWhoDoNotRead() {
        final Taker reader = new Taker(streams.open(0, bytes("first")), 9);
        final Taker sleeper = new Taker(streams.open(0, bytes("first")), 2);
        streams.publish(10, bytes("one"));
        streams.publish(20, bytes("two"));
        streams.publish(30, bytes("three"));
        sleeper.getReady();
        streams.publish(40, bytes("four"));
        sleeper.getReady();

        assertThat(reader.taken).containsExactly("headers", "first", "one", "two", "three", "four");
        assertThat(sleeper.taken)
                .as("one waits for it, and no more")
                .containsExactly("headers", "first", "one", "four");
    }

    @Test
    void shouldEndTheStreamOfAReaderThatTakesNothing() {
        final Taker slow = new Taker(streams.open(0, bytes("first")), 1);
        final Taker reader = new Taker(streams.open(0, bytes("first")), 9);
        streams.publish(99, bytes("one"));
        assertThat(streams.count()).isEqualTo(2);
        streams.publish(100, bytes("two"));

        assertThat(slow.taken).containsExactly("headers", "failed");
        assertThat(reader.taken).containsExactly("headers", "first", "one", "two");
        assertThat(streams.count()).isEqualTo(1);
        assertThat(streams.dropped()).isEqualTo(1);
    }

    @Test
    void shouldBeginEveryStreamWithItsHeadersWhileEventsAreSent() throws InterruptedException {
        final AtomicBoolean isOver = new AtomicBoolean();
        final Thread publisher = Thread.ofPlatform().daemon().start(() -> {
            while (!isOver.get()) {
                streams.publish(0, bytes("event"));
            }
        });
        final DefaultEventExecutor readersThread = new DefaultEventExecutor();
        final Set<Class<?>> begins = new HashSet<>();
        try {
            for (int i = 0; i < OPENED; i++) {
                final HttpResponse response = streams.open(0, bytes("first"));
                final CompletableFuture<HttpObject> first = new CompletableFuture<>();
                response.subscribe(new FirstPart(first), readersThread);
                begins.add(first.join() instanceof ResponseHeaders ? ResponseHeaders.class : HttpData.class);
                // Its place is free for the next one.
                var _ = response.whenComplete()
                        .handle((done, cancelled) -> true)
                        .join();
            }
        } finally {
            isOver.set(true);
            publisher.join();
            readersThread.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }

        assertThat(begins).containsExactly(ResponseHeaders.class);
    }

    /** Takes one part and leaves. */
    private static final class FirstPart implements Subscriber<HttpObject> {
        private final CompletableFuture<HttpObject> first;
        private Subscription subscription;

        FirstPart(final CompletableFuture<HttpObject> first) {
            this.first = first;
        }

        @Override
        public void onSubscribe(final Subscription given) {
            subscription = given;
            given.request(1);
        }

        @Override
        public void onNext(final HttpObject part) {
            first.complete(part);
            subscription.cancel();
        }

        @Override
        public void onError(final Throwable cause) {
            first.completeExceptionally(cause);
        }

        @Override
        public void onComplete() {
            first.completeExceptionally(new IllegalStateException("it ended without a part"));
        }
    }

    @Test
    void shouldShowThatAQuietStreamLivesAndEndAllWhenItCloses() {
        final Taker reader = new Taker(streams.open(0, bytes("first")), 9);
        streams.beat(49);
        streams.beat(50);
        streams.close();

        assertThat(reader.taken).containsExactly("headers", "first", ": alive\n\n", "end");
        assertThatThrownBy(() -> streams.open(60, bytes("a"))).isInstanceOf(ApiException.class);
    }
}
