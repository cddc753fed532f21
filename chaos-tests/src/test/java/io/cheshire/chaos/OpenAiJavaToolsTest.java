package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageToolCall;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import io.cheshire.chaos.runtime.TestServer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Structured output and tools by the official Java client, as its README writes them. */
class OpenAiJavaToolsTest {
    private static final String MODEL = "cheshire-mini";
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Map<String, Object> POINT = Map.of(
            "type",
            "object",
            "properties",
            Map.of("x", Map.of("type", "integer", "minimum", 0, "maximum", 99)),
            "required",
            List.of("x"),
            "additionalProperties",
            false);

    private static TestServer server;
    private static OpenAIClient client;

    /** What an answer is to be; the client makes its schema. */
    static class Verdict {
        public String reason;
        public boolean satisfied;
        public List<Integer> scores;
    }

    @BeforeAll
    static void start() {
        server = TestServer.start(TestServer.cheshireMini(), 16, Map.of());
        client = OpenAiJavaClients.of(server);
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private static ChatCompletionCreateParams.Builder question(final String text) {
        return ChatCompletionCreateParams.builder()
                .model(MODEL)
                .addUserMessage(text)
                .maxCompletionTokens(120)
                .temperature(0);
    }

    private static FunctionDefinition tool(final String name) {
        return FunctionDefinition.builder()
                .name(name)
                .parameters(FunctionParameters.builder()
                        .putAllAdditionalProperties(POINT.entrySet().stream()
                                .collect(Collectors.toMap(Map.Entry::getKey, e -> JsonValue.from(e.getValue()))))
                        .build())
                .strict(true)
                .build();
    }

    @Test
    void shouldAnswerInTheFormOfAClass() {
        for (int seed = 0; seed < 4; seed++) {
            final var answer = client.chat()
                    .completions()
                    .create(question("What is 17 + 25?")
                            .temperature(seed == 0 ? 0 : 1)
                            .putAdditionalBodyProperty("seed", JsonValue.from(seed))
                            .maxCompletionTokens(300)
                            .responseFormat(Verdict.class)
                            .build());

            final var choice = answer.choices().getFirst();
            if (choice.finishReason().equals(ChatCompletion.Choice.FinishReason.STOP)) {
                final Verdict verdict = choice.message().content().orElseThrow();
                assertThat(verdict.reason).isNotNull();
                assertThat(verdict.scores).isNotNull();
            }
        }
    }

    @Test
    void shouldMatchAPatternAndAChoice() throws Exception {
        final ChatCompletion pattern = client.chat()
                .completions()
                .create(question("What is 17 + 25?")
                        .putAdditionalBodyProperty(
                                "structured_outputs", JsonValue.from(Map.of("regex", "[0-9]{2} is (it|right)\\.")))
                        .build());
        assertThat(pattern.choices().getFirst().message().content().orElseThrow())
                .matches("[0-9]{2} is (it|right)\\.");
        final Completion choice = client.completions()
                .create(CompletionCreateParams.builder()
                        .model(MODEL)
                        .prompt("public final class")
                        .maxTokens(20)
                        .putAdditionalBodyProperty("guided_choice", JsonValue.from(List.of("Cat", "Cheshire cat")))
                        .build());
        assertThat(choice.choices().getFirst().text()).isIn("Cat", "Cheshire cat");
        assertThat(choice.choices().getFirst().finishReason())
                .isEqualTo(com.openai.models.completions.CompletionChoice.FinishReason.STOP);
    }

    /** A form that allows everything changes nothing, alone and among others. */
    @Test
    void shouldAnswerAsEverWhenTheFormAllowsEverything() {
        final ChatCompletionCreateParams plain = question("What is 17 + 25?").build();
        final ChatCompletionCreateParams free = question("What is 17 + 25?")
                .putAdditionalBodyProperty("guided_regex", JsonValue.from("[^]*"))
                .build();

        final String expected = text(client.chat().completions().create(plain));
        assertThat(text(client.chat().completions().create(free))).isEqualTo(expected);
        final List<String> crowd = java.util.stream.IntStream.range(0, 12)
                .parallel()
                .mapToObj(i -> text(client.chat().completions().create(i % 2 == 0 ? free : plain)))
                .toList();
        assertThat(Set.copyOf(crowd)).containsExactly(expected);
    }

    private static String text(final ChatCompletion answer) {
        return answer.choices().getFirst().message().content().orElseThrow();
    }

    /** What the model says to the question is known; half of it said, the other half follows. */
    @Test
    void shouldGoOnWhereTheLastMessageEnds() throws Exception {
        final String whole = text(
                client.chat().completions().create(question("What is 17 + 25?").build()));
        final String half = whole.substring(0, whole.indexOf(" ="));
        final String rest = text(client.chat()
                .completions()
                .create(question("What is 17 + 25?")
                        .addAssistantMessage(half)
                        .putAdditionalBodyProperty("continue_final_message", JsonValue.from(true))
                        .putAdditionalBodyProperty("add_generation_prompt", JsonValue.from(false))
                        .build()));
        assertThat(half + rest).isEqualTo(whole);
    }

    /** The two ways to have a prompt scored say the same; the first token has no score. */
    @Test
    void shouldScoreThePromptAsEchoDoes() throws Exception {
        final String asked = "\"prompt\":\"What is 17 + 25?\",\"max_tokens\":1,\"temperature\":0";
        final JsonNode echoed = MAPPER.readTree(server.api()
                .post("/v1/completions", MAPPER.readTree("{" + asked + ",\"echo\":true,\"logprobs\":1}"))
                .text());
        final JsonNode scored = MAPPER.readTree(server.api()
                .post(
                        "/v1/completions",
                        MAPPER.readTree("{" + asked + ",\"prompt_logprobs\":1,\"return_token_ids\":true}"))
                .text());
        final JsonNode scores = scored.at("/choices/0/prompt_logprobs");
        final JsonNode ids = scored.at("/choices/0/prompt_token_ids");
        assertThat(scores.size()).isEqualTo(ids.size()).isGreaterThan(3);
        assertThat(scores.get(0).isNull()).isTrue();
        for (int i = 1; i < ids.size(); i++) {
            assertThat(scores.get(i).get(ids.get(i).asText()).get("logprob").doubleValue())
                    .isEqualTo(
                            echoed.at("/choices/0/logprobs/token_logprobs/" + i).doubleValue());
        }
    }

    /** Together's and llama.cpp's way to send a schema. */
    @Test
    void shouldMatchASchemaThatStandsBesideTheTypeOfAnObject() throws Exception {
        final ChatCompletion answer = client.chat()
                .completions()
                .create(question("What is 17 + 25?")
                        .putAdditionalBodyProperty(
                                "response_format", JsonValue.from(Map.of("type", "json_object", "schema", POINT)))
                        .build());
        assertThat(MAPPER.readTree(text(answer)).get("x").intValue()).isBetween(0, 99);
    }

    @Test
    void shouldTellClientsThatRenderThemselvesOfTheTokenizer() throws Exception {
        final JsonNode info = server.api().read("/tokenizer_info");
        assertThat(info.get("eos_token").textValue()).isEqualTo("<|endoftext|>");
        assertThat(info.get("chat_template").textValue()).contains("<|assistant|>");
    }

    @Test
    void shouldNameTheKeywordThatIsNotServed() {
        final BadRequestException refused = catchThrowableOfType(
                BadRequestException.class,
                () -> client.chat()
                        .completions()
                        .create(question("Hi")
                                .putAdditionalBodyProperty(
                                        "guided_json", JsonValue.from(Map.of("not", Map.of("type", "null"))))
                                .build()));

        assertThat(refused.param()).hasValue("guided_json");
        assertThat(refused.code()).hasValue("unsupported_format");
        assertThat(refused.getMessage()).contains("keyword not");
    }

    @Test
    void shouldEndALoopOfThreeCalls() throws Exception {
        final ChatCompletionCreateParams.Builder conversation = question("Move.")
                .maxCompletionTokens(60)
                .addFunctionTool(tool("go"))
                .addFunctionTool(tool("turn"))
                .parallelToolCalls(false)
                .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED);
        int calls = 0;
        boolean isOver = false;
        while (!isOver) {
            final ChatCompletion answer = client.chat().completions().create(conversation.build());
            final ChatCompletion.Choice choice = answer.choices().getFirst();
            final List<ChatCompletionMessageToolCall> made =
                    choice.message().toolCalls().orElse(List.of());
            conversation.addMessage(choice.message());
            for (final ChatCompletionMessageToolCall call : made) {
                final var function = call.asFunction();
                assertThat(function.function().name()).isIn("go", "turn");
                assertThat(MAPPER.readTree(function.function().arguments())
                                .get("x")
                                .intValue())
                        .isBetween(0, 99);
                conversation.addMessage(ChatCompletionToolMessageParam.builder()
                        .toolCallId(function.id())
                        .content("done")
                        .build());
                assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
            }
            calls += made.size();
            isOver = made.isEmpty();
            if (calls == 3) {
                conversation.toolChoice(ChatCompletionToolChoiceOption.Auto.NONE);
            }
        }
        assertThat(calls).isEqualTo(3);
    }

