package io.cheshire.http.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.http.protocol.ApiChatMessage;
import io.cheshire.http.protocol.ToolFields;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tools for a template that has a place for them, as Microsoft's own runtime writes them for Phi-4-mini. */
class NativeToolsTest {
    private static final ToolFields TOOLS = new ToolFields(
            List.of(
                    new ToolFields.Tool(
                            "tools[0]",
                            "get_weather",
                            "Get the current weather for a given location.",
                            "{\"type\":\"object\",\"properties\":{\"location\":{\"type\":\"string\",\"description\":"
                                    + "\"The name of the city or location.\"}},\"required\":[\"location\"]}",
                            true),
                    new ToolFields.Tool(
                            "tools[1]",
                            "count",
                            "",
                            "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":[\"null\",\"integer\"],"
                                    + "\"minimum\":1},\"any\":{}}}",
                            false)),
            false,
            false,
            false);
    private static final String LIST = "[{\"name\": \"get_weather\", \"description\": \"Get the current weather for a"
            + " given location.\", \"parameters\": {\"location\": {\"type\": \"str\", \"description\": \"The name of"
            + " the city or location.\"}}}, {\"name\": \"count\", \"parameters\": {\"n\": {\"type\": \"integer\"},"
            + " \"any\": {}}}]";

    @Test
    void shouldPutToolsIntoTheSystemMessage() {
        final List<ApiChatMessage> turns = NativeTools.turns(
                true, List.of(new ApiChatMessage("system", "Be brief."), new ApiChatMessage("user", "Hi")), TOOLS);

        assertThat(turns)
                .containsExactly(
                        new ApiChatMessage("system", "Be brief.", List.of(), LIST), new ApiChatMessage("user", "Hi"));
    }

    @Test
    void shouldMakeAnEmptySystemMessageToCarryTools() {
        assertThat(NativeTools.turns(true, List.of(new ApiChatMessage("user", "Hi")), TOOLS)
                        .getFirst())
                .isEqualTo(new ApiChatMessage("system", "", List.of(), LIST));
    }

    @Test
    void shouldGiveResultsTheTemplatesOwnRoleAndCallsTheirList() {
        final ApiChatMessage called = new ApiChatMessage(
                "assistant",
                "",
                List.of(new ApiChatMessage.Call("a", "{\"x\": 1}"), new ApiChatMessage.Call("b", "{}")));

        assertThat(NativeTools.turns(true, List.of(called, new ApiChatMessage("tool", "rain")), null))
                .containsExactly(called, new ApiChatMessage("tool_response", "rain"));
        assertThat(NativeTools.calls(called.calls()))
                .isEqualTo("[{\"name\": \"a\", \"arguments\": {\"x\": 1}}, {\"name\": \"b\", \"arguments\": {}}]");
    }

    @Test
    void shouldKeepToPlainTextForAModelThatKnowsNoTools() {
        assertThat(NativeTools.turns(false, List.of(new ApiChatMessage("user", "Hi")), TOOLS)
                        .getFirst()
                        .content())
                .startsWith("You may call tools.");
    }
}
