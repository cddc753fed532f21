package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.http.core.TextModel;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.router.core.Engine;
import io.cheshire.router.core.GenerationRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client sees of generation: text, scores, streams, errors, and that a client's end is the sequence's end. */
class GenerationTest {
    private static final HttpTestServer SERVER = new HttpTestServer(
            config -> config.withLimits(config.limits()
                    .withConnections(new HttpLimits.Connections(100, 100, 16_384, 65_536))
                    .withTimeouts(new HttpLimits.Timeouts(5_000, 5_000, 10_000, 5_000, 20_000, 1_000, 200))),
            new ByteText());

    @AfterAll
    static void close() {
        SERVER.close();
    }

    @BeforeEach
    void reset() {
        SERVER.engine.script = List.of();
        SERVER.engine.refusal = null;
        SERVER.engine.failAfter = -1;
        SERVER.engine.permits = null;
        SERVER.engine.requests.clear();
    }

    @Test
    void shouldGiveExactScoresForTokenIds() throws Exception {
        SERVER.engine.script = List.of(65, 300, 66);
        final JsonNode choice = complete(
                "{\"prompt\":[72,105],\"max_tokens\":3,\"temperature\":0,\"logprobs\":2,\"return_token_ids\":true}");
        assertThat(choice.get("text").textValue()).isEqualTo("AtwinB");
        assertThat(choice.get("token_ids").toString()).isEqualTo("[65,300,66]");
        assertThat(choice.get("prompt_token_ids").toString()).isEqualTo("[72,105]");
        final JsonNode scores = choice.get("logprobs");
        assertThat(scores.get("tokens").toString()).isEqualTo("[\"A\",\"twin\",\"B\"]");
        assertThat(scores.get("token_logprobs").toString()).isEqualTo("[-0.25,-0.25,-0.25]");
        assertThat(scores.get("text_offset").toString()).isEqualTo("[0,1,5]");
        assertThat(scores.at("/top_logprobs/1").toString())
                .as("two tokens with one text stay two entries")
                .isEqualTo("{\"twin\":-0.25,\"token_id:301\":-0.5}");
    }

    @Test
    void shouldEchoAPromptWithItsScores() throws Exception {
        final JsonNode choice = complete("{\"prompt\":\"Hié\",\"max_tokens\":0,\"echo\":true,\"logprobs\":1}");
        assertThat(choice.get("text").textValue()).isEqualTo("Hié");
        assertThat(choice.at("/logprobs/token_logprobs").toString()).isEqualTo("[null,-0.25,-0.25,-0.25]");
        assertThat(choice.at("/logprobs/top_logprobs/0").isNull()).isTrue();
        assertThat(choice.at("/logprobs/text_offset").toString()).isEqualTo("[0,1,2,2]");
        assertThat(choice.at("/logprobs/tokens/2").textValue()).isEqualTo("bytes:\\xc3");
        assertThat(choice.get("finish_reason").textValue()).isEqualTo("length");
    }

    @Test
    void shouldServeTokenIdsWithoutATokenizer() throws Exception {
        try (HttpTestServer bare = new HttpTestServer(config -> config, TextModel.none())) {
            bare.engine.script = List.of(7, 8);
            final JsonNode choice = HttpTestServer.json(bare.post(
                            "/v1/completions", "{\"prompt\":[1,2,3],\"max_tokens\":2,\"logprobs\":1,\"echo\":true}"))
                    .at("/choices/0");
            assertThat(choice.get("text").textValue()).isEmpty();
            assertThat(choice.get("token_ids").toString()).isEqualTo("[1,2,3,7,8]");
            assertThat(choice.at("/logprobs/tokens").toString())
                    .isEqualTo("[\"token_id:1\",\"token_id:2\",\"token_id:3\",\"token_id:7\",\"token_id:8\"]");
        }
    }

