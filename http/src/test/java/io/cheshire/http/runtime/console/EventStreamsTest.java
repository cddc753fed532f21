package io.cheshire.http.runtime.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.HttpResponse;
import io.cheshire.http.protocol.ApiException;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** Bounds of the streams, with a clock that the test moves and readers that take what they are told to. */
class EventStreamsTest {
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
    void shouldShowThatAQuietStreamLivesAndEndAllWhenItCloses() {
        final Taker reader = new Taker(streams.open(0, bytes("first")), 9);
        streams.beat(49);
        streams.beat(50);
        streams.close();

        assertThat(reader.taken).containsExactly("headers", "first", ": alive\n\n", "end");
        assertThatThrownBy(() -> streams.open(60, bytes("a"))).isInstanceOf(ApiException.class);
    }
}
