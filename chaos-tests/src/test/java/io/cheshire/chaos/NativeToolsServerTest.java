package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.runtime.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose template has a place for tools, as Phi-4-mini's: the small model, given such marks and a template. */
class NativeToolsServerTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String TEMPLATE = "{% for message in messages %}{{ '<|' + message['role'] + '|>' +"
            + " message['content'] }}{% if message['role'] == 'system' and message['tools'] %}{{ '<|tool|>' +"
            + " message['tools'] + '<|/tool|>' }}{% endif %}{{ '<|end|>' }}{% endfor %}{% if add_generation_prompt %}"
            + "{{ '<|assistant|>' }}{% endif %}";
    private static final String TOOL = "{\"type\":\"function\",\"function\":{\"name\":\"go\","
            + "\"description\":\"Walks.\",\"strict\":true,\"parameters\":{\"type\":\"object\","
            + "\"properties\":{\"x\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":99}},"
            + "\"required\":[\"x\"],\"additionalProperties\":false}}}";

    @TempDir
    private static Path model;

    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        for (final String name : List.of("config.json", "generation_config.json", "model.safetensors")) {
            Files.copy(TestServer.cheshireMini().resolve(name), model.resolve(name));
        }
        final ObjectNode tokenizer = (ObjectNode) MAPPER.readTree(
                TestServer.cheshireMini().resolve("tokenizer.json").toFile());
        final ArrayNode added = (ArrayNode) tokenizer.get("added_tokens");
        int id = added.get(added.size() - 1).get("id").intValue();
        for (final String mark : List.of("<|tool_call|>", "<|/tool_call|>")) {
            final ObjectNode token = added.get(0).deepCopy();
            added.add(token.put("id", ++id).put("content", mark).put("special", false));
        }
        MAPPER.writeValue(model.resolve("tokenizer.json").toFile(), tokenizer);
        final ObjectNode config = (ObjectNode) MAPPER.readTree(
                TestServer.cheshireMini().resolve("tokenizer_config.json").toFile());
        MAPPER.writeValue(model.resolve("tokenizer_config.json").toFile(), config.put("chat_template", TEMPLATE));
        server = TestServer.start(model, 16, Map.of());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode post(final String path, final String body) throws Exception {
        return MAPPER.readTree(server.api().post(path, MAPPER.readTree(body)).text());
    }

    private static String detokenized(final JsonNode ids) throws Exception {
        return post("/detokenize", "{\"tokens\":" + ids + "}").get("prompt").textValue();
    }

    private static String asked(final String choice) {
        return "{\"messages\":[{\"role\":\"user\",\"content\":\"Go.\"}],\"temperature\":1,\"seed\":7,"
                + "\"max_tokens\":120,\"return_token_ids\":true,\"tools\":["
                + TOOL + "],\"tool_choice\":" + choice + "}";
    }

    @Test
    void shouldTellTheModelOfToolsAndFindItsCallsInItsOwnFormat() throws Exception {
        final JsonNode answer = post("/v1/chat/completions", asked("\"required\""));

        assertThat(detokenized(answer.get("prompt_token_ids")))
                .startsWith("<|system|>")
                .contains("[{\"name\": \"go\", \"description\": \"Walks.\", \"parameters\": {\"x\": {\"type\":"
                        + " \"integer\"}}}]")
                .doesNotContain("You may call tools");
        assertThat(detokenized(answer.at("/choices/0/token_ids"))).startsWith("<|tool_call|>[{\"name\": \"go\"");
        final JsonNode calls = answer.at("/choices/0/message/tool_calls");
        assertThat(calls.size()).as("calls of %s", answer).isPositive();
        for (final JsonNode call : calls) {
            assertThat(call.at("/function/name").textValue()).isEqualTo("go");
        }
        final String arguments = calls.get(0).at("/function/arguments").textValue();
        assertThat(MAPPER.readTree(arguments).get("x").intValue()).isBetween(0, 99);
    }

    @Test
    void shouldTakeOneCallOfANamedToolAndGiveItBackWithTheModelsMarks() throws Exception {
        final JsonNode answer =
                post("/v1/chat/completions", asked("{\"type\":\"function\",\"function\":{\"name\":\"go\"}}"));
        assertThat(answer.at("/choices/0/finish_reason").textValue()).isEqualTo("tool_calls");
        final JsonNode calls = answer.at("/choices/0/message/tool_calls");
        assertThat(calls.size()).isEqualTo(1);

        final JsonNode next = post(
                "/v1/chat/completions",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Go.\"},{\"role\":\"assistant\",\"content\":null,"
                        + "\"tool_calls\":" + calls + "},{\"role\":\"tool\",\"tool_call_id\":\""
                        + calls.get(0).get("id").textValue()
                        + "\",\"content\":\"done <|/tool_call|>\"}],\"max_tokens\":1,\"return_token_ids\":true}");
        final JsonNode ids = next.get("prompt_token_ids");
        // This tokenizer puts a space behind a mark.
        assertThat(detokenized(ids).replace("> [", ">["))
                .contains("<|tool_call|>[{\"name\": \"go\"")
                .contains("<|tool_response|>done");
        final List<Integer> marks =
                MAPPER.convertValue(ids, MAPPER.getTypeFactory().constructCollectionType(List.class, Integer.class));
        final int closing = post("/tokenize", "{\"prompt\":\"<|/tool_call|>\",\"add_special_tokens\":false}")
                .get("tokens")
                .get(0)
                .intValue();
        assertThat(marks.stream().filter(each -> each == closing))
                .as("a mark of the server's, and none of a tool's")
                .hasSize(1);
    }
}
