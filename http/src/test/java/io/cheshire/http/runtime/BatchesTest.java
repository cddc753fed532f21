package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.model.protocol.ScoreHead;
import io.cheshire.model.protocol.ScoreHead.Activation;
import io.cheshire.router.core.Engine.Admission;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files and batches: every line is answered once, in its order, whatever happens in between. */
class BatchesTest {
    private static final String BOUNDARY = "----here";
    private static final long LIMIT_NS = Duration.ofSeconds(20).toNanos();

    @TempDir
    Path directory;

    private HttpTestServer server() {
        return new HttpTestServer(config -> config.withStore(config.store().in(directory)), new ByteText());
    }

    private static String lines(final int count) {
        return IntStream.range(0, count).mapToObj(i -> line("id-" + i, i)).collect(Collectors.joining());
    }

    private static String line(final String id, final int number) {
        return "{\"custom_id\":\"" + id + "\",\"method\":\"POST\",\"url\":\"/v1/completions\",\"body\":{\"prompt\":\"p"
                + number + "\",\"max_tokens\":3}}\n";
    }

    private static HttpResponse<String> send(final HttpTestServer server, final String content, final String key)
            throws Exception {
        final String body = "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--"
                + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n"
                + "Content-Type: application/octet-stream\r\n\r\n" + content + "\r\n--" + BOUNDARY + "--\r\n";
        return server.client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v1/files"))
                        .header("content-type", "multipart/form-data; boundary=" + BOUNDARY)
                        .header("authorization", "Bearer " + key)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String file(final HttpTestServer server, final String content) throws Exception {
        return HttpTestServer.json(send(server, content, "none")).get("id").textValue();
    }

    private static String batch(final HttpTestServer server, final String file, final String window) throws Exception {
        return HttpTestServer.json(create(server, file, "/v1/completions", window))
                .get("id")
                .textValue();
    }

    private static HttpResponse<String> create(
            final HttpTestServer server, final String file, final String endpoint, final String window)
            throws Exception {
        return server.post(
                "/v1/batches",
                "{\"input_file_id\":\"" + file + "\",\"endpoint\":\"" + endpoint + "\",\"completion_window\":\""
                        + window + "\",\"metadata\":{\"a\":\"b\"}}");
    }

    private static JsonNode get(final HttpTestServer server, final String path) throws Exception {
        return HttpTestServer.json(server.get(server.port(), path));
    }

    private interface Condition {
        boolean holds(JsonNode batch);
    }

    private static JsonNode await(final HttpTestServer server, final String id, final Condition condition)
            throws Exception {
        final long startNs = System.nanoTime();
        JsonNode batch = get(server, "/v1/batches/" + id);
        while (!condition.holds(batch)) {
            assertThat(System.nanoTime() - startNs)
                    .as("the batch is as wished: %s", batch)
                    .isLessThan(LIMIT_NS);
            Thread.onSpinWait();
            batch = get(server, "/v1/batches/" + id);
        }
        return batch;
    }

    private static JsonNode awaitOver(final HttpTestServer server, final String id) throws Exception {
        return await(server, id, batch -> !batch.get("status").textValue().matches("validating|.*ing|in_progress"));
    }

    private static List<JsonNode> content(final HttpTestServer server, final @Nullable JsonNode file) throws Exception {
        final List<JsonNode> lines = new ArrayList<>();
        final String text = server.get(server.port(), "/v1/files/" + file.textValue() + "/content")
                .body();
        for (final String line : text.split("\n", -1)) {
            if (!line.isEmpty()) {
                lines.add(HttpTestServer.MAPPER.readTree(line));
            }
        }
        return lines;
    }

    @Test
    void shouldAnswerEveryLineInItsOrderAndYieldToOthers() throws Exception {
        try (HttpTestServer server = server()) {
            final String file = file(server, lines(40) + "\n" + line("last", 40));
            final JsonNode batch = awaitOver(server, batch(server, file, "24h"));

            assertThat(batch.get("status").textValue()).isEqualTo("completed");
            assertThat(batch.at("/request_counts/total").intValue()).isEqualTo(41);
            assertThat(batch.at("/request_counts/completed").intValue()).isEqualTo(41);
            assertThat(batch.at("/metadata/a").textValue()).isEqualTo("b");
            assertThat(batch.get("error_file_id").isNull()).isTrue();
            final List<JsonNode> output = content(server, batch.get("output_file_id"));
            assertThat(output).hasSize(41);
            for (int i = 0; i < 40; i++) {
                assertThat(output.get(i).get("custom_id").textValue()).isEqualTo("id-" + i);
                assertThat(output.get(i).at("/response/body/choices/0/text").textValue())
                        .isEqualTo(("p" + i + "p" + i).substring(0, 3));
            }
            assertThat(server.engine.requests).hasSize(41).allMatch(request -> request.yields());
            assertThat(get(server, "/v1/files").get("data")).hasSize(2);
        }
    }

    /** Of a model whose head scores; each line is what a request would get. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/classify    | {\"input\":[\"ab\",\"c\"]}",
                "/v1/score    | {\"text_1\":\"q\",\"text_2\":[\"a\",\"bc\"]}",
                "/v2/rerank   | {\"query\":\"q\",\"documents\":[\"a\",\"bc\"],\"top_n\":1}",
                "/pooling     | {\"input\":\"abc\",\"segments\":{\"ends\":[0,2]}}"
            })
    void shouldScoreEveryLineAsARequest(final String path, final String body) throws Exception {
        try (HttpTestServer server = scoring()) {
            final StringBuilder lines = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                lines.append("{\"custom_id\":\"" + i + "\",\"method\":\"POST\",\"url\":\"" + path + "\",\"body\":"
                        + body + "}\n");
            }
            final String id = HttpTestServer.json(create(server, file(server, lines.toString()), path, "24h"))
                    .get("id")
                    .textValue();
            final List<JsonNode> output = content(server, awaitOver(server, id).get("output_file_id"));
            assertThat(server.engine.requests).allMatch(request -> request.yields());
            final JsonNode alone = HttpTestServer.json(server.post(path, body));
            final String answer = path.endsWith("rerank") ? "results" : "data";
            assertThat(alone.get(answer)).isNotEmpty();
            assertThat(output).hasSize(20);
            assertThat(output)
                    .allSatisfy(line ->
                            assertThat(line.at("/response/body").get(answer)).isEqualTo(alone.get(answer)));
            assertThat(output)
                    .element(7)
                    .satisfies(line ->
                            assertThat(line.get("custom_id").textValue()).isEqualTo("7"));
        }
    }

    private HttpTestServer scoring() {
        return new HttpTestServer(
                config -> config.withStore(config.store().in(directory)),
                new ByteText(),
                HttpTestServer.model(FakeEngine.CONTEXT, 0)
                        .scoring(new ScoreHead(List.of("good"), Activation.SIGMOID, ByteText.END)));
    }

    @Test
    void shouldRefuseABatchThatTheModelCannotAnswer() throws Exception {
        try (HttpTestServer scoring = scoring();
                HttpTestServer writing = HttpTestServer.plain()) {
            final HttpResponse<String> text = create(scoring, file(scoring, lines(1)), "/v1/completions", "24h");
            assertThat(text.statusCode()).isEqualTo(400);
            assertThat(text.body()).contains("\"endpoint\"", "/classify, /v1/classify");
            final HttpResponse<String> score = create(writing, file(writing, lines(1)), "/classify", "24h");
            assertThat(score.statusCode()).isEqualTo(400);
            assertThat(score.body()).contains("\"endpoint\"", "/v1/responses");
        }
    }

    /** The next process may serve another model. */
    @Test
    void shouldRefuseTheLinesOfABatchThatAnotherModelWasGiven() throws Exception {
        final String id;
        try (HttpTestServer server = scoring()) {
            server.engine.refusal = new Admission.NotServing();
            final String line =
                    "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/classify\",\"body\":{\"input\":\"a\"}}";
            id = HttpTestServer.json(create(server, file(server, line), "/classify", "24h"))
                    .get("id")
                    .textValue();
            await(server, id, batch -> batch.get("status").textValue().equals("in_progress"));
        }
        try (HttpTestServer server = server()) {
            final List<JsonNode> errors = content(server, awaitOver(server, id).get("error_file_id"));
            assertThat(errors).singleElement().satisfies(line -> {
                assertThat(line.at("/response/status_code").intValue()).isEqualTo(404);
                assertThat(line.at("/response/body/error/message").textValue()).contains("/classify");
            });
        }
    }

    @Test
    void shouldGoOnWhereAStoppedProcessWasAndAnswerNoLineTwice() throws Exception {
        final String id;
        final List<String> before;
        try (HttpTestServer server = server()) {
            server.engine.permits = new Semaphore(60);
            id = batch(server, file(server, lines(100)), "24h");
            await(server, id, batch -> batch.at("/request_counts/completed").intValue() >= 10);
            before = server.engine.requests.stream()
                    .map(request -> request.promptTokens().toString())
                    .toList();
        }
        assertThat(before.size()).isLessThan(100);
        final FakeEngine waiting = new FakeEngine();
        waiting.permits = new Semaphore(0);
        try (HttpTestServer server =
                new HttpTestServer(config -> config.withStore(config.store().in(directory)), new ByteText(), waiting)) {
            final int done = get(server, "/v1/batches/" + id)
                    .at("/request_counts/completed")
                    .intValue();
            assertThat(done).isBetween(10, 99);
            waiting.permits.release(10_000);
            final JsonNode batch = awaitOver(server, id);

            assertThat(batch.get("status").textValue()).isEqualTo("completed");
            final List<String> ids = content(server, batch.get("output_file_id")).stream()
                    .map(line -> line.get("custom_id").textValue())
                    .toList();
            assertThat(ids)
                    .isEqualTo(IntStream.range(0, 100).mapToObj(i -> "id-" + i).toList());
            assertThat(server.engine.requests).hasSizeLessThan(100);
        }
    }

    @Test
    void shouldWaitForTheEngineWhenItIsFull() throws Exception {
        try (HttpTestServer server = server()) {
            server.engine.refusal = new Admission.QueueFull(1, 1);
            final String id = batch(server, file(server, lines(3)), "24h");
            await(server, id, batch -> batch.get("status").textValue().equals("in_progress"));
            server.engine.refusal = null;

            assertThat(awaitOver(server, id).at("/request_counts/completed").intValue())
                    .isEqualTo(3);
        }
    }

    @Test
    void shouldRefuseToDeleteAFileThatABatchStillReads() throws Exception {
        try (HttpTestServer server = server()) {
            server.engine.refusal = new Admission.NotServing();
            final String file = file(server, lines(3));
            final String id = batch(server, file, "24h");
            final HttpResponse<String> refused = server.ask(server.port(), "DELETE", "/v1/files/" + file);
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(refused.body()).contains("file_in_use", id);
            server.engine.refusal = null;

            final JsonNode batch = awaitOver(server, id);
            assertThat(batch.at("/request_counts/completed").intValue()).isEqualTo(3);
            assertThat(server.ask(server.port(), "DELETE", "/v1/files/" + file).statusCode())
                    .isEqualTo(200);
        }
    }

    /** Whoever is refused asks again, and would have two. */
    @Test
    void shouldSayThatABatchIsMadeThoughOtherAnswersTakeAllRoom() throws Exception {
        try (HttpTestServer server = new HttpTestServer(
                config -> config.withLimits(
                        config.limits().withAnswers(new HttpLimits.Answers(1 << 20, 1 << 10, 200, 10_000))),
                new ByteText())) {
            final String file = file(server, lines(1));
            assertThat(server.post("/tokenize", "{\"prompt\":\"a\"}").statusCode())
                    .isEqualTo(429);
            assertThat(create(server, file, "/v1/completions", "24h").statusCode())
                    .isEqualTo(200);
            assertThat(get(server, "/v1/batches").get("data")).hasSize(1);
        }
    }

    @Test
    void shouldPutRefusalsIntoTheErrorFile() throws Exception {
        try (HttpTestServer server = server()) {
            final String bad = line("bad", 1).replace("\"max_tokens\":3", "\"max_tokens\":-3");
            final JsonNode batch = awaitOver(server, batch(server, file(server, lines(1) + bad + line("c", 2)), "24h"));

            assertThat(batch.at("/request_counts/failed").intValue()).isEqualTo(1);
            final List<JsonNode> errors = content(server, batch.get("error_file_id"));
            assertThat(errors).hasSize(1);
            assertThat(errors.getFirst().get("custom_id").textValue()).isEqualTo("bad");
            assertThat(errors.getFirst().at("/response/status_code").intValue()).isEqualTo(400);
            assertThat(errors.getFirst().at("/response/body/error/param").textValue())
                    .isEqualTo("max_tokens");
            assertThat(content(server, batch.get("output_file_id"))).hasSize(2);
        }
    }

    @Test
    void shouldFailWithPlacesWhenLinesAreNone() throws Exception {
        try (HttpTestServer server = server()) {
            final String twice = line("a", 1) + line("a", 2) + "{\"custom_id\":\"b\"}\n{";
            final JsonNode batch = awaitOver(server, batch(server, file(server, twice), "24h"));

            assertThat(batch.get("status").textValue()).isEqualTo("failed");
            assertThat(batch.at("/errors/data")).hasSize(3);
            assertThat(batch.at("/errors/data/0/line").intValue()).isEqualTo(2);
            assertThat(server.engine.requests).isEmpty();
        }
    }

    @Test
    void shouldKeepWhatWasAnsweredWhenCancelled() throws Exception {
        try (HttpTestServer server = server()) {
            server.engine.permits = new Semaphore(60);
            final String id = batch(server, file(server, lines(100)), "24h");
            await(server, id, batch -> batch.at("/request_counts/completed").intValue() >= 5);
            final HttpResponse<String> cancelled = server.ask(server.port(), "POST", "/v1/batches/" + id + "/cancel");
            assertThat(HttpTestServer.json(cancelled).get("status").textValue()).isEqualTo("cancelling");
            server.engine.permits = null;
            final JsonNode batch = awaitOver(server, id);

            assertThat(batch.get("status").textValue()).isEqualTo("cancelled");
            assertThat(content(server, batch.get("output_file_id")))
                    .hasSize(batch.at("/request_counts/completed").intValue())
                    .hasSizeLessThan(100);
            assertThat(server.ask(server.port(), "POST", "/v1/batches/" + id + "/cancel")
                            .statusCode())
                    .isEqualTo(409);
        }
    }

    @Test
    void shouldSayOfEachLineThatTheTimeIsOver() throws Exception {
        try (HttpTestServer server = server()) {
            server.engine.refusal = new Admission.NotServing();
            final JsonNode batch = awaitOver(server, batch(server, file(server, lines(4)), "1s"));

            assertThat(batch.get("status").textValue()).isEqualTo("expired");
            assertThat(content(server, batch.get("error_file_id")))
                    .hasSize(4)
                    .allMatch(line -> line.at("/error/code").textValue().equals("batch_expired"));
        }
    }

    @Test
    void shouldShowATenantNothingOfAnothers() throws Exception {
        try (HttpTestServer server = new HttpTestServer(
                config -> config.withKeys(
                        List.of(new ApiConfig.ApiKey("a", "key-of-a"), new ApiConfig.ApiKey("b", "key-of-b"))),
                new ByteText())) {
            final String file = HttpTestServer.json(send(server, lines(2), "key-of-a"))
                    .get("id")
                    .textValue();
            final String[] b = {"authorization", "Bearer key-of-b"};
            assertThat(server.get(server.port(), "/v1/files/" + file, b).statusCode())
                    .isEqualTo(404);
            assertThat(server.get(server.port(), "/v1/files/" + file + "/content", b)
                            .statusCode())
                    .isEqualTo(404);
            assertThat(server.ask(server.port(), "DELETE", "/v1/files/" + file, b)
                            .statusCode())
                    .isEqualTo(404);
            assertThat(HttpTestServer.json(server.get(server.port(), "/v1/files", b))
                            .get("data"))
                    .isEmpty();
            final String batch = "{\"input_file_id\":\"" + file + "\",\"endpoint\":\"/v1/completions\"}";
            assertThat(server.post("/v1/batches", batch, b).statusCode()).isEqualTo(400);
            final String made = HttpTestServer.json(
                            server.post("/v1/batches", batch, "authorization", "Bearer key-of-a"))
                    .get("id")
                    .textValue();
            assertThat(server.get(server.port(), "/v1/batches/" + made, b).statusCode())
                    .isEqualTo(404);
            assertThat(server.ask(server.port(), "POST", "/v1/batches/" + made + "/cancel", b)
                            .statusCode())
                    .isEqualTo(404);
        }
    }
}