    @Test
    void shouldStreamTheSameCallsAsAWholeAnswerHas() throws Exception {
        final ChatCompletionCreateParams asked = question("Move.")
                .n(2)
                .temperature(1)
                .putAdditionalBodyProperty("seed", JsonValue.from(5))
                .addFunctionTool(tool("go"))
                .addFunctionTool(tool("turn"))
                .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED)
                .build();
        final ChatCompletion whole = client.chat().completions().create(asked);
        final ChatCompletionAccumulator all = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(asked)) {
            stream.stream().forEach(all::accumulate);
        }
        final ChatCompletion streamed = all.chatCompletion();
        assertThat(streamed.choices()).hasSize(2);
        for (int i = 0; i < 2; i++) {
            assertThat(calls(streamed, i)).isEqualTo(calls(whole, i)).isNotEmpty();
            assertThat(streamed.choices().get(i).finishReason())
                    .isEqualTo(whole.choices().get(i).finishReason());
        }
    }

    private static List<String> calls(final ChatCompletion answer, final int choice) {
        return answer.choices().get(choice).message().toolCalls().orElse(List.of()).stream()
                .map(call -> call.asFunction().function().name() + " "
                        + call.asFunction().function().arguments())
                .toList();
    }

    @Test
    void shouldCallFunctionsInTheirOldSpelling() throws Exception {
        final String body = "{\"messages\":[{\"role\":\"user\",\"content\":\"Move.\"}],\"temperature\":0,"
                + "\"functions\":[{\"name\":\"go\",\"parameters\":" + MAPPER.writeValueAsString(POINT)
                + "}],\"function_call\":{\"name\":\"go\"}}";
        final JsonNode answer = MAPPER.readTree(
                server.api().post("/v1/chat/completions", MAPPER.readTree(body)).text());
        assertThat(answer.at("/choices/0/finish_reason").textValue()).isEqualTo("function_call");
        assertThat(answer.at("/choices/0/message/function_call/name").textValue())
                .isEqualTo("go");
        final String arguments =
                answer.at("/choices/0/message/function_call/arguments").textValue();
        assertThat(MAPPER.readTree(arguments).get("x").isInt()).isTrue();
    }
}
