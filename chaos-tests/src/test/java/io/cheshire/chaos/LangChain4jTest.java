package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.agent.tool.ToolSpecifications;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiChatRequestParameters;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.output.JsonSchemas;
import io.cheshire.chaos.runtime.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Structured output and tools by LangChain4j, as its documentation writes them. */
class LangChain4jTest {
    private static final long LIMIT_S = 60;

    private static TestServer server;

    /** What a tool is called with: the client makes its schema. */
    enum Direction {
        NORTH,
        SOUTH
    }

    /** What an answer is to be. */
    record Verdict(Direction direction, boolean satisfied, List<Boolean> steps) {}

    /** A service whose answers are of a class. */
    interface Judge {
        Verdict judge(String text);
    }

    /** An agent. */
    interface Walker {
        String walk(String text);
    }

    /** The same in a stream. */
    interface StreamingWalker {
        TokenStream walk(String text);
    }

    /** What the agent may do. */
    static final class Steps {
        private final List<Direction> made = new ArrayList<>();

        @Tool("Walks one step.")
        String go(@P("where to") final Direction direction) {
            made.add(direction);
            return "done";
        }

        /** Asks for three calls, then for words. */
        private ChatRequest ask(final ChatRequest request) {
            final ToolChoice choice = made.size() < 3 ? ToolChoice.REQUIRED : ToolChoice.NONE;
            return ChatRequest.builder()
                    .messages(request.messages())
                    .parameters(request.parameters()
                            .overrideWith(OpenAiChatRequestParameters.builder()
                                    .toolChoice(choice)
                                    .build()))
                    .build();
        }
    }

    @BeforeAll
    static void start() {
        server = TestServer.start(TestServer.cheshireMini(), 16, Map.of());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String url() {
        return "http://127.0.0.1:" + server.port() + "/v1";
    }

    /** It asks once: no second try hides a failure of the first. */
    private static OpenAiChatModel model() {
        return OpenAiChatModel.builder()
                .baseUrl(url())
                .apiKey("this server asks for none")
                .modelName("cheshire-mini")
                .temperature(0.0)
                .seed(3)
                .maxCompletionTokens(80)
                .parallelToolCalls(false)
                .strictJsonSchema(true)
                .strictTools(true)
                .supportedCapabilities(Capability.RESPONSE_FORMAT_JSON_SCHEMA)
                .maxRetries(0)
                .build();
    }

    private static OpenAiStreamingChatModel streamingModel() {
        return OpenAiStreamingChatModel.builder()
                .baseUrl(url())
                .apiKey("this server asks for none")
                .modelName("cheshire-mini")
                .temperature(0.0)
                .seed(3)
                .maxCompletionTokens(80)
                .parallelToolCalls(false)
                .strictJsonSchema(true)
                .strictTools(true)
                .build();
    }

    private static ChatResponse streamed(final ChatRequest request, final StringBuilder text) throws Exception {
        final CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        streamingModel().chat(request, new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(final String part) {
                text.append(part);
            }

            @Override
            public void onCompleteResponse(final ChatResponse response) {
                whole.complete(response);
            }

            @Override
            public void onError(final Throwable cause) {
                whole.completeExceptionally(cause);
            }
        });
        return whole.get(LIMIT_S, TimeUnit.SECONDS);
    }

    @Test
    void shouldAnswerWithAnObjectOfAClass() {
        final Verdict verdict = AiServices.create(Judge.class, model()).judge("Where to?");

        assertThat(verdict.direction()).isNotNull();
        assertThat(verdict.steps()).isNotNull();
    }

    @Test
    void shouldStreamTheSameObjectAsAWholeAnswerHas() throws Exception {
        final ChatRequest request = ChatRequest.builder()
                .messages(UserMessage.from("Where to?"))
                .responseFormat(ResponseFormat.builder()
                        .type(ResponseFormatType.JSON)
                        .jsonSchema(JsonSchemas.jsonSchemaFrom(Verdict.class).orElseThrow())
                        .build())
                .build();
        final ChatResponse whole = model().chat(request);
        final StringBuilder text = new StringBuilder();

        final ChatResponse streamed = streamed(request, text);

        assertThat(whole.aiMessage().text()).contains("\"direction\"");
        assertThat(text.toString()).isEqualTo(whole.aiMessage().text());
        assertThat(streamed.aiMessage().text()).isEqualTo(whole.aiMessage().text());
        assertThat(streamed.finishReason()).isEqualTo(whole.finishReason());
        assertThat(streamed.tokenUsage().outputTokenCount())
                .isEqualTo(whole.tokenUsage().outputTokenCount());
    }

    @Test
    void shouldStreamTheSameCallsAsAWholeAnswerHas() throws Exception {
        final List<ToolSpecification> tools = ToolSpecifications.toolSpecificationsFrom(new Steps());
        final ChatRequest request = ChatRequest.builder()
                .messages(UserMessage.from("Walk."))
                .parameters(OpenAiChatRequestParameters.builder()
                        .toolSpecifications(tools)
                        .toolChoice(ToolChoice.REQUIRED)
                        .build())
                .build();
        final AiMessage whole = model().chat(request).aiMessage();

        final ChatResponse streamed = streamed(request, new StringBuilder());

        assertThat(whole.toolExecutionRequests())
                .extracting(ToolExecutionRequest::name)
                .containsExactly("go");
        assertThat(whole.toolExecutionRequests().getFirst().arguments()).containsPattern("NORTH|SOUTH");
        assertThat(streamed.aiMessage().toolExecutionRequests())
                .extracting(ToolExecutionRequest::arguments)
                .containsExactly(whole.toolExecutionRequests().getFirst().arguments());
        assertThat(streamed.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
    }

    @Test
    void shouldEndAnAgentsLoopOfThreeCalls() {
        final Steps steps = new Steps();
        final String said = AiServices.builder(Walker.class)
                .chatModel(model())
                .tools(steps)
                .chatRequestTransformer(steps::ask)
                .build()
                .walk("Walk three steps.");

        assertThat(steps.made).hasSize(3);
        assertThat(said).isNotBlank();
    }

    @Test
    void shouldEndAStreamingAgentsLoopOfThreeCalls() throws Exception {
        final Steps steps = new Steps();
        final StringBuilder said = new StringBuilder();
        final CompletableFuture<ChatResponse> end = new CompletableFuture<>();
        AiServices.builder(StreamingWalker.class)
                .streamingChatModel(streamingModel())
                .tools(steps)
                .chatRequestTransformer(steps::ask)
                .build()
                .walk("Walk three steps.")
                .onPartialResponse(said::append)
                .onCompleteResponse(end::complete)
                .onError(end::completeExceptionally)
                .start();

        final ChatResponse last = end.get(LIMIT_S, TimeUnit.SECONDS);
        assertThat(steps.made).hasSize(3);
        assertThat(said.toString()).isEqualTo(last.aiMessage().text()).isNotBlank();
    }
}