    @Test
    void shouldAnswerEveryPromptAndChoiceInOrder() throws Exception {
        final JsonNode body = HttpTestServer.json(
                SERVER.post("/v1/completions", "{\"prompt\":[\"ab\",\"cd\"],\"n\":2,\"max_tokens\":2,\"seed\":5}"));
        final List<String> texts = new ArrayList<>();
        body.get("choices")
                .forEach(choice ->
                        texts.add(choice.get("index") + choice.get("text").textValue()));
        assertThat(texts).containsExactly("0ab", "1ab", "2cd", "3cd");
        assertThat(body.at("/usage").toString())
                .isEqualTo("{\"prompt_tokens\":4,\"completion_tokens\":8,\"total_tokens\":12,"
                        + "\"prompt_tokens_details\":{\"cached_tokens\":2}}");
        assertThat(SERVER.engine.requests.stream().map(r -> r.sampling().seed()).distinct())
                .hasSize(2)
                .contains(5L);
    }

    /** Steps of three tokens, the first two guessed; what a stop string cuts off isn't counted. */
    @Test
    void shouldSayHowManyTokensWereGuessed() throws Exception {
        SERVER.engine.guessed = 2;
        try {
            SERVER.engine.script = ByteText.ids("abcdef");
            final String body = "{\"prompt\":\"a\",\"n\":2,\"max_tokens\":6";
            assertThat(HttpTestServer.json(SERVER.post("/v1/completions", body + "}"))
                            .at("/usage/completion_tokens_details")
                            .toString())
                    .isEqualTo("{\"accepted_prediction_tokens\":8,\"rejected_prediction_tokens\":4}");
            final String stream = ",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"stop\":\"e\"}";
            final JsonNode usage = chunks(
                            SERVER.post("/v1/completions", body + stream).body())
                    .getLast()
                    .get("usage");
            assertThat(usage.get("completion_tokens").intValue()).isEqualTo(10);
            assertThat(usage.at("/completion_tokens_details/accepted_prediction_tokens")
                            .intValue())
                    .isEqualTo(8);
            await("the stopped sequences to be cancelled").until(() -> SERVER.engine.running.get() == 0);
        } finally {
            SERVER.engine.guessed = 0;
        }
    }

    @Test
    void shouldNeverLeakPartOfAStopString() throws Exception {
        SERVER.engine.script = ByteText.ids("one STOP two");
        final String start =
                "{\"prompt\":\"a\",\"max_tokens\":50,\"stop\":[\"STOP\",\"STOX\"],\"logprobs\":0,\"stream\":";
        final JsonNode choice = complete(start + "false}");
        assertThat(choice.get("text").textValue()).isEqualTo("one ");
        assertThat(choice.at("/logprobs/tokens")).hasSize(4);
        assertThat(choice.get("finish_reason").textValue()).isEqualTo("stop");
        final List<JsonNode> chunks =
                chunks(SERVER.post("/v1/completions", start + "true}").body());
        assertThat(textOf(chunks)).isEqualTo("one ");
        assertThat(tokensOf(chunks)).isEqualTo("one ");
        assertThat(chunks.getLast().at("/choices/0/finish_reason").textValue()).isEqualTo("stop");
        await("the stopped sequences to be cancelled").until(() -> SERVER.engine.running.get() == 0);
    }

    @Test
    void shouldReleaseHeldTextWhenNoStopComes() throws Exception {
        SERVER.engine.script = ByteText.ids("abST");
        final HttpResponse<String> response =
                SERVER.post("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":4,\"stop\":\"STOP\",\"stream\":true}");
        assertThat(textOf(chunks(response.body()))).isEqualTo("abST");
    }

    @Test
    void shouldEndAtAStopTokenWithoutShowingIt() throws Exception {
        SERVER.engine.script = List.of(65, ByteText.END);
        final JsonNode choice =
                complete("{\"prompt\":\"a\",\"max_tokens\":9,\"logprobs\":0,\"return_token_ids\":true}");
        assertThat(choice.get("text").textValue()).isEqualTo("A");
        assertThat(choice.get("finish_reason").textValue()).isEqualTo("stop");
        assertThat(choice.get("token_ids").toString()).isEqualTo("[65,256]");
        assertThat(choice.at("/logprobs/tokens")).hasSize(2);
    }

