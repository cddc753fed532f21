package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.http.runtime.store.StoreConfig;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What clients send to {@code /v1/responses}, and whose it is afterwards. The engine says what it was told. */
class ResponsesTest {
    private static final String[] AS_A = {"authorization", "Bearer key-of-a"};
    private static final String[] AS_B = {"authorization", "Bearer key-of-b"};

    private static JsonNode post(final HttpTestServer server, final String body, final String... headers)
            throws Exception {
        return HttpTestServer.json(server.post("/v1/responses", body, headers));
    }

    private static String prompt(final HttpTestServer server) {
        final byte[] bytes = new byte[4096];
        int length = 0;
        for (final int id : server.engine.requests.getLast().promptTokens()) {
            bytes[length++] = (byte) (id == ByteText.END ? '|' : id);
        }
        return new String(bytes, 0, length, java.nio.charset.StandardCharsets.UTF_8);
    }

    /** As the agents' and the AI SDK send them back: with ids, statuses, references, and reasoning that isn't ours. */
    @Test
    void shouldTakeItemsBackAsClientsHaveThem() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain()) {
            final JsonNode first = post(server, "{\"input\":\"Hi\",\"max_output_tokens\":2}");
            assertThat(first.at("/output/0/content/0/text").textValue()).isEqualTo("Hi");
            assertThat(first.get("status").textValue()).isEqualTo("incomplete");
            assertThat(first.at("/incomplete_details/reason").textValue()).isEqualTo("max_output_tokens");
            final String item = first.at("/output/0/id").textValue();
            post(
                    server,
                    "{\"max_output_tokens\":2,\"instructions\":\"Be.\",\"input\":["
                            + "{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"one\"}]},"
                            + "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[]},"
                            + "{\"type\":\"item_reference\",\"id\":\"" + item + "\"},"
                            + "{\"type\":\"message\",\"id\":\"msg_x\",\"status\":\"completed\",\"role\":\"assistant\","
                            + "\"content\":[{\"type\":\"output_text\",\"text\":\"two\",\"annotations\":[]}]},"
                            + "{\"type\":\"function_call\",\"id\":\"fc_1\",\"status\":\"completed\",\"call_id\":\"c\","
                            + "\"name\":\"go\",\"arguments\":\"{}\"},"
                            + "{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"done\"}],"
                            + "\"include\":[\"reasoning.encrypted_content\"],\"reasoning\":{\"effort\":\"low\"}}");
            assertThat(prompt(server))
                    .isEqualTo("Be.|one|Hi|two<tool_call>{\"name\": \"go\", \"arguments\": {}}</tool_call>|"
                            + "<tool_response>\ndone\n</tool_response>|");
        }
    }

    @Test
    void shouldGoOnFromAResponseWithoutItsInstructions() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain()) {
            final JsonNode first = post(server, "{\"input\":\"Hi\",\"instructions\":\"Be.\",\"max_output_tokens\":2}");
            final JsonNode second = post(
                    server,
                    "{\"input\":\"So\",\"max_output_tokens\":2,\"previous_response_id\":" + first.get("id") + "}");
            assertThat(prompt(server)).isEqualTo("Hi|Be|So|");
            final JsonNode items = HttpTestServer.json(server.get(
                    server.port(), "/v1/responses/" + second.get("id").textValue() + "/input_items?order=asc&limit=2"));
            assertThat(items.get("data")).hasSize(2);
            assertThat(items.get("has_more").booleanValue()).isTrue();
            assertThat(items.at("/data/0/content/0/text").textValue()).isEqualTo("Hi");
        }
    }

    @Test
    void shouldShowATenantNothingOfAnothers() throws Exception {
        try (HttpTestServer server = new HttpTestServer(
                config -> config.withKeys(
                        List.of(new ApiConfig.ApiKey("a", "key-of-a"), new ApiConfig.ApiKey("b", "key-of-b"))),
                new ByteText())) {
            final JsonNode made = post(server, "{\"input\":\"Hi\",\"max_output_tokens\":2}", AS_A);
            final String path = "/v1/responses/" + made.get("id").textValue();
            assertThat(server.get(server.port(), path, AS_B).statusCode()).isEqualTo(404);
            assertThat(server.get(server.port(), path + "/input_items", AS_B).statusCode())
                    .isEqualTo(404);
            assertThat(server.ask(server.port(), "DELETE", path, AS_B).statusCode())
                    .isEqualTo(404);
            final String next = "{\"input\":\"So\",\"max_output_tokens\":2,\"previous_response_id\":" + made.get("id");
            final JsonNode refused = post(server, next + "}", AS_B);
            assertThat(refused.at("/error/code").textValue()).isEqualTo("previous_response_not_found");
            final String reference = "{\"max_output_tokens\":2,\"input\":[{\"type\":\"item_reference\",\"id\":"
                    + made.at("/output/0/id") + "}]}";
            assertThat(post(server, reference, AS_B).at("/error/code").textValue())
                    .isEqualTo("item_not_found");
            assertThat(server.post("/v1/responses", reference, AS_A).statusCode())
                    .isEqualTo(200);
            assertThat(server.get(server.port(), path, AS_A).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void shouldYieldWhereTheTierSaysSo() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain()) {
            final JsonNode flex = post(server, "{\"input\":\"Hi\",\"max_output_tokens\":2,\"service_tier\":\"flex\"}");
            assertThat(flex.get("service_tier").textValue()).isEqualTo("flex");
            assertThat(server.engine.requests.getLast().yields()).isTrue();
            final HttpResponse<String> other =
                    server.post("/v1/completions", "{\"prompt\":\"Hi\",\"service_tier\":\"priority\"}");
            assertThat(other.headers().firstValue("x-cheshire-ignored")).hasValue("service_tier");
            assertThat(server.engine.requests.getLast().yields()).isFalse();
        }
    }

    @Test
    void shouldNameEventsAndEndWithTheResponse() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain()) {
            final HttpResponse<String> stream =
                    server.post("/v1/responses", "{\"input\":\"Hi\",\"max_output_tokens\":2,\"stream\":true}");
            final List<String> events = stream.body()
                    .lines()
                    .filter(line -> line.startsWith("event: "))
                    .map(line -> line.substring(7))
                    .toList();
            assertThat(events)
                    .startsWith(
                            "response.created",
                            "response.in_progress",
                            "response.output_item.added",
                            "response.content_part.added",
                            "response.output_text.delta")
                    .endsWith(
                            "response.output_text.done",
                            "response.content_part.done",
                            "response.output_item.done",
                            "response.incomplete");
            int number = 0;
            for (final String line : stream.body().lines().toList()) {
                if (line.startsWith("data: ")) {
                    final JsonNode event = HttpTestServer.MAPPER.readTree(line.substring(6));
                    assertThat(event.get("type").textValue()).isEqualTo(events.get(number));
                    assertThat(event.get("sequence_number").intValue()).isEqualTo(number++);
                }
            }
            assertThat(number).isEqualTo(events.size());
        }
    }

    private static final String SCORED =
            "\"include\":[\"message.output_text.logprobs\"],\"top_logprobs\":2,\"entropy\":true,";

    private static List<JsonNode> events(final HttpTestServer server, final String body, final String type)
            throws Exception {
        final List<JsonNode> events = new ArrayList<>();
        for (final String line :
                server.post("/v1/responses", body).body().lines().toList()) {
            if (line.startsWith("data: {\"type\":\"" + type + "\"")) {
                events.add(HttpTestServer.MAPPER.readTree(line.substring(6)));
            }
        }
        return events;
    }

    @Test
    void shouldTellLogprobsAndEntropiesOfTheTextAsAChatDoes() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain()) {
            server.engine.script = List.of(97, 98, 99, ByteText.END);
            final JsonNode chat = HttpTestServer.json(server.post(
                    "/v1/chat/completions",
                    "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"logprobs\":true,\"top_logprobs\":2,"
                            + "\"entropy\":true}"));
            final JsonNode entries = chat.at("/choices/0/logprobs/content");
            assertThat(entries).hasSize(4);
            assertThat(entries.at("/1/entropy").floatValue()).isEqualTo('b' / 8f);
            final JsonNode whole = post(server, "{" + SCORED + "\"input\":\"Hi\"}");
            assertThat(whole.at("/output/0/content/0/logprobs")).isEqualTo(entries);
            assertThat(whole.get("top_logprobs").intValue()).isEqualTo(2);
            final JsonNode kept = HttpTestServer.json(
                    server.get(server.port(), "/v1/responses/" + whole.get("id").textValue()));
            assertThat(kept.at("/output/0/content/0/logprobs")).isEqualTo(entries);

            final String stream = "{" + SCORED + "\"input\":\"Hi\",\"stream\":true}";
            final List<JsonNode> told = new ArrayList<>();
            for (final JsonNode delta : events(server, stream, "response.output_text.delta")) {
                delta.get("logprobs").forEach(told::add);
            }
            assertThat(told).hasSize(4).element(3).isEqualTo(entries.get(3));
            assertThat(events(server, stream, "response.completed"))
                    .singleElement()
                    .satisfies(last -> assertThat(last.at("/response/output/0/content/0/logprobs"))
                            .isEqualTo(entries));
            assertThat(post(server, "{\"input\":\"Hi\"}").at("/output/0/content/0/logprobs"))
                    .isEmpty();
        }
    }

    /** A kilobyte a token, which nobody reads again. */
    @Test
    void shouldKeepNoLogprobsOfAnswersThatItGoesOnFrom() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain()) {
            final JsonNode first = post(server, "{" + SCORED + "\"input\":\"Hi\",\"max_output_tokens\":2}");
            assertThat(first.at("/output/0/content/0/logprobs")).hasSize(2);
            final JsonNode second = post(
                    server,
                    "{\"input\":[{\"type\":\"item_reference\",\"id\":" + first.at("/output/0/id")
                            + "}],\"max_output_tokens\":2,\"previous_response_id\":" + first.get("id") + "}");
            final JsonNode items = HttpTestServer.json(server.get(
                    server.port(), "/v1/responses/" + second.get("id").textValue() + "/input_items?order=asc"));
            assertThat(items.get("data")).hasSize(3);
            for (final int item : new int[] {1, 2}) {
                assertThat(items.at("/data/" + item + "/content/0/text").textValue())
                        .isEqualTo("Hi");
                assertThat(items.at("/data/" + item + "/content/0/logprobs")).isEmpty();
            }
        }
    }

    @Test
    void shouldAnswerAndSaySoWhereAResponseIsTooLargeToBeKept() throws Exception {
        try (HttpTestServer server = new HttpTestServer(
                config -> config.withStore(new StoreConfig(null, 10, 100, 10, 10_000, 10, 2, 2, 100)),
                new ByteText())) {
            final String body = "{\"metadata\":{\"a\":null,\"b\":\"c\"},\"max_output_tokens\":2,\"input\":\"Hi\"";
            final JsonNode whole = post(server, body + "}");
            assertThat(whole.at("/output/0/content/0/text").textValue()).isEqualTo("Hi");
            assertThat(whole.get("store").booleanValue()).isFalse();
            assertThat(whole.get("metadata")).hasSize(1);
            assertThat(events(server, body + ",\"stream\":true}", "response.incomplete"))
                    .singleElement()
                    .satisfies(last -> assertThat(last.at("/response/store").booleanValue())
                            .isFalse());
            assertThat(server.get(
                                    server.port(),
                                    "/v1/responses/" + whole.get("id").textValue())
                            .statusCode())
                    .isEqualTo(404);
        }
    }

    /** As clients send them who write every member that there may be, and nothing for no arguments. */
    @Test
    void shouldTakeNullForAbsentInToolsAndBlankArgumentsForNone() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain()) {
            final JsonNode response = post(
                    server,
                    "{\"tools\":[{\"type\":\"function\",\"function\":null,\"name\":\"go\"}],\"max_output_tokens\":2,"
                            + "\"tool_choice\":{\"type\":\"function\",\"function\":null,\"name\":\"go\"},\"input\":["
                            + "{\"role\":\"user\",\"content\":\"Hi\"},"
                            + "{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"go\",\"arguments\":\"\"},"
                            + "{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"done\"}]}");
            assertThat(response.at("/tools/0/name").textValue()).isEqualTo("go");
            assertThat(prompt(server)).contains("{\"name\": \"go\", \"arguments\": {}}");
            server.post(
                    "/v1/chat/completions",
                    "{\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\","
                            + "\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"go\","
                            + "\"arguments\":\"\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c\","
                            + "\"content\":\"done\"}]}");
            assertThat(prompt(server)).contains("{\"name\": \"go\", \"arguments\": {}}");
        }
    }

    /** Tokens of calls are no text, the one that ends the answer behind them included. */
    @Test
    void shouldTellLogprobsOfTheTextBeforeACallAlone() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain()) {
            final List<Integer> script =
                    new ArrayList<>(ByteText.ids("So <tool_call>{\"name\": \"go\", \"arguments\": {}}</tool_call>"));
            script.add(ByteText.END);
            server.engine.script = script;
            final String tools = "\"tools\":[{\"type\":\"function\",\"name\":\"go\",\"parameters\":{}}],";
            final JsonNode whole = post(server, "{" + SCORED + tools + "\"input\":\"Hi\"}");
            assertThat(whole.at("/output/0/content/0/text").textValue()).isEqualTo("So ");
            assertThat(whole.at("/output/0/content/0/logprobs").findValuesAsText("token"))
                    .contains("S", "o", " ");
            assertThat(whole.at("/output/0/content/0/logprobs")).hasSize(3);
            assertThat(whole.at("/output/1/type").textValue()).isEqualTo("function_call");
            final List<JsonNode> told = new ArrayList<>();
            for (final JsonNode delta : events(
                    server, "{" + SCORED + tools + "\"input\":\"Hi\",\"stream\":true}", "response.output_text.delta")) {
                delta.get("logprobs").forEach(told::add);
            }
            assertThat(told).hasSize(3);
        }
    }

    @ParameterizedTest
    @MethodSource("refused")
    void shouldRefuseByNameWhatIsNotServed(final String body, final String field, final String code) throws Exception {
        try (HttpTestServer server = HttpTestServer.plain()) {
            final HttpResponse<String> answer = server.post("/v1/responses", body);
            assertThat(answer.statusCode()).isEqualTo(400);
            final JsonNode error = HttpTestServer.json(answer).get("error");
            assertThat(error.get("param").textValue()).isEqualTo(field);
            assertThat(error.get("code").textValue()).isEqualTo(code);
        }
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of("{}", "input", "invalid_value"),
                Arguments.of("{\"input\":\"a\",\"background\":true}", "background", "invalid_value"),
                Arguments.of("{\"input\":\"a\",\"truncation\":\"auto\"}", "truncation", "unsupported_parameter"),
                Arguments.of("{\"input\":\"a\",\"conversation\":\"c\"}", "conversation", "unsupported_parameter"),
                Arguments.of("{\"input\":\"a\",\"n\":2}", "n", "invalid_value"),
                Arguments.of("{\"input\":\"a\",\"max_tokens\":2}", "max_tokens", "unsupported_parameter"),
                Arguments.of("{\"input\":\"a\",\"top_logprobs\":2}", "top_logprobs", "invalid_value"),
                Arguments.of("{\"input\":\"a\",\"logprobs\":true}", "logprobs", "unsupported_parameter"),
                Arguments.of(
                        "{\"input\":\"a\",\"include\":[\"message.output_text.logprobs\",\"file_search_call.results\"]}",
                        "include",
                        "invalid_value"),
                Arguments.of("{\"input\":[{\"type\":\"computer_call\"}]}", "input[0].type", "invalid_value"),
                Arguments.of(
                        "{\"input\":[{\"role\":\"user\",\"content\":["
                                + "{\"type\":\"input_image\",\"image_url\":\"x\"}]}]}",
                        "input[0].content[0].type",
                        "invalid_value"),
                Arguments.of(
                        "{\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"a\"}]}",
                        "input",
                        "invalid_value"),
                Arguments.of(
                        "{\"input\":\"a\",\"tools\":[{\"type\":\"web_search\"}]}", "tools[0].type", "invalid_value"),
                Arguments.of(
                        "{\"input\":\"a\",\"text\":{\"format\":{\"type\":\"x\"}}}",
                        "text.format.type",
                        "invalid_value"),
                Arguments.of(
                        "{\"input\":\"a\",\"previous_response_id\":\"resp_1\"}",
                        "previous_response_id",
                        "previous_response_not_found"));
    }
}
