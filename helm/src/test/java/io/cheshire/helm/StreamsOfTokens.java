package io.cheshire.helm;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.runtime.EventStream;
import io.cheshire.chaos.runtime.JsonClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Greedy streams, the same again and again, each held against what it was before anything happened. */
final class StreamsOfTokens implements AutoCloseable {
    private static final int STREAMS = 4;
    private static final int TOKENS = 120;

    private final JsonClient api;
    private final List<List<Integer>> expected = new ArrayList<>();
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger done = new AtomicInteger();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private volatile boolean isEnding;

    /** Takes what each stream ought to be. */
    StreamsOfTokens(final JsonClient api) throws IOException, InterruptedException {
        this.api = api;
        for (int stream = 0; stream < STREAMS; stream++) {
            expected.add(follow(stream));
        }
    }

    /** Begins them, over and over until the end. */
    void begin() {
        for (int stream = 0; stream < STREAMS; stream++) {
            final int own = stream;
            clients.execute(() -> repeat(own));
        }
    }

    private void repeat(final int stream) {
        while (!isEnding && !Thread.currentThread().isInterrupted()) {
            try {
                final List<Integer> tokens = follow(stream);
                if (!tokens.equals(expected.get(stream))) {
                    wrong.add("stream " + stream + " was " + tokens + " and not " + expected.get(stream));
                }
                done.incrementAndGet();
            } catch (final IOException | RuntimeException broken) {
                wrong.add("stream " + stream + " broke: " + broken);
                return;
            } catch (final InterruptedException interrupted) {
                return;
            }
        }
    }

    private List<Integer> follow(final int stream) throws IOException, InterruptedException {
        final List<Integer> tokens = new ArrayList<>();
        try (EventStream events = api.stream(
                "/v1/completions",
                Map.of(
                        "prompt",
                        List.of(17 + stream, 300 + 7 * stream, 1000 + 13 * stream),
                        "max_tokens",
                        TOKENS,
                        "temperature",
                        0,
                        "ignore_eos",
                        true,
                        "return_token_ids",
                        true,
                        "stream",
                        true))) {
            for (JsonNode event = events.next(); event != null; event = events.next()) {
                if (event.has("error")) {
                    throw new IOException(event.get("error").toString());
                }
                event.at("/choices/0/token_ids").forEach(id -> tokens.add(id.intValue()));
            }
        }
        return tokens;
    }

    /** Streams that ran to their ends so far. */
    int done() {
        return done.get();
    }

    /** Lets those that run end, and says what was wrong. */
    List<String> end() {
        isEnding = true;
        clients.close();
        return List.copyOf(wrong);
    }

    @Override
    public void close() {
        clients.shutdownNow();
        clients.close();
    }
}
