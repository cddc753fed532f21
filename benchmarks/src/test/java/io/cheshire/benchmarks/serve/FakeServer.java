package io.cheshire.benchmarks.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Speaks the completions protocol: streams the tokens asked for, one an event, each after a pause, or fails as told.
 */
final class FakeServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What to do with a request. */
    enum Mood {
        ANSWER,
        REFUSE,
        CUT_AFTER_12,
        ERROR_EVENT,
        NONSENSE,
        SILENT
    }

    final List<JsonNode> bodies = new CopyOnWriteArrayList<>();
    /** Clients that left since the last {@link #script}; streams of an earlier script count for that one. */
    volatile AtomicInteger clientsLeft = new AtomicInteger();

    private volatile List<Mood> moods = List.of(Mood.ANSWER);
    private volatile long pauseMs;
    private final AtomicInteger requests = new AtomicInteger();
    private final Server server;

    FakeServer() {
        this.server = Server.builder()
                .http(0)
                .requestTimeoutMillis(0)
                .service(
                        "/v1/models",
                        (context, request) ->
                                HttpResponse.of(MediaType.JSON, "{\"data\":[{\"id\":\"tiny\",\"vocab_size\":1000}]}"))
                .service(
                        "/v1/completions",
                        (context, request) -> HttpResponse.of(
                                request.aggregate().thenApply(whole -> answer(context, whole.contentUtf8()))))
                .build();
        server.start().join();
    }

    /**
     * Forgets what was and goes on like this.
     *
     * @param newPauseMs before every token
     * @param newMoods   one a request, over again
     */
    FakeServer script(final long newPauseMs, final Mood... newMoods) {
        bodies.clear();
        clientsLeft = new AtomicInteger();
        requests.set(0);
        pauseMs = newPauseMs;
        moods = List.of(newMoods);
        return this;
    }

    String url() {
        return "http://127.0.0.1:" + server.activeLocalPort();
    }

    private HttpResponse answer(final ServiceRequestContext context, final String body) {
        final JsonNode json;
        try {
            json = JSON.readTree(body);
        } catch (final IOException bad) {
            throw new UncheckedIOException(bad);
        }
        bodies.add(json);
        final Mood mood = moods.get(requests.getAndIncrement() % moods.size());
        if (mood == Mood.REFUSE) {
            return HttpResponse.of(HttpStatus.TOO_MANY_REQUESTS, MediaType.JSON, "{\"error\":{\"message\":\"full\"}}");
        }
        final HttpResponseWriter stream = HttpResponse.streaming();
        stream.write(ResponseHeaders.of(
                HttpStatus.OK, com.linecorp.armeria.common.HttpHeaderNames.CONTENT_TYPE, MediaType.EVENT_STREAM));
        final AtomicInteger counter = clientsLeft;
        stream.whenComplete().exceptionally(left -> {
            counter.incrementAndGet();
            return null;
        });
        next(context, stream, mood, 0, json.path("max_tokens").asInt());
        return stream;
    }

    private void next(
            final ServiceRequestContext context,
            final HttpResponseWriter stream,
            final Mood mood,
            final int sent,
            final int tokens) {
        context.eventLoop()
                .schedule(() -> emit(context, stream, mood, sent, tokens), pauseMs, TimeUnit.MILLISECONDS)
                .addListener(end -> {
                    if (end.cause() != null) {
                        stream.close(end.cause());
                    }
                });
    }

    private void emit(
            final ServiceRequestContext context,
            final HttpResponseWriter stream,
            final Mood mood,
            final int sent,
            final int tokens) {
        if (mood == Mood.SILENT || !stream.isOpen()) {
            return;
        }
        if (mood == Mood.CUT_AFTER_12 && sent == 12) {
            stream.close(new IOException("the power failed"));
        } else if (mood == Mood.ERROR_EVENT && sent == 1) {
            write(stream, "{\"error\":{\"message\":\"an expert vanished\"}}");
            stream.close();
        } else if (mood == Mood.NONSENSE) {
            write(stream, "<html>");
            stream.close();
        } else if (sent == tokens) {
            write(stream, "{\"choices\":[{\"text\":\"\",\"finish_reason\":\"length\"}]}");
            write(stream, "{\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":" + sent + "}}");
            write(stream, "[DONE]");
            stream.close();
        } else {
            write(stream, "{\"choices\":[{\"text\":\"é\",\"finish_reason\":null}]}");
            next(context, stream, mood, sent + 1, tokens);
        }
    }

    private static void write(final HttpResponseWriter stream, final String data) {
        final boolean open = stream.tryWrite(HttpData.ofUtf8("data: " + data + "\n\n"));
        if (!open) {
            stream.close();
        }
    }

    @Override
    public void close() {
        server.stop().join();
    }
}