    @Test
    void shouldStreamRoleFirstThenWholeCharactersThenUsage() throws Exception {
        SERVER.engine.script = ByteText.ids("né 🐱");
        final HttpResponse<String> response = SERVER.post(
                "/v1/chat/completions",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"max_tokens\":8,\"n\":2,\"stream\":true,"
                        + "\"logprobs\":true,\"stream_options\":{\"include_usage\":true}}");
        assertThat(response.headers().firstValue("content-type").orElseThrow()).startsWith("text/event-stream");
        assertThat(response.body()).endsWith("data: [DONE]\n\n").doesNotContain("\uFFFD");
        final List<JsonNode> chunks = chunks(response.body());
        for (int index = 0; index < 2; index++) {
            final int wanted = index;
            final List<JsonNode> own = chunks.stream()
                    .map(chunk -> chunk.at("/choices/0"))
                    .filter(c -> c.has("index") && c.get("index").intValue() == wanted)
                    .toList();
            assertThat(own.getFirst().at("/delta/role").textValue()).isEqualTo("assistant");
            final StringBuilder text = new StringBuilder();
            own.forEach(c -> text.append(c.at("/delta/content").asText("")));
            assertThat(text.toString()).isEqualTo("né 🐱");
            assertThat(own.stream()
                            .mapToInt(c -> c.at("/logprobs/content").size())
                            .sum())
                    .isEqualTo(8);
            assertThat(own.getLast().get("finish_reason").textValue()).isEqualTo("length");
        }
        assertThat(chunks.getLast().get("choices")).isEmpty();
        assertThat(chunks.getLast().at("/usage/completion_tokens").intValue()).isEqualTo(16);
    }

