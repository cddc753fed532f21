package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import io.cheshire.chaos.runtime.TestServer;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The official Java client against a running server. */
class OpenAiJavaClientTest {
    private static final String MODEL = "cheshire-mini";
    private static final String QUESTION = "What is 17 + 25?";
    private static final String ANSWER = "17 + 25 = 42.";

    private static TestServer server;
    private static OpenAIClient client;

    @BeforeAll
    static void start() {
        // So that its streams have comments, as those that wait long.
        server = TestServer.start(
                TestServer.cheshireMini(),
                16,
                Map.of(
                        "cheshire.router.http.limits.stream-headers",
                        "1 ms",
                        "cheshire.router.http.limits.stream-comment",
                        "1 ms"));
        client = OpenAiJavaClients.of(server);
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private static ChatCompletionCreateParams.Builder question() {
        return ChatCompletionCreateParams.builder()
                .model(MODEL)
                .addUserMessage(QUESTION)
                .temperature(0);
    }

    @Test
    void shouldAnswerAChatWhenAskedGreedily() {
        final ChatCompletion answer =
                client.chat().completions().create(question().build());

        final ChatCompletion.Choice choice = answer.choices().getFirst();
        assertThat(choice.message().content())
                .hasValueSatisfying(text -> assertThat(text).contains(ANSWER));
        assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
        assertThat(answer.model()).isEqualTo(MODEL);
        assertThat(answer.usage()).hasValueSatisfying(usage -> {
            assertThat(usage.promptTokens()).isEqualTo(12);
            assertThat(usage.completionTokens()).isEqualTo(12);
            assertThat(usage.totalTokens()).isEqualTo(24);
        });
    }

    @Test
    void shouldStreamAChatWithRoleFirstAndUsageLast() {
        final List<ChatCompletionChunk> chunks;
        try (StreamResponse<ChatCompletionChunk> stream = client.chat()
                .completions()
                .createStreaming(question()
                        .streamOptions(ChatCompletionStreamOptions.builder()
                                .includeUsage(true)
                                .build())
                        .build())) {
            chunks = stream.stream().toList();
        }

        final ChatCompletionChunk.Choice first = chunks.getFirst().choices().getFirst();
        assertThat(first.delta().role()).hasValue(ChatCompletionChunk.Choice.Delta.Role.ASSISTANT);
        final String text = chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .map(choice -> choice.delta().content().orElse(""))
                .collect(Collectors.joining());
        assertThat(text).contains(ANSWER);
        final ChatCompletionChunk last = chunks.getLast();
        assertThat(last.choices()).isEmpty();
        assertThat(last.usage())
                .hasValueSatisfying(
                        usage -> assertThat(usage.completionTokens()).isEqualTo(12));
        assertThat(chunks.get(chunks.size() - 2).choices().getFirst().finishReason())
                .hasValue(ChatCompletionChunk.Choice.FinishReason.STOP);
    }

    @Test
    void shouldCompleteAPromptWithLogprobs() {
        final Completion answer = client.completions()
                .create(CompletionCreateParams.builder()
                        .model(MODEL)
                        .prompt("public final class")
                        .maxTokens(6)
                        .temperature(0)
                        .logprobs(2)
                        .build());

        assertThat(answer.choices().getFirst().text()).startsWith(" int = (index");
        assertThat(answer.choices().getFirst().logprobs()).hasValueSatisfying(logprobs -> {
            assertThat(logprobs.tokenLogprobs())
                    .hasValueSatisfying(values -> assertThat(values)
                            .hasSize(6)
                            .allSatisfy(value -> assertThat(value).isNotPositive()));
            assertThat(logprobs.topLogprobs())
                    .hasValueSatisfying(best -> assertThat(best).hasSize(6));
        });
    }

    @Test
    void shouldListItsModel() {
        assertThat(client.models().list().data()).extracting(Model::id).containsExactly(MODEL);
        assertThat(client.models().retrieve(MODEL).id()).isEqualTo(MODEL);
    }

    @Test
    void shouldNameTheFieldWhenAValueIsOutOfRange() {
        final BadRequestException error = catchThrowableOfType(
                BadRequestException.class,
                () -> client.chat()
                        .completions()
                        .create(question().temperature(7).build()));

        assertThat(error.statusCode()).isEqualTo(400);
        assertThat(error.param()).hasValue("temperature");
        assertThat(error.type()).hasValue("invalid_request_error");
        assertThat(error.code()).isPresent();
        assertThat(error.getMessage()).contains("temperature");
    }

    @Test
    void shouldNameTheModelFieldWhenTheModelIsUnknown() {
        final NotFoundException error = catchThrowableOfType(
                NotFoundException.class,
                () -> client.chat()
                        .completions()
                        .create(question().model("gpt-unknown").build()));

        assertThat(error.statusCode()).isEqualTo(404);
        assertThat(error.param()).hasValue("model");
    }
}
