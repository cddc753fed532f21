package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.ServeProcess;
import io.cheshire.chaos.runtime.TestServer;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A batch of 1,000 lines, by the official client; the router is killed at 300 of them, and started anew. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@EnabledIfSystemProperty(
        named = "cheshire.test.long",
        matches = "true",
        disabledReason = "takes minutes: give -Dcheshire.test.long=true")
class KilledBatchIT {
    private static final int LINES = 1000;
    private static final int KILLED_AT = 300;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    Path directory;

    private ServeProcess serve() throws Exception {
        return ServeProcess.start(
                "--model",
                TestServer.cheshireMini().toString(),
                "--nodes",
                "4",
                "-Dcheshire.router.http.store.directory=" + directory.resolve("kept"));
    }

    private static OpenAIClient client(final ServeProcess server) {
        return OpenAIOkHttpClient.builder()
                .baseUrl("http://127.0.0.1:" + server.port() + "/v1")
                .apiKey("this server asks for none")
                .build();
    }

    private static String line(final int number) {
        return "{\"custom_id\":\"line-" + number + "\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{"
                + "\"model\":\"cheshire-mini\",\"temperature\":0,\"max_tokens\":12,\"messages\":[{\"role\":\"user\","
                + "\"content\":\"What is " + number + " + 25?\"}]}}\n";
    }

    @Test
    void shouldAnswerEachLineOnceAndInOrderThoughTheRouterIsKilled() throws Exception {
        final Path input = directory.resolve("input.jsonl");
        Files.writeString(
                input, IntStream.range(0, LINES).mapToObj(KilledBatchIT::line).collect(Collectors.joining()));
        final String id;
        try (ServeProcess server = serve()) {
            final OpenAIClient client = client(server);
            final FileObject file = client.files()
                    .create(FileCreateParams.builder()
                            .file(input)
                            .purpose(FilePurpose.BATCH)
                            .build());
            final Batch batch = client.batches()
                    .create(BatchCreateParams.builder()
                            .inputFileId(file.id())
                            .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                            .completionWindow(BatchCreateParams.CompletionWindow._24H)
                            .build());
            id = batch.id();
            Await.until(
                    KILLED_AT + " lines are answered",
                    LIMIT,
                    () -> completed(client.batches().retrieve(id)) >= KILLED_AT,
                    () -> client.batches().retrieve(id).toString());
            client.close();
            server.signal("KILL");
            Await.until("the router is dead", LIMIT, () -> !server.isAlive(), () -> "it lives");
        }
        try (ServeProcess server = serve()) {
            final OpenAIClient client = client(server);
            final long before = completed(client.batches().retrieve(id));
            System.out.println("kept by the killed router: " + before);
            assertThat(before).isBetween((long) KILLED_AT, (long) LINES - 1);
            Await.until(
                    "the batch is over",
                    LIMIT,
                    () -> client.batches().retrieve(id).status().equals(Batch.Status.COMPLETED),
                    () -> client.batches().retrieve(id).toString());
            final Batch batch = client.batches().retrieve(id);
            assertThat(completed(batch)).isEqualTo(LINES);
            assertThat(batch.errorFileId()).isEmpty();
            final List<String> ids = new ArrayList<>();
            try (var content = client.files().content(batch.outputFileId().orElseThrow());
                    var reader =
                            new BufferedReader(new java.io.InputStreamReader(content.body(), StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    final JsonNode answer = MAPPER.readTree(line);
                    ids.add(answer.get("custom_id").textValue());
                    assertThat(answer.at("/response/status_code").intValue()).isEqualTo(200);
                    assertThat(answer.at("/response/body/choices/0/message/content")
                                    .textValue())
                            .isNotEmpty();
                }
            }
            assertThat(ids)
                    .isEqualTo(
                            IntStream.range(0, LINES).mapToObj(i -> "line-" + i).toList());
            client.close();
            server.terminate();
            assertThat(server.exitStatus(LIMIT)).isZero();
        }
    }

    private static long completed(final Batch batch) {
        return batch.requestCounts().map(counts -> counts.completed()).orElse(0L);
    }
}
