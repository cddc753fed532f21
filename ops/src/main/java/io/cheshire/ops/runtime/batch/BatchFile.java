package io.cheshire.ops.runtime.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends the lines of a file, several at a time, and writes the answers in the order of the lines. A server that is full
 * or away is asked again until it is there; requests say that they may wait for others. Used by one thread.
 *
 * @param url      of the API, such as {@code http://127.0.0.1:8000/v1}
 * @param key      bearer token, or null
 * @param parallel requests at a time
 * @param patience for how long a server may be away or full, from the first try of a line that it left unanswered
 */
public record BatchFile(String url, @Nullable String key, int parallel, Duration patience) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT = Duration.ofSeconds(10);
    /** Six times as long as a server takes, by default, until it gives a request up: then it is taken to be away. */
    private static final Duration LONGEST_REQUEST = Duration.ofHours(1);

    /** How often it is looked whether the command is to stop, while nothing is answered. */
    private static final long LOOK_MS = 200;

    private static final long FIRST_WAIT_MS = 200;
    private static final long LONGEST_WAIT_MS = 5_000;
    private static final int OK = 200;
    /** What these paths answer is computed at once: their bodies say nothing of who waits for whom. */
    private static final List<String> WITHOUT_TIER = List.of("/tokenize", "/detokenize");

    /** What the paths of the API begin with. */
    private static final String API = "/v1";
    /** Answers that wait for one before them. */
    private static final int AHEAD = 4;

    /** How far it is: lines of the output, and those of them, in this run, that were refused. */
    public record Progress(int lines, int answeredNow, int refusedNow) {}

    /** A line and what became of it. */
    private record Answer(boolean isGood, String line) {}

    /**
     * Returns when every line has its answer, or when it is to stop.
     *
     * @throws IllegalArgumentException a line is none, or the output belongs to something else
     * @throws IOException              a file can't be used, or the server stayed away
     */
    public Progress run(
            final Path input, final Path output, final BooleanSupplier isStopped, final Consumer<Progress> progress)
            throws IOException, InterruptedException {
        final Semaphore places = new Semaphore(parallel);
        final Deque<Future<Answer>> open = new ArrayDeque<>();
        int refused = 0;
        int answered = 0;
        try (BatchOutput answers = BatchOutput.open(output, input);
                BufferedReader lines = Files.newBufferedReader(input);
                HttpClient client =
                        HttpClient.newBuilder().connectTimeout(CONNECT).build();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < answers.lines(); i++) {
                BatchOutput.nextLine(lines);
            }
            try {
                int number = answers.lines();
                String line = BatchOutput.nextLine(lines);
                while (!isStopped.getAsBoolean() && (line != null || !open.isEmpty())) {
                    if (line != null && open.size() < AHEAD * parallel) {
                        final int own = ++number;
                        final ObjectNode request = request(line, own);
                        open.add(threads.submit(() -> answer(client, request, own, places)));
                        line = BatchOutput.nextLine(lines);
                        continue;
                    }
                    final Answer answer = taken(open.element());
                    if (answer == null) {
                        continue;
                    }
                    open.remove();
                    answers.add(answer.line());
                    answered++;
                    refused += answer.isGood() ? 0 : 1;
                    progress.accept(new Progress(answers.lines(), answered, refused));
                }
            } finally {
                // Else closing the threads would wait for them.
                open.forEach(future -> future.cancel(true));
            }
            return new Progress(answers.lines(), answered, refused);
        }
    }

    /** Null if it isn't there yet. */
    private static @Nullable Answer taken(final Future<Answer> future) throws IOException, InterruptedException {
        try {
            return future.get(LOOK_MS, TimeUnit.MILLISECONDS);
        } catch (final TimeoutException notYet) {
            return null;
        } catch (final ExecutionException e) {
            if (e.getCause() instanceof final IOException away) {
                throw away;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private static ObjectNode request(final String line, final int number) {
        try {
            final JsonNode read = JSON.readTree(line);
            if (read instanceof final ObjectNode request
                    && request.path("custom_id").isTextual()
                    && request.path("url").asText().startsWith("/")
                    && request.path("body").isObject()) {
                final ObjectNode body = (ObjectNode) request.get("body");
                if (!body.has("service_tier")
                        && !WITHOUT_TIER.contains(request.path("url").asText())) {
                    body.put("service_tier", "flex");
                }
                return request;
            }
        } catch (final JsonProcessingException e) {
            throw new IllegalArgumentException("line " + number + " is no JSON: " + e.getOriginalMessage(), e);
        }
        throw new IllegalArgumentException("line " + number
                + " is no request: it needs custom_id, method POST, url (such as /v1/chat/completions) and body");
    }

    private Answer answer(final HttpClient client, final ObjectNode request, final int number, final Semaphore places)
            throws IOException, InterruptedException {
        places.acquire();
        try {
            final HttpResponse<byte[]> response = sent(client, request);
            final ObjectNode line = JSON.createObjectNode();
            line.put("id", "batch_req_" + number).set("custom_id", request.get("custom_id"));
            line.putObject("response")
                    .put("status_code", response.statusCode())
                    .put(
                            "request_id",
                            response.headers().firstValue("x-request-id").orElse(null))
                    .set("body", JSON.readTree(response.body()));
            line.putNull("error");
            return new Answer(response.statusCode() == OK, line.toString());
        } finally {
            places.release();
        }
    }

    private HttpResponse<byte[]> sent(final HttpClient client, final ObjectNode request)
            throws IOException, InterruptedException {
        final HttpRequest.Builder builder = HttpRequest.newBuilder(
                        URI.create(address(request.get("url").textValue())))
                .header("content-type", "application/json")
                .timeout(LONGEST_REQUEST)
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(request.get("body"))));
        if (key != null) {
            builder.header("authorization", "Bearer " + key);
        }
        Long awaySinceNs = null;
        long waitMs = FIRST_WAIT_MS;
        while (true) {
            IOException away = null;
            try {
                final HttpResponse<byte[]> response =
                        client.send(builder.build(), HttpResponse.BodyHandlers.ofByteArray());
                if (!isLater(response.statusCode())) {
                    return response;
                }
            } catch (final IOException e) {
                away = e;
            }
            // What the first try took was the server's time to compute.
            final long nowNs = System.nanoTime();
            awaySinceNs = awaySinceNs == null ? Long.valueOf(nowNs) : awaySinceNs;
            if (nowNs - awaySinceNs > patience.toNanos()) {
                throw new IOException(
                        url + " did not answer for " + patience.toSeconds() + " s; run the same command again, which"
                                + " goes on where this one was",
                        away);
            }
            Thread.sleep(waitMs);
            waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs);
        }
    }

    private static boolean isLater(final int status) {
        return status == 429 || status == 502 || status == 503 || status == 504;
    }

    /** Paths are a server's own: of the API, whose address may say how it begins elsewhere, or beside it. */
    private String address(final String path) {
        final String base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        if (path.startsWith(API + "/")) {
            return base + path.substring(API.length());
        }
        return (base.endsWith(API) ? base.substring(0, base.length() - API.length()) : base) + path;
    }
}
