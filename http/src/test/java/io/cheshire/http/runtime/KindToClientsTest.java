package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.http.core.ModelInfo;
import io.cheshire.http.protocol.UnknownFields;
import io.cheshire.router.core.GenerationRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What real clients and other servers' users send: values that ask for nothing are accepted and leave what the engine
 * is asked for as it is, values that would change the answer are refused by name.
 */
class KindToClientsTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETION = "/v1/completions";
    private static final ObjectMapper MAPPER = HttpTestServer.MAPPER;
    private static final HttpTestServer SERVER = HttpTestServer.plain();

    /** One line of a file: where its fields are put, and the field that a refusal must name. */
    private record Case(String place, String named, ObjectNode fields) {
        @Override
        public String toString() {
            return place + " " + fields;
        }
    }

    @AfterAll
    static void close() {
        SERVER.close();
    }

    @BeforeEach
    void reset() {
        SERVER.engine.requests.clear();
    }

    @Test
    void shouldAnswerAsWithoutWhateverAsksForNothing() throws Exception {
        final List<Case> cases = cases("harmless-values.txt");
        final List<String> wrong = new ArrayList<>();
        for (final Case one : cases) {
            final HttpResponse<String> with = send(one);
            if (with.statusCode() != 200) {
                wrong.add(one + ": "
                        + HttpTestServer.json(with).at("/error/message").textValue());
                continue;
            }
            send(new Case(one.place, "", MAPPER.createObjectNode()));
            final List<GenerationRequest> asked = SERVER.engine.requests;
            if (!plan(asked.getFirst()).equals(plan(asked.getLast()))) {
                wrong.add(one + ": another prompt or other sampling");
            }
            asked.clear();
        }
        System.out.println(cases.size() + " values that ask for nothing, " + wrong.size() + " of them not accepted");
        assertThat(cases).hasSizeGreaterThanOrEqualTo(157);
        assertThat(wrong).isEmpty();
    }

    @Test
    void shouldRefuseByNameWhateverWouldChangeTheAnswer() throws Exception {
        final List<Case> cases = cases("changing-values.txt");
        final List<String> wrong = new ArrayList<>();
        for (final Case one : cases) {
            final HttpResponse<String> answer = send(one);
            final JsonNode error = HttpTestServer.json(answer).path("error");
            final String named = answer.statusCode() + " " + error.path("param").asText();
            if (!named.equals("400 " + one.named)
                    || !error.path("message").asText().contains(one.named)) {
                wrong.add(one + ": " + named + " " + error.path("message").asText());
            }
        }
        System.out.println(cases.size() + " values that would change the answer, " + wrong.size()
                + " of them not refused by name");
        assertThat(cases).hasSizeGreaterThanOrEqualTo(40);
        assertThat(wrong).isEmpty();
        assertThat(SERVER.engine.requests).isEmpty();
    }

    @Test
    void shouldTakeADeveloperForTheSystem() throws Exception {
        chat("[{\"role\":\"developer\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"Hi\"}]");
        chat("[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"Hi\"}]");
        assertThat(SERVER.engine.requests.getFirst().promptTokens())
                .isEqualTo(SERVER.engine.requests.getLast().promptTokens());
    }

    @Test
    void shouldTakeBackTheMessageThatItSent() throws Exception {
        final String question = "{\"role\":\"user\",\"content\":\"Hi\"}";
        final JsonNode message = HttpTestServer.json(chat("[" + question + "]")).at("/choices/0/message");
        chat("[" + question + "," + message + "," + question + "]");
        chat("[" + question + ",{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[]}," + question + "]");
        chat("[" + question + ",{\"role\":\"assistant\",\"content\":\"\"}," + question + "]");
        final List<GenerationRequest> asked = SERVER.engine.requests;
        assertThat(asked).hasSize(4);
        assertThat(asked.get(2).promptTokens()).isEqualTo(asked.get(3).promptTokens());
        final HttpResponse<String> without =
                SERVER.post(CHAT, "{\"messages\":[" + question + ",{\"role\":\"assistant\"}," + question + "]}");
        assertThat(without.statusCode()).isEqualTo(400);
        assertThat(HttpTestServer.json(without).at("/error/param").textValue()).isEqualTo("messages[1].content");
    }

    @Test
    void shouldNameInAHeaderWhatHadNoEffect() throws Exception {
        final String labels = ",\"user\":\"u\",\"store\":true,\"service_tier\":\"auto\",\"reasoning_effort\":\"low\"";
        for (final String stream : new String[] {"false", "true"}) {
            final HttpResponse<String> answer = SERVER.post(
                    CHAT,
                    "{\"max_tokens\":1,\"stream\":" + stream + ",\"messages\":["
                            + "{\"role\":\"user\",\"content\":\"a\",\"name\":\"bob\"},"
                            + "{\"role\":\"user\",\"content\":\"b\",\"name\":\"eve\"}]" + labels + "}");
            assertThat(answer.headers().firstValue("x-cheshire-ignored"))
                    .hasValue("messages[].name, user, store, reasoning_effort");
        }
        final HttpResponse<String> plain =
                SERVER.post(COMPLETION, "{\"max_tokens\":1,\"prompt\":\"a\",\"service_tier\":\"auto\"}");
        assertThat(plain.headers().firstValue("x-cheshire-ignored")).isEmpty();
    }

    @Test
    void shouldIgnoreUnknownFieldsWhereTheSettingSaysSoAndStillRefuseWhatChangesTheAnswer() throws Exception {
        try (HttpTestServer lenient =
                new HttpTestServer(config -> config.withUnknownFields(UnknownFields.IGNORE), new ByteText())) {
            final StringBuilder many = new StringBuilder();
            for (int i = 0; i < 1000; i++) {
                many.append(",\"field\\n").append(i).append("\":1");
            }
            final HttpResponse<String> accepted = lenient.post(
                    CHAT,
                    "{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"new\":[1]}]" + many + "}");
            assertThat(accepted.statusCode()).isEqualTo(200);
            assertThat(accepted.headers().firstValue("x-cheshire-ignored").orElseThrow())
                    .startsWith("messages[].new, field?0, field?1, ")
                    .endsWith(", ...")
                    .hasSizeLessThan(2048);
            for (final Case one : cases("changing-values.txt")) {
                assertThat(lenient.post(endpoint(one), body(one).toString()).statusCode())
                        .as(one.toString())
                        .isEqualTo(400);
            }
        }
    }

    @Test
    void shouldNameTheUnknownFieldItsPlaceAndTheRemedyButNotItsText() throws Exception {
        final HttpResponse<String> answer = SERVER.post(
                CHAT,
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
                        + "{\"type\":\"text\",\"text\":\"a\",\"colour\":\"secret\"}]}]}");
        final JsonNode error = HttpTestServer.json(answer).get("error");
        assertThat(error.get("param").textValue()).isEqualTo("messages[0].content[1].colour");
        assertThat(error.get("code").textValue()).isEqualTo("unknown_parameter");
        assertThat(error.get("message").textValue())
                .contains("messages[0].content[1].colour", "a string of 6 characters", "remove it")
                .doesNotContain("secret");
    }

    @Test
    void shouldNameTheEntryOfAListOfPromptsThatIsOfAnotherKind() throws Exception {
        final HttpResponse<String> answer = SERVER.post(COMPLETION, "{\"prompt\":[\"a\",\"b\",[1]]}");
        assertThat(HttpTestServer.json(answer).at("/error/param").textValue()).isEqualTo("prompt[2]");
    }

    @Test
    void shouldKeepTheDefaultOfMaxTokensWithinTheContext() throws Exception {
        final int context = 512;
        try (HttpTestServer small =
                new HttpTestServer(config -> config, new ByteText(), HttpTestServer.model(context, 0))) {
            for (final String more : new String[] {"", ",\"echo\":true,\"logprobs\":1", ",\"n\":2"}) {
                small.engine.requests.clear();
                final HttpResponse<String> answer = small.post(COMPLETION, "{\"prompt\":" + ids(510) + more + "}");
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(HttpTestServer.json(answer)
                                .at("/choices/0/finish_reason")
                                .textValue())
                        .isEqualTo("length");
                assertThat(small.engine.requests)
                        .allSatisfy(asked -> assertThat(asked.maxTokens()).isEqualTo(2));
            }
            assertTooLong(small, "{\"prompt\":" + ids(510) + ",\"max_tokens\":3}", "max_tokens", "512", "513", "510");
            assertTooLong(small, "{\"prompt\":" + ids(512) + "}", "prompt", "512", "513");
            assertTooLong(small, "{\"prompt\":[[1]," + ids(600) + "]}", "prompt[1]", "512", "600");
            final HttpResponse<String> most = small.post(COMPLETION, "{\"prompt\":" + ids(510) + ",\"min_tokens\":3}");
            assertThat(most.statusCode()).isEqualTo(400);
            assertThat(HttpTestServer.json(most).at("/error/param").textValue()).isEqualTo("min_tokens");
        }
    }

    @Test
    void shouldServeTheModelUnderEachOfItsNames() throws Exception {
        final var one = HttpTestServer.model(FakeEngine.CONTEXT, 0);
        final var named = new ModelInfo(
                one.id(),
                List.of("gpt-4o", "org/name"),
                one.createdSeconds(),
                one.fingerprint(),
                one.vocabSize(),
                one.contextTokens(),
                one.ropeBoundaryTokens(),
                one.stopTokenIds(),
                one.head());
        try (HttpTestServer server = new HttpTestServer(config -> config, new ByteText(), named)) {
            final JsonNode list =
                    MAPPER.readTree(server.get(server.port(), "/v1/models").body());
            assertThat(list.get("data").findValuesAsText("id"))
                    .containsExactly(HttpTestServer.MODEL, "gpt-4o", "org/name");
            assertThat(list.get("data").findValuesAsText("root")).containsOnly(HttpTestServer.MODEL);
            for (final String name : new String[] {HttpTestServer.MODEL, "gpt-4o", "org/name"}) {
                final HttpResponse<String> card = server.get(server.port(), "/v1/models/" + name);
                assertThat(MAPPER.readTree(card.body()).path("id").asText()).isEqualTo(name);
            }
            final HttpResponse<String> answer =
                    server.post(COMPLETION, "{\"model\":\"gpt-4o\",\"prompt\":\"a\",\"max_tokens\":1}");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(HttpTestServer.json(answer).get("model").textValue())
                    .as("the first name, which is the model's own")
                    .isEqualTo(HttpTestServer.MODEL);
            final HttpResponse<String> other = server.post(COMPLETION, "{\"model\":\"gpt-9\",\"prompt\":\"a\"}");
            assertThat(other.statusCode()).isEqualTo(404);
            assertThat(other.body()).contains(HttpTestServer.MODEL, "gpt-4o", "org/name");
        }
    }

    private static void assertTooLong(
            final HttpTestServer server, final String body, final String param, final String... numbers)
            throws Exception {
        final HttpResponse<String> answer = server.post(COMPLETION, body);
        assertThat(answer.statusCode()).isEqualTo(400);
        final JsonNode error = HttpTestServer.json(answer).get("error");
        assertThat(error.get("code").textValue()).isEqualTo("context_length_exceeded");
        assertThat(error.get("param").textValue()).isEqualTo(param);
        assertThat(error.get("message").textValue()).contains(numbers);
    }

    private static String ids(final int count) {
        return "[" + String.join(",", Collections.nCopies(count, "65")) + "]";
    }

    private static HttpResponse<String> chat(final String messages) throws Exception {
        final HttpResponse<String> answer =
                SERVER.post(CHAT, "{\"max_tokens\":4,\"seed\":1,\"messages\":" + messages + "}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private static HttpResponse<String> send(final Case one) throws Exception {
        return SERVER.post(endpoint(one), body(one).toString());
    }

    private static String endpoint(final Case one) {
        return one.place.equals("completion") ? COMPLETION : CHAT;
    }

    /** A request that is fine by itself, with the case's fields laid over the part that the case is about. */
    private static ObjectNode body(final Case one) throws IOException {
        final ObjectNode body = (ObjectNode) MAPPER.readTree("{\"max_tokens\":4,\"seed\":1}");
        if (one.place.equals("completion")) {
            body.put("prompt", "Alice");
            body.setAll(one.fields);
            return body;
        }
        final JsonNode messages = MAPPER.readTree("[{\"role\":\"user\",\"content\":\"Hi\"},"
                + "{\"role\":\"assistant\",\"content\":\"42.\"},{\"role\":\"user\",\"content\":\"And?\"}]");
        body.set("messages", messages);
        switch (one.place) {
            case "chat" -> body.setAll(one.fields);
            case "message" -> ((ObjectNode) messages.get(0)).setAll(one.fields);
            case "assistant" -> ((ObjectNode) messages.get(1)).setAll(one.fields);
            case "part" ->
                ((ObjectNode) messages.get(0))
                        .putArray("content")
                        .addObject()
                        .put("type", "text")
                        .put("text", "Hi")
                        .setAll(one.fields);
            default -> throw new IllegalArgumentException(one.place);
        }
        return body;
    }

    /** What the engine was asked for, but for the deadline. */
    private static List<Object> plan(final GenerationRequest asked) {
        return List.of(
                asked.promptTokens(),
                asked.maxTokens(),
                asked.minTokens(),
                asked.stopTokenIds(),
                asked.sampling(),
                asked.logprobCount(),
                asked.promptLogprobCount(),
                asked.cacheScope());
    }

    private static List<Case> cases(final String file) throws IOException {
        final List<Case> cases = new ArrayList<>();
        String place = "";
        for (final String line : text(file).lines().toList()) {
            if (line.startsWith("#")) {
                place = line.substring(1).strip().split("\\W", 2)[0];
            } else if (!line.isBlank()) {
                final String[] columns = line.split(" \\| ", 2);
                final String fields = columns[columns.length - 1];
                cases.add(new Case(place, columns[0], (ObjectNode) MAPPER.readTree("{" + fields + "}")));
            }
        }
        return cases;
    }

    private static String text(final String file) throws IOException {
        try (InputStream in = Objects.requireNonNull(KindToClientsTest.class.getResourceAsStream(file), file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