    @Test
    void shouldGiveTokenIdsWhereOtherEnginesGiveThem() throws Exception {
        final String ids = "\"max_tokens\":2,\"return_token_ids\":true";
        final String prompt = "{\"prompt\":[72,105]," + ids;
        assertThat(complete(prompt + ",\"echo\":true}").get("token_ids").toString())
                .isEqualTo("[72,105,72,105]");
        final List<JsonNode> chunks = chunks(SERVER.post("/v1/completions", prompt + ",\"n\":2,\"stream\":true}")
                .body());
        for (int index = 0; index < 2; index++) {
            final int wanted = index;
            final List<JsonNode> own = chunks.stream()
                    .map(chunk -> chunk.at("/choices/0"))
                    .filter(choice -> choice.get("index").intValue() == wanted)
                    .toList();
            assertThat(own.getFirst().get("prompt_token_ids").toString()).isEqualTo("[72,105]");
            assertThat(own.subList(1, own.size())).noneMatch(choice -> choice.has("prompt_token_ids"));
        }

        final String chat = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]," + ids;
        final JsonNode whole = HttpTestServer.json(SERVER.post("/v1/chat/completions", chat + "}"));
        assertThat(whole.get("prompt_token_ids").toString()).isEqualTo("[72,105,256]");
        assertThat(whole.at("/choices/0/prompt_token_ids").toString()).isEqualTo("[72,105,256]");
        final List<JsonNode> streamed = chunks(
                SERVER.post("/v1/chat/completions", chat + ",\"stream\":true}").body());
        assertThat(streamed.getFirst().get("prompt_token_ids").toString()).isEqualTo("[72,105,256]");
        assertThat(streamed.subList(1, streamed.size())).noneMatch(chunk -> chunk.has("prompt_token_ids"));
    }

    @Test
    void shouldGiveTheUsageSoFarInEveryChunkWhenAsked() throws Exception {
        final String start =
                "{\"prompt\":[\"abc\",\"de\"],\"max_tokens\":4,\"n\":2,\"stream\":true,\"stream_options\":";
        final List<JsonNode> chunks = chunks(
                SERVER.post("/v1/completions", start + "{\"include_usage\":true,\"continuous_usage_stats\":true}}")
                        .body());
        int before = 0;
        for (final JsonNode chunk : chunks) {
            assertThat(chunk.at("/usage/prompt_tokens").intValue()).isEqualTo(5);
            assertThat(chunk.at("/usage/completion_tokens").intValue()).isGreaterThanOrEqualTo(before);
            before = chunk.at("/usage/completion_tokens").intValue();
        }
        assertThat(before).isEqualTo(16);
        assertThat(chunks.getLast().get("choices")).isEmpty();

        final List<JsonNode> only = chunks(SERVER.post("/v1/completions", start + "{\"continuous_usage_stats\":true}}")
                .body());
        assertThat(only)
                .allMatch(chunk -> chunk.has("usage") && !chunk.get("choices").isEmpty());
        for (final String off : new String[] {"false", "null"}) {
            final List<JsonNode> without = chunks(SERVER.post(
                            "/v1/completions",
                            start + "{\"include_usage\":true,\"continuous_usage_stats\":" + off + "}}")
                    .body());
            assertThat(without.getFirst().get("usage").isNull()).isTrue();
            assertThat(without.getLast().at("/usage/completion_tokens").intValue())
                    .isEqualTo(16);
        }
        final HttpResponse<String> whole = SERVER.post(
                "/v1/completions", "{\"prompt\":\"a\",\"stream_options\":{\"continuous_usage_stats\":true}}");
        assertThat(whole.statusCode()).isEqualTo(400);
    }

    @Test
    void shouldTakeFromItsTokenWhatAStopStringTakesFromTheText() throws Exception {
        SERVER.engine.script = List.of(65, ByteText.TWIN_A, 66);
        final String body = "{\"prompt\":\"a\",\"max_tokens\":3,\"stop\":\"inB\",\"logprobs\":1,\"stream\":";
        final JsonNode choice = complete(body + "false}");
        assertThat(choice.get("text").textValue()).isEqualTo("Atw");
        assertThat(choice.at("/logprobs/tokens").toString()).isEqualTo("[\"A\",\"tw\"]");
        assertThat(choice.at("/logprobs/top_logprobs/1").toString()).isEqualTo("{\"tw\":-0.25}");
        final List<JsonNode> chunks =
                chunks(SERVER.post("/v1/completions", body + "true}").body());
        assertThat(textOf(chunks)).isEqualTo("Atw");
        assertThat(tokensOf(chunks)).isEqualTo("Atw");
        await("the stopped sequences to be cancelled").until(() -> SERVER.engine.running.get() == 0);
    }

    @Test
    void shouldCountOffsetsInCodePoints() throws Exception {
        SERVER.engine.script = ByteText.ids("\uD83D\uDC31ab");
        final JsonNode choice =
                complete("{\"prompt\":\"\uD83D\uDC31x\",\"max_tokens\":6,\"echo\":true,\"logprobs\":0}");
        assertThat(choice.at("/logprobs/text_offset").toString()).isEqualTo("[0,0,0,0,1,2,2,2,2,3,4]");
        assertThat(choice.at("/logprobs/tokens/5").textValue()).isEqualTo("bytes:\\xf0");
    }

    @Test
    void shouldEndABrokenStreamWithAnErrorEvent() throws Exception {
        SERVER.engine.failAfter = 3;
        final HttpResponse<String> response = SERVER.post("/v1/completions", "{\"prompt\":\"abc\",\"stream\":true}");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .contains("event: error\ndata: {\"error\":")
                .contains("expert_unavailable")
                .doesNotContain("[DONE]")
                .doesNotContain("finish_reason\":\"");
    }

    @Test
    void shouldAnswerAnEarlyFailureWithItsStatus() throws Exception {
        SERVER.engine.failAfter = 0;
        for (final String stream : new String[] {"false", "true"}) {
            final HttpResponse<String> response =
                    SERVER.post("/v1/completions", "{\"prompt\":\"abc\",\"stream\":" + stream + "}");
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(codeOf(response)).isEqualTo("expert_unavailable");
        }
    }

    @Test
    void shouldMapAdmissionToStatuses() throws Exception {
        SERVER.engine.refusal = new Engine.Admission.QueueFull(256, 3);
        final HttpResponse<String> full = SERVER.post("/v1/completions", "{\"prompt\":\"abc\"}");
        assertThat(full.statusCode()).isEqualTo(429);
        assertThat(full.headers().firstValueAsLong("retry-after").orElseThrow()).isBetween(3L, 6L);
        SERVER.engine.refusal = new Engine.Admission.NotServing();
        assertThat(SERVER.post("/v1/completions", "{\"prompt\":\"abc\"}").statusCode())
                .isEqualTo(503);
        SERVER.engine.refusal = new Engine.Admission.TooLong(99, 50);
        final HttpResponse<String> tooLong = SERVER.post("/v1/completions", "{\"prompt\":\"abc\"}");
        assertThat(tooLong.statusCode()).isEqualTo(400);
        assertThat(codeOf(tooLong)).isEqualTo("context_length_exceeded");
    }

    @Test
    void shouldCancelWhenTheClientHangsUp() throws Exception {
        SERVER.engine.permits = new Semaphore(3);
        for (final String stream : new String[] {"false", "true"}) {
            final int before = SERVER.engine.cancelled.get();
            try (RawClient client = new RawClient(SERVER.port())) {
                client.post(
                        "/v1/completions",
                        "{\"prompt\":\"abc\",\"max_tokens\":1000,\"n\":2,\"stream\":" + stream + "}");
                await("both sequences to run").until(() -> SERVER.engine.running.get() == 2);
            }
            await("both sequences to be cancelled").until(() -> SERVER.engine.cancelled.get() == before + 2);
        }
    }

    @Test
    void shouldCancelWhenTheReaderIsTooSlow() throws Exception {
        try (RawClient slow = new RawClient(RawClient.plain(SERVER.port(), 4096))) {
            slow.post(
                    "/v1/completions",
                    "{\"prompt\":\"abc\",\"max_tokens\":4000,\"logprobs\":20,\"n\":4,\"stream\":true}");
            await("slow reader's sequences to be cancelled")
                    .until(() ->
                            SERVER
                                    .registry
                                    .find("cheshire.http.cancelled")
                                    .tag("reason", "slow_reader")
                                    .counters()
                                    .stream()
                                    .anyMatch(counter -> counter.count() > 0));
            assertThat(SERVER.post("/v1/completions", "{\"prompt\":\"abc\"}").statusCode())
                    .as("others go on")
                    .isEqualTo(200);
        }
        await("no call to be left").until(() -> SERVER.server.runningRequests() == 0);
    }

    @Test
    void shouldKeepChatWithinTheShortRopeTableUnlessAsked() throws Exception {
        try (HttpTestServer rope =
                new HttpTestServer(config -> config, new ByteText(), HttpTestServer.model(FakeEngine.CONTEXT, 64))) {
            rope.engine.script = List.of(ByteText.END);
            for (final int chars : new int[] {10, 100}) {
                final String body = "{\"messages\":[{\"role\":\"user\",\"content\":\"" + "a".repeat(chars) + "\"}]}";
                assertThat(rope.post("/v1/chat/completions", body).statusCode()).isEqualTo(200);
            }
            assertThat(rope.engine.requests.stream().map(GenerationRequest::maxTokens))
                    .containsExactly(64 - 11, 4096 - 101);
        }
    }

    private static JsonNode complete(final String body) throws Exception {
        final HttpResponse<String> response = SERVER.post("/v1/completions", body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return HttpTestServer.json(response).at("/choices/0");
    }

    private static String codeOf(final HttpResponse<String> response) throws Exception {
        return HttpTestServer.json(response).at("/error/code").textValue();
    }

    private static List<JsonNode> chunks(final String body) throws Exception {
        final List<JsonNode> chunks = new ArrayList<>();
        for (final String line : body.lines().toList()) {
            if (line.startsWith("data: {")) {
                chunks.add(HttpTestServer.MAPPER.readTree(line.substring(6)));
            }
        }
        return chunks;
    }

    private static String textOf(final List<JsonNode> chunks) {
        final StringBuilder text = new StringBuilder();
        chunks.forEach(chunk -> text.append(chunk.at("/choices/0/text").asText("")));
        return text.toString();
    }

    private static String tokensOf(final List<JsonNode> chunks) {
        final StringBuilder text = new StringBuilder();
        chunks.forEach(
                chunk -> chunk.at("/choices/0/logprobs/tokens").forEach(token -> text.append(token.textValue())));
        return text.toString();
    }
}
