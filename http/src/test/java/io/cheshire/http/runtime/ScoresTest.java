package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.model.protocol.ScoreHead;
import io.cheshire.model.protocol.ScoreHead.Activation;
import io.cheshire.router.core.Engine;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.PooledPositions;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The endpoints of a model whose head scores texts, in vLLM's shapes. */
class ScoresTest {
    private static final int PAD = 400;

    private HttpTestServer server;

    @BeforeEach
    void start() {
        server = server(3, Activation.SOFTMAX);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static HttpTestServer server(final int labels, final Activation activation) {
        final List<String> names =
                IntStream.range(0, labels).mapToObj(i -> "label " + i).toList();
        final HttpTestServer started = new HttpTestServer(
                config -> config,
                new ByteText(),
                HttpTestServer.model(FakeEngine.CONTEXT, 0).scoring(new ScoreHead(names, activation, PAD)));
        started.engine.labels = labels;
        return started;
    }

    private static JsonNode ok(final HttpTestServer at, final String path, final String body) throws Exception {
        final HttpResponse<String> response = at.post(path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return HttpTestServer.json(response);
    }

    private static List<Float> floats(final JsonNode list) {
        final List<Float> floats = new ArrayList<>();
        list.forEach(one -> floats.add(one.floatValue()));
        return floats;
    }

    private static List<Integer> asked(final GenerationRequest request) {
        final PooledPositions pooled = request.scoring().pooled();
        return IntStream.range(0, request.promptTokens().size())
                .filter(pooled::contains)
                .boxed()
                .toList();
    }

    @Test
    void shouldClassifyTextsAndTokenIdsAtTheirLastTokens() throws Exception {
        final JsonNode texts = ok(server, "/classify", "{\"input\":[\"ab\",\"x\"],\"user\":\"u\"}");
        assertThat(texts.get("object").textValue()).isEqualTo("list");
        assertThat(texts.get("id").textValue()).startsWith("classify-");
        assertThat(texts.get("model").textValue()).isEqualTo(HttpTestServer.MODEL);
        assertThat(texts.get("data")).hasSize(2);
        final JsonNode first = texts.at("/data/0");
        final float[] outputs = FakeEngine.outputs('b', 3);
        final double sum = Math.exp(outputs[0]) + Math.exp(outputs[1]) + Math.exp(outputs[2]);
        assertThat(first.get("index").intValue()).isZero();
        assertThat(first.get("num_classes").intValue()).isEqualTo(3);
        assertThat(first.get("label").textValue()).isEqualTo(outputs[1] > outputs[2] ? "label 1" : "label 2");
        for (int label = 0; label < 3; label++) {
            assertThat(first.get("probs").get(label).doubleValue())
                    .isCloseTo(Math.exp(outputs[label]) / sum, within(1e-6));
        }
        assertThat(texts.at("/usage/prompt_tokens").intValue()).isEqualTo(3);
        assertThat(texts.at("/usage/total_tokens").intValue()).isEqualTo(3);
        assertThat(texts.at("/usage/completion_tokens").intValue()).isZero();

        assertThat(ok(server, "/v1/classify", "{\"input\":[97,98]}").at("/data/0"))
                .isEqualTo(first);
        final JsonNode raw = ok(server, "/classify", "{\"input\":\"ab\",\"use_activation\":false}");
        assertThat(floats(raw.at("/data/0/probs"))).containsExactly(outputs[0], outputs[1], outputs[2]);
        assertThat(server.engine.requests).allMatch(request -> request.maxTokens() == 0);
        assertThat(server.engine.generated).hasValue(0);
    }

    /** As transformers finds the last token of a padded batch. */
    @Test
    void shouldScoreAtTheLastTokenThatIsNotPadding() throws Exception {
        ok(server, "/classify", "{\"input\":[[1,2,3],[1,400,2,400,400],[400,400]]}");
        assertThat(server.engine.requests).map(ScoresTest::asked).containsExactly(List.of(2), List.of(2), List.of(0));
    }

    @Test
    void shouldScoreOneTextWithEachOfManyOrEachWithItsOwn() throws Exception {
        try (HttpTestServer single = server(1, Activation.SIGMOID)) {
            final JsonNode many =
                    ok(single, "/score", "{\"text_1\":\"q\",\"text_2\":[\"a\",\"bc\"],\"add_special_tokens\":true}");
            assertThat(many.get("data")).hasSize(2);
            assertThat(many.at("/data/1/object").textValue()).isEqualTo("score");
            assertThat(many.at("/data/1/score").doubleValue())
                    .isCloseTo(1 / (1 + Math.exp(-FakeEngine.outputs('c', 1)[0])), within(1e-6));
            assertThat(single.engine.requests.getLast().promptTokens()).isEqualTo(ByteText.ids("qbc"));
            final JsonNode pairs = ok(single, "/v1/score", "{\"text_1\":[[1],[2]],\"text_2\":[[3],[4]]}");
            assertThat(pairs.at("/usage/prompt_tokens").intValue()).isEqualTo(4);
            assertThat(single.engine.requests.getLast().promptTokens()).containsExactly(2, 4);

            final HttpResponse<String> unknown =
                    single.post("/score", "{\"text_1\":[[1],[2]],\"text_2\":[[3],[4000]]}");
            assertThat(HttpTestServer.json(unknown).at("/error/param").textValue())
                    .isEqualTo("text_2[1]");
            final HttpResponse<String> other = single.post("/rerank", "{\"query\":[4000],\"documents\":[[3],[4]]}");
            assertThat(HttpTestServer.json(other).at("/error/param").textValue())
                    .isEqualTo("query");
            final HttpResponse<String> uneven =
                    single.post("/score", "{\"text_1\":[\"a\",\"b\"],\"text_2\":[\"a\",\"b\",\"c\"]}");
            assertThat(uneven.statusCode()).isEqualTo(400);
            assertThat(HttpTestServer.json(uneven).at("/error/param").textValue())
                    .isEqualTo("text_2");
        }
    }

    @Test
    void shouldRankDocumentsTheBestFirst() throws Exception {
        try (HttpTestServer single = server(1, Activation.SIGMOID)) {
            final String body = "{\"query\":\"q\",\"documents\":[\"a\",\"o\",\"h\",\"a\"],\"top_n\":3}";
            final JsonNode ranked = ok(single, "/rerank", body);
            assertThat(ranked.get("results").findValuesAsText("index")).containsExactly("1", "2", "0");
            assertThat(ranked.at("/results/0/document/text").textValue()).isEqualTo("o");
            assertThat(ranked.at("/results/0/relevance_score").doubleValue())
                    .isCloseTo(1 / (1 + Math.exp(-FakeEngine.outputs('o', 1)[0])), within(1e-6));
            assertThat(ok(single, "/v2/rerank", body).get("results")).isEqualTo(ranked.get("results"));
        }
    }

    @Test
    void shouldGiveWhatTheHeadSaysAtEveryTokenOrOfTheText() throws Exception {
        final JsonNode tokens = ok(server, "/pooling", "{\"input\":\"abc\"}");
        assertThat(tokens.at("/data/0/object").textValue()).isEqualTo("pooling");
        assertThat(tokens.at("/data/0/data")).hasSize(3);
        for (int i = 0; i < 3; i++) {
            final float[] outputs = FakeEngine.outputs('a' + i, 3);
            assertThat(floats(tokens.at("/data/0/data").get(i))).containsExactly(outputs[0], outputs[1], outputs[2]);
        }
        final JsonNode text = ok(server, "/pooling", "{\"input\":\"abc\",\"task\":\"classify\"}");
        assertThat(text.at("/data/0/data"))
                .isEqualTo(ok(server, "/classify", "{\"input\":\"abc\"}").at("/data/0/probs"));
    }

    @Test
    void shouldGiveRewardsOfSegmentsOfOneSequenceInOnePass() throws Exception {
        try (HttpTestServer single = server(1, Activation.SIGMOID)) {
            final JsonNode steps = ok(
                    single,
                    "/pooling",
                    "{\"input\":[65,10,66,10,67],\"segments\":{\"separator_token_ids\":[10],\"from\":1,"
                            + "\"normalizer\":{\"w_mu\":0,\"w_sigma\":0,\"b_mu\":1,\"b_sigma\":2}}}");
            assertThat(single.engine.requests).hasSize(1);
            assertThat(asked(single.engine.requests.getFirst())).containsExactly(1, 3, 4);
            final JsonNode data = steps.at("/data/0");
            assertThat(data.get("data")).hasSize(3);
            assertThat(data.get("segments").findValuesAsText("start")).containsExactly("1", "2", "4");
            assertThat(data.get("segments").findValuesAsText("end")).containsExactly("1", "3", "4");
            final float ten = FakeEngine.outputs(10, 1)[0];
            final float last = FakeEngine.outputs(67, 1)[0];
            assertThat(data.at("/segments/0/reward").floatValue()).isEqualTo(ten);
            assertThat(data.at("/segments/0/normalized_reward").floatValue()).isEqualTo((ten - 1) / 2);
            assertThat(data.get("reward").doubleValue()).isCloseTo((2 * ten + last) / 3.0, within(1e-6));

            final JsonNode endless = ok(
                    single,
                    "/pooling",
                    "{\"input\":[65,10,66],\"segments\":{\"separator_token_ids\":[10],\"from\":1,"
                            + "\"normalizer\":{\"w_mu\":0,\"w_sigma\":0,\"b_mu\":0,\"b_sigma\":1e-300}}}");
            assertThat(endless.at("/data/0/segments/0/normalized_reward").isNull())
                    .isTrue();

            final JsonNode unsure = ok(
                    single,
                    "/pooling",
                    "{\"input\":[[1,2,3],[4,5]],\"segments\":["
                            + "{\"entropies\":[null,2.5,0.1],\"threshold\":1.75},{\"ends\":[0]}]}");
            assertThat(unsure.at("/data/0/segments").findValuesAsText("end")).containsExactly("0", "2");
            assertThat(unsure.at("/data/1/segments").findValuesAsText("end")).containsExactly("0", "1");
        }
    }

    @Test
    void shouldKeepTheFirstTokensOfWhatIsToBeCut() throws Exception {
        ok(server, "/classify", "{\"input\":[1,2,3,4],\"truncate_prompt_tokens\":3}");
        assertThat(server.engine.requests.getLast().promptTokens()).containsExactly(1, 2, 3);
        final String tooLong = "x".repeat(FakeEngine.CONTEXT + 1);
        ok(server, "/classify", "{\"input\":\"" + tooLong + "\",\"truncate_prompt_tokens\":-1}");
        assertThat(server.engine.requests.getLast().promptTokens()).hasSize(FakeEngine.CONTEXT);
        final HttpResponse<String> refused = server.post("/classify", "{\"input\":[\"a\",\"" + tooLong + "\"]}");
        assertThat(refused.statusCode()).isEqualTo(400);
        final JsonNode error = HttpTestServer.json(refused).get("error");
        assertThat(error.get("code").textValue()).isEqualTo("context_length_exceeded");
        assertThat(error.get("param").textValue()).isEqualTo("input[1]");
        assertThat(error.get("message").textValue()).contains("4096", "4097", "truncate_prompt_tokens");
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "/classify | {}                                               | input",
                "/classify | {\"input\":[]}                                   | input",
                "/classify | {\"input\":\"\"}                                 | input",
                "/classify | {\"input\":[\"a\",5]}                            | input[1]",
                "/classify | {\"input\":[600]}                                | input",
                "/classify | {\"input\":\"a\",\"model\":\"other\"}            | model",
                "/classify | {\"input\":\"a\",\"truncate_prompt_tokens\":0}   | truncate_prompt_tokens",
                "/classify | {\"input\":\"a\",\"dimensions\":3}               | dimensions",
                "/classify | {\"input\":\"a\",\"encoding_format\":\"base64\"} | encoding_format",
                "/classify | {\"input\":\"a\",\"segments\":{}}                | segments",
                "/classify | {\"messages\":[]}                                | input",
                "/score    | {\"text_1\":\"a\",\"text_2\":\"b\"}              | text_1",
                "/rerank   | {\"query\":\"a\",\"documents\":[\"b\"]}          | documents",
                "/rerank   | {\"query\":\"a\",\"documents\":\"b\"}            | documents",
                "/rerank   | {\"query\":[\"a\",\"b\"],\"documents\":[\"b\"]}  | query",
                "/pooling  | {\"input\":\"a\",\"task\":\"embed\"}             | task",
                "/pooling  | {\"input\":\"a\",\"segments\":{\"ends\":[0]}}    | segments",
                "/pooling  | {\"input\":\"a\",\"segments\":[]}                | segments",
                "/pooling  | {\"input\":\"a\",\"segments\":{\"ends\":[-1]}}   | segments.ends[0]",
                "/pooling  | {\"input\":\"a\",\"segments\":{\"end\":[1]}}     | segments.end",
                "/pooling  | {\"input\":\"a\",\"segments\":{\"threshold\":1}} | segments.threshold"
            })
    void shouldRefuseByName(final String path, final String body, final String param) throws Exception {
        final HttpResponse<String> refused = server.post(path, body);
        assertThat(refused.statusCode()).as(refused.body()).isIn(400, 404);
        assertThat(HttpTestServer.json(refused).at("/error/param").textValue())
                .as(refused.body())
                .isEqualTo(param);
        assertThat(server.engine.requests).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/completions      | {\"prompt\":\"a\"}",
                "/v1/chat/completions | {\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}",
                "/v1/responses        | {\"input\":\"a\"}"
            })
    void shouldRefuseToGenerateWithAHeadThatOnlyScores(final String path, final String body) throws Exception {
        final HttpResponse<String> refused = server.post(path, body);
        assertThat(refused.statusCode()).isEqualTo(400);
        final JsonNode error = HttpTestServer.json(refused).get("error");
        assertThat(error.get("code").textValue()).isEqualTo("no_language_head");
        assertThat(error.get("message").textValue()).contains("3 labels", "/classify", "/pooling");
        assertThat(server.engine.requests).isEmpty();
    }

    /** Every path of a head needs a key where there are keys, and no other model has them. */
    @Test
    void shouldGuardEveryPathAndHaveNoneWithoutAHead() throws Exception {
        final List<String> paths = new ArrayList<>();
        HttpTestServer.json(server.get(server.port(), "/")).get("endpoints").forEach(line -> {
            if (line.asText().matches("POST .*/(classify|score|rerank|pooling)")) {
                paths.add(line.asText().substring("POST ".length()));
            }
        });
        assertThat(paths).hasSize(9);
        try (HttpTestServer guarded = new HttpTestServer(
                        config -> config.withKeys(List.of(new ApiConfig.ApiKey("tenant", "a-key-of-this-test"))),
                        new ByteText(),
                        HttpTestServer.model(FakeEngine.CONTEXT, 0)
                                .scoring(new ScoreHead(List.of("one"), Activation.SIGMOID, -1)));
                HttpTestServer plain = HttpTestServer.plain()) {
            for (final String path : paths) {
                assertThat(guarded.post(path, "{}").statusCode()).as(path).isEqualTo(401);
                assertThat(guarded.post(path, "{}", "authorization", "Bearer a-key-of-this-test")
                                .statusCode())
                        .as(path)
                        .isEqualTo(400);
                assertThat(plain.post(path, "{}").statusCode()).as(path).isEqualTo(404);
            }
            assertThat(plain.post("/classify", "{}").body()).contains("needs a classification head");
        }
    }

    /** As completions: what the queue refuses, what fails, and what yields. */
    @Test
    void shouldBeAdmittedAndFailAsCompletionsDo() throws Exception {
        ok(server, "/classify", "{\"input\":\"a\",\"service_tier\":\"flex\"}");
        assertThat(server.engine.requests.getLast().yields()).isTrue();
        server.engine.refusal = new Engine.Admission.QueueFull(7, 3);
        final HttpResponse<String> full = server.post("/classify", "{\"input\":\"a\"}");
        assertThat(full.statusCode()).isEqualTo(429);
        assertThat(full.headers().firstValue("retry-after")).isPresent();
        server.engine.refusal = null;
        server.engine.failAfter = 0;
        final HttpResponse<String> failed = server.post("/classify", "{\"input\":\"a\"}");
        assertThat(failed.statusCode()).isEqualTo(503);
        assertThat(HttpTestServer.json(failed).at("/error/code").textValue()).isEqualTo("expert_unavailable");
        assertThat(server.engine.running).hasValue(0);
    }
}
