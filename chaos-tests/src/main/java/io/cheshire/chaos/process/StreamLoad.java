package io.cheshire.chaos.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.runtime.EventStream;
import io.cheshire.chaos.runtime.JsonClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Greedy streams that run at once, the same ones each time. Their answers depend on nothing but the model.
 *
 * @param streams      how many
 * @param promptTokens length of each prompt
 * @param tokens       length of each answer, kept by {@code ignore_eos}
 * @param vocabulary   prompts are random ids below this
 * @param seed         draws the prompts
 */
public record StreamLoad(int streams, int promptTokens, int tokens, int vocabulary, long seed) {
    /** More than any run takes, harm and loading anew included; less than a test may take. */
    private static final Duration LIMIT = Duration.ofMinutes(4);

    public StreamLoad {
        if (streams < 1 || promptTokens < 1 || tokens < 2 || vocabulary < 2) {
            throw new IllegalArgumentException("a load needs at least 1 stream, 1 prompt token, 2 tokens and 2 ids");
        }
    }

    /**
     * Runs all streams to their ends.
     *
     * @param steps run once each, on a client's thread, at even distances of tokens: one when half of all tokens have
     *              come
     * @return one trace a stream, in order
     * @throws IllegalStateException a stream is open after four minutes
     */
    public List<StreamTrace> run(final JsonClient api, final List<Runnable> steps) throws InterruptedException {
        final Random random = new Random(seed);
        final AtomicLong seen = new AtomicLong();
        final long distance = (long) streams * tokens / (steps.size() + 1);
        final Runnable onToken = () -> {
            final long count = seen.incrementAndGet();
            if (count % distance == 0 && count / distance <= steps.size()) {
                steps.get((int) (count / distance) - 1).run();
            }
        };
        final List<Future<StreamTrace>> running = new ArrayList<>();
        final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
        final long startNs = System.nanoTime();
        try {
            for (int stream = 0; stream < streams; stream++) {
                final ObjectNode body = body(random);
                running.add(clients.submit(() -> follow(api, body, onToken)));
            }
            final List<StreamTrace> traces = new ArrayList<>();
            for (final Future<StreamTrace> trace : running) {
                traces.add(trace.get(startNs + LIMIT.toNanos() - System.nanoTime(), TimeUnit.NANOSECONDS));
            }
            return traces;
        } catch (final ExecutionException defect) {
            throw new IllegalStateException("a client failed", defect.getCause());
        } catch (final TimeoutException hung) {
            final long open = running.stream().filter(trace -> !trace.isDone()).count();
            throw new IllegalStateException(
                    open + " of " + streams + " streams are open after " + LIMIT.toMinutes() + " minutes; " + seen.get()
                            + " of " + (long) streams * tokens + " tokens have come",
                    hung);
        } finally {
            clients.shutdownNow(); // what still waits must not outlive its run: close() would wait for it
            clients.close();
        }
    }

    /** The requests of all streams, in order. */
    public List<ObjectNode> requests() {
        final Random random = new Random(seed);
        return Stream.generate(() -> body(random)).limit(streams).toList();
    }

    private ObjectNode body(final Random random) {
        final ObjectNode body = JsonClient.MAPPER.createObjectNode();
        final ArrayNode prompt = body.putArray("prompt");
        random.ints(promptTokens, 0, vocabulary).forEach(prompt::add);
        return body.put("max_tokens", tokens)
                .put("temperature", 0)
                .put("ignore_eos", true)
                .put("return_token_ids", true)
                .put("stream", true);
    }

    /** One stream to its end, which may be an error; {@code onToken} hears of each token on this thread. */
    public static StreamTrace follow(final JsonClient api, final ObjectNode body, final Runnable onToken)
            throws InterruptedException {
        final List<Integer> ids = new ArrayList<>();
        final List<Long> arrivalsNs = new ArrayList<>();
        try (EventStream events = api.stream("/v1/completions", body)) {
            for (JsonNode event = events.next(); event != null; event = events.next()) {
                if (event.has("error")) {
                    return new StreamTrace(ids, arrivalsNs, event.get("error").toString());
                }
                final long nowNs = System.nanoTime();
                for (final JsonNode id : event.at("/choices/0/token_ids")) {
                    ids.add(id.intValue());
                    arrivalsNs.add(nowNs);
                    onToken.run();
                }
            }
            return new StreamTrace(ids, arrivalsNs, null);
        } catch (final IOException | IllegalStateException broken) {
            return new StreamTrace(ids, arrivalsNs, broken.toString()); // some have no message
        }
    }
}
