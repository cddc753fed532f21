package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.responses.FunctionTool;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseFunctionToolCall;
import com.openai.models.responses.ResponseInputItem;
import com.openai.models.responses.ResponseStatus;
import com.openai.models.responses.ResponseStreamEvent;
import com.openai.models.responses.ToolChoiceOptions;
import com.openai.models.responses.WebSearchTool;
import io.cheshire.chaos.runtime.TestServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /v1/responses} by the official Java client, as its README writes it. */
class OpenAiJavaResponsesTest {
    private static final String MODEL = "cheshire-mini";
    private static final String QUESTION = "What is 17 + 25?";
    private static final String ANSWER = "17 + 25 = 42.";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    static Path directory;

    private static TestServer server;
    private static OpenAIClient client;

    /** What an answer is to be; the client makes its schema. */
    static class Verdict {
        public boolean satisfied;
        public boolean isKind;
    }

    @BeforeAll
    static void start() {
        server = TestServer.start(
                TestServer.cheshireMini(), 4, Map.of("cheshire.router.http.store.directory", directory.toString()));
        client = OpenAiJavaClients.of(server);
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private static ResponseCreateParams.Builder question(final String text) {
        return ResponseCreateParams.builder()
                .model(MODEL)
                .input(text)
                .maxOutputTokens(60)
                .temperature(0.0);
    }

    private static String text(final Response response) {
        return response.output().stream()
                .flatMap(item -> item.message().stream())
                .flatMap(message -> message.content().stream())
                .map(part -> part.asOutputText().text())
                .collect(Collectors.joining());
    }

    private static FunctionTool tool(final String name) {
        return FunctionTool.builder()
                .name(name)
                .strict(true)
                .parameters(FunctionTool.Parameters.builder()
                        .putAdditionalProperty("type", JsonValue.from("object"))
                        .putAdditionalProperty(
                                "properties",
                                JsonValue.from(Map.of("x", Map.of("type", "integer", "minimum", 0, "maximum", 99))))
                        .putAdditionalProperty("required", JsonValue.from(List.of("x")))
                        .putAdditionalProperty("additionalProperties", JsonValue.from(false))
                        .build())
                .build();
    }

    @Test
    void shouldAnswerAndKeepTheResponseUntilItIsDeleted() {
        final Response answer =
                client.responses().create(question(QUESTION).instructions("").build());

        answer.validate();
        assertThat(text(answer)).contains(ANSWER);
        assertThat(answer.status()).hasValue(ResponseStatus.COMPLETED);
        assertThat(answer.usage().orElseThrow().inputTokens()).isEqualTo(12);
        assertThat(client.responses().retrieve(answer.id()).output()).isEqualTo(answer.output());
        final var items = client.responses().inputItems().list(answer.id()).data();
        assertThat(items).hasSize(1);
        client.responses().delete(answer.id());
        final NotFoundException gone = catchThrowableOfType(
                NotFoundException.class, () -> client.responses().retrieve(answer.id()));
        assertThat(gone.code()).hasValue("response_not_found");
    }

    @Test
    void shouldStreamTheSameResponseAsItAnswersWhole() {
        final ResponseCreateParams asked =
                question("Tell me of a cat.").maxOutputTokens(30).store(false).build();
        final Response whole = client.responses().create(asked);
        final ResponseAccumulator all = ResponseAccumulator.create();
        final List<ResponseStreamEvent> events = new ArrayList<>();
        try (StreamResponse<ResponseStreamEvent> stream = client.responses().createStreaming(asked)) {
            stream.stream().peek(events::add).forEach(all::accumulate);
        }
        assertThat(text(all.response())).isEqualTo(text(whole)).isNotEmpty();
        assertThat(all.response().status()).isEqualTo(whole.status());
        final String deltas = events.stream()
                .flatMap(event -> event.outputTextDelta().stream())
                .map(delta -> delta.delta())
                .collect(Collectors.joining());
        assertThat(deltas).isEqualTo(text(whole));
        events.forEach(ResponseStreamEvent::validate);
        assertThat(catchThrowableOfType(
                        NotFoundException.class, () -> client.responses().retrieve(whole.id())))
                .isNotNull();
    }

    @Test
    void shouldEndALoopOfThreeCallsThatGoesOnFromWhatIsKept() throws Exception {
        ResponseCreateParams.Builder next = question("Move.");
        int calls = 0;
        boolean isOver = false;
        while (!isOver) {
            final Response answer = client.responses()
                    .create(next.addTool(tool("go"))
                            .addTool(tool("turn"))
                            .parallelToolCalls(false)
                            .toolChoice(calls < 3 ? ToolChoiceOptions.REQUIRED : ToolChoiceOptions.NONE)
                            .build());
            answer.validate();
            final List<ResponseInputItem> outputs = new ArrayList<>();
            for (final ResponseFunctionToolCall call : answer.output().stream()
                    .flatMap(item -> item.functionCall().stream())
                    .toList()) {
                assertThat(call.name()).isIn("go", "turn");
                assertThat(MAPPER.readTree(call.arguments()).get("x").intValue())
                        .isBetween(0, 99);
                outputs.add(ResponseInputItem.ofFunctionCallOutput(ResponseInputItem.FunctionCallOutput.builder()
                        .callId(call.callId())
                        .output("done")
                        .build()));
            }
            calls += outputs.size();
            isOver = outputs.isEmpty();
            next = question("").inputOfResponse(outputs).previousResponseId(answer.id());
        }
        assertThat(calls).isEqualTo(3);
    }

    @Test
    void shouldStreamTheSameCallsAsAWholeAnswerHas() {
        final ResponseCreateParams asked = question("Move.")
                .addTool(tool("go"))
                .toolChoice(ToolChoiceOptions.REQUIRED)
                .build();
        final Response whole = client.responses().create(asked);
        final ResponseAccumulator all = ResponseAccumulator.create();
        try (StreamResponse<ResponseStreamEvent> stream = client.responses().createStreaming(asked)) {
            stream.stream().forEach(all::accumulate);
        }
        assertThat(calls(all.response())).isEqualTo(calls(whole)).isNotEmpty();
    }

    private static List<String> calls(final Response answer) {
        return answer.output().stream()
                .flatMap(item -> item.functionCall().stream())
                .map(call -> call.name() + " " + call.arguments())
                .toList();
    }

    @Test
    void shouldAnswerInTheFormOfAClass() {
        final var answer =
                client.responses().create(question(QUESTION).text(Verdict.class).build());
        final Verdict verdict = answer.output().stream()
                .flatMap(item -> item.message().stream())
                .flatMap(message -> message.content().stream())
                .map(part -> part.asOutputText())
                .findFirst()
                .orElseThrow();
        assertThat(verdict).isNotNull();
    }

    @Test
    void shouldNameWhatIsNotServed() {
        final BadRequestException tool = catchThrowableOfType(
                BadRequestException.class,
                () -> client.responses()
                        .create(question("Hi")
                                .addTool(WebSearchTool.builder()
                                        .type(WebSearchTool.Type.WEB_SEARCH)
                                        .build())
                                .build()));
        assertThat(tool.param()).hasValue("tools[0].type");
        final BadRequestException background = catchThrowableOfType(
                BadRequestException.class,
                () -> client.responses().create(question("Hi").background(true).build()));
        assertThat(background.param()).hasValue("background");
    }

    /** The last test of its kind in time: whoever comes after finds another process's server. */
    @Test
    void shouldGoOnFromAResponseThatWasMadeBeforeARestart() {
        final Response first = client.responses().create(question(QUESTION).build());
        final ResponseCreateParams again =
                question("Thanks. And again?").previousResponseId(first.id()).build();
        final String expected = text(client.responses().create(again));

        stop();
        start();

        assertThat(text(client.responses().create(again))).isEqualTo(expected);
        assertThat(client.responses().retrieve(first.id()).output()).isEqualTo(first.output());
    }
}
