package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.settings.SettingReader;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What a client sends on a kept connection once it has the answer before. */
class NextRequestTest {
    private static final int MORE_THAN_IS_HELD = 100_000;
    private static final int CONNECTIONS = 2;
    private static final int ROUNDS = 60;
    private static final String BODY = "{\"prompt\":\"" + "a".repeat(300_000) + "\"}";

    @Test
    void shouldTakeTheNextRequestWhenTheLengthOfTheAnswerIsOutThoughItsEndIsNotSaid() {
        final EmbeddedChannel connection = gate();
        connection.writeInbound(text(post("ab")));
        connection.writeOutbound(answer(2), new DefaultHttpContent(text("ok")));
        assertThat(out(connection)).endsWith("\r\n\r\nok");

        connection.writeInbound(text(post("c".repeat(MORE_THAN_IS_HELD))));
        connection.writeOutbound(LastHttpContent.EMPTY_LAST_CONTENT);
        connection.writeOutbound(answer(0), LastHttpContent.EMPTY_LAST_CONTENT);

        assertThat(out(connection)).startsWith("HTTP/1.1 200 OK").contains("content-length: 0");
        assertThat(in(connection)).contains("POST /tokenize HTTP/1.1", "ab", "c".repeat(MORE_THAN_IS_HELD));
        assertThat(connection.isOpen()).isTrue();
        connection.finishAndReleaseAll();
    }

    @Test
    void shouldHoldTheNextRequestBackWhileTheAnswerIsNotOut() {
        final EmbeddedChannel connection = gate();
        connection.writeInbound(text(post("ab")));
        connection.writeOutbound(answer(2), new DefaultHttpContent(text("o")));
        connection.writeInbound(text(post("cd")));
        assertThat(in(connection)).contains("ab").doesNotContain("cd");

        connection.writeOutbound(new DefaultHttpContent(text("k")), LastHttpContent.EMPTY_LAST_CONTENT);
        assertThat(in(connection)).contains("cd");
        connection.finishAndReleaseAll();
    }

    @Test
    void shouldAnswerManyLargeRequestsOneAfterTheOtherOnKeptConnections() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain();
                ExecutorService clients = Executors.newFixedThreadPool(CONNECTIONS)) {
            final Callable<Void> client = () -> {
                try (RawClient raw = new RawClient(server.port())) {
                    for (int i = 0; i < ROUNDS; i++) {
                        final boolean fits = i % 3 == 0;
                        raw.post(fits ? "/tokenize" : "/v1/completions", BODY);
                        final RawClient.Response response = raw.read();
                        assertThat(response.status()).as("answer " + i).isEqualTo(fits ? 200 : 400);
                    }
                }
                return null;
            };
            final List<Future<Void>> runs = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                runs.add(clients.submit(client));
            }
            for (final Future<Void> run : runs) {
                run.get();
            }
            assertThat(server.rejected("pipeline_overflow")).isZero();
        }
    }

    private static EmbeddedChannel gate() {
        final HttpLimits limits =
                SettingReader.read(ConfigFactory.load(), ApiConfig::from).limits();
        final EdgeMetrics metrics = new EdgeMetrics(new SimpleMeterRegistry());
        final ClientPace pace = new ClientPace(limits, new ConnectionSlots(8, metrics), metrics);
        return new EmbeddedChannel(pace, new EdgeGate(limits, true, metrics, pace), new HttpResponseEncoder());
    }

    private static String post(final String body) {
        return "POST /tokenize HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static HttpResponse answer(final int length) {
        final HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
        return response;
    }

    private static ByteBuf text(final String latin1) {
        return Unpooled.copiedBuffer(latin1, StandardCharsets.ISO_8859_1);
    }

    /** What was handed on since the last call. */
    private static String in(final EmbeddedChannel connection) {
        return all(connection::readInbound);
    }

    /** What was sent since the last call. */
    private static String out(final EmbeddedChannel connection) {
        return all(connection::readOutbound);
    }

    private static String all(final Supplier<ByteBuf> messages) {
        final StringBuilder text = new StringBuilder();
        for (ByteBuf next = messages.get(); next != null; next = messages.get()) {
            text.append(next.toString(StandardCharsets.ISO_8859_1));
            next.release();
        }
        return text.toString();
    }
}
