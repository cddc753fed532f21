package io.cheshire.ops.runtime.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every line is answered once, in its order, whatever the server does and however often the command is run. */
class BatchFileTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private final Queue<JsonNode> asked = new ConcurrentLinkedQueue<>();
    /** So many requests are refused before one is answered. */
    private final AtomicInteger refusals = new AtomicInteger();

    private HttpServer server;
    private Path input;
    private Path output;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/v1/completions", exchange -> answer(exchange, asked));
        server.start();
        input = directory.resolve("in.jsonl");
        output = directory.resolve("out.jsonl");
    }

    private void answer(final HttpExchange exchange, final Queue<JsonNode> heard) throws IOException {
        final JsonNode body = JSON.readTree(exchange.getRequestBody());
        final boolean isRefused = refusals.getAndDecrement() > 0;
        if (!isRefused) {
            heard.add(body);
        }
        final boolean isBad = body.get("prompt").textValue().equals("bad");
        final byte[] answer = ("{\"text\":" + body.get("prompt") + "}").getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(isRefused ? 503 : isBad ? 400 : 200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static String line(final String id, final String prompt) {
        return "{\"custom_id\":\"" + id + "\",\"method\":\"POST\",\"url\":\"/v1/completions\",\"body\":{\"prompt\":\""
                + prompt + "\"}}\n";
    }

    private void write(final int lines) throws IOException {
        Files.writeString(
                input,
                IntStream.range(0, lines)
                        .mapToObj(i -> line("id-" + i, "p" + i))
                        .collect(Collectors.joining()));
    }

    private BatchFile batch() {
        return batchAt("");
    }

    private BatchFile batchAt(final String place) {
        return new BatchFile(
                "http://127.0.0.1:" + server.getAddress().getPort() + place + "/v1", null, 8, Duration.ofSeconds(20));
    }

    private List<String> ids() throws IOException {
        final List<String> ids = new ArrayList<>();
        for (final String line : Files.readAllLines(output)) {
            final JsonNode answer = JSON.readTree(line);
            ids.add(answer.get("custom_id").textValue() + " "
                    + answer.at("/response/body/text").textValue());
        }
        return ids;
    }

    private static List<String> expected(final int lines) {
        return IntStream.range(0, lines).mapToObj(i -> "id-" + i + " p" + i).toList();
    }

    @Test
    void shouldAnswerInOrderByAServerThatIsFullAtFirst() throws Exception {
        write(100);
        refusals.set(5);

        final BatchFile.Progress end = batch().run(input, output, () -> false, _ -> {});

        assertThat(end).isEqualTo(new BatchFile.Progress(100, 100, 0));
        assertThat(ids()).isEqualTo(expected(100));
        assertThat(asked)
                .hasSize(100)
                .allMatch(body -> body.get("service_tier").textValue().equals("flex"));
    }

    /** Paths beside the API are the server's, whatever the address of its API begins with. */
    @Test
    void shouldSendLinesToPathsBesideTheApi() throws Exception {
        for (final String path : new String[] {"/classify", "/v2/rerank"}) {
            server.createContext(path, exchange -> {
                asked.add(JSON.readTree(exchange.getRequestBody()));
                final byte[] answer = ("{\"text\":\"" + path + "\"}").getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
                exchange.close();
            });
        }
        Files.writeString(
                input,
                line("a", "x").replace("/v1/completions", "/classify")
                        + line("b", "x").replace("/v1/completions", "/v2/rerank")
                        + line("c", "x"));

        batch().run(input, output, () -> false, _ -> {});

        assertThat(ids()).containsExactly("a /classify", "b /v2/rerank", "c x");
        assertThat(asked).allMatch(body -> body.get("service_tier").textValue().equals("flex"));
    }

    @Test
    void shouldGoOnBehindWholeLinesWhenItWasStopped() throws Exception {
        write(60);
        final int[] written = {0};
        batch().run(input, output, () -> written[0] >= 20, progress -> written[0] = progress.lines());
        assertThat(ids()).isEqualTo(expected(20));
        Files.writeString(output, Files.readString(output) + "{\"custom_id\":\"id-2");
        // At another place, since requests of the first run may still arrive there.
        final Queue<JsonNode> askedAgain = new ConcurrentLinkedQueue<>();
        server.createContext("/again/v1/completions", exchange -> answer(exchange, askedAgain));

        final BatchFile.Progress end = batchAt("/again").run(input, output, () -> false, _ -> {});

        assertThat(end).isEqualTo(new BatchFile.Progress(60, 40, 0));
        assertThat(ids()).isEqualTo(expected(60));
        assertThat(askedAgain).hasSize(40);
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES)
    void shouldStopWhileTheServerAnswersNothing() throws Exception {
        write(3);
        final CountDownLatch isAsked = new CountDownLatch(1);
        final CompletableFuture<Void> isOver = new CompletableFuture<>();
        server.createContext("/silent/v1/completions", exchange -> {
            isAsked.countDown();
            isOver.join();
            exchange.close();
        });

        try {
            final BatchFile.Progress end =
                    batchAt("/silent").run(input, output, () -> isAsked.getCount() == 0, _ -> {});

            assertThat(end).isEqualTo(new BatchFile.Progress(0, 0, 0));
        } finally {
            isOver.complete(null);
        }
    }

    @Test
    void shouldKeepRefusalsAndSayHowManyThereAre() throws Exception {
        Files.writeString(input, line("a", "x") + "\n" + line("b", "bad"));

        final BatchFile.Progress end = batch().run(input, output, () -> false, _ -> {});

        assertThat(end).isEqualTo(new BatchFile.Progress(2, 2, 1));
        assertThat(JSON.readTree(Files.readAllLines(output).get(1))
                        .at("/response/status_code")
                        .intValue())
                .isEqualTo(400);
    }

    @Test
    void shouldTouchNoFileThatHoldsSomethingElse() throws Exception {
        write(3);
        Files.writeString(output, "{\"custom_id\":\"other\"}\n");
        assertThatThrownBy(() -> batch().run(input, output, () -> false, _ -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line 1")
                .hasMessageContaining("--output");
        Files.writeString(output, "notes\n");
        assertThatThrownBy(() -> batch().run(input, output, () -> false, _ -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(Files.readString(output)).isEqualTo("notes\n");
        assertThat(asked).isEmpty();
    }

    @Test
    void shouldNameTheLineThatIsNoRequest() throws Exception {
        Files.writeString(input, line("a", "x") + "{\"custom_id\":\"b\"}\n");
        assertThatThrownBy(() -> batch().run(input, output, () -> false, _ -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line 2");
    }
}
