package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ranks and entropies of tokens, and errors of length in the words of whoever asked. */
class TokenScoresTest {
    private static final String COMPLETIONS = "/v1/completions";
    private static final String CHAT = "/v1/chat/completions";

    private final HttpTestServer server = HttpTestServer.plain();

    @AfterEach
    void stop() {
        server.close();
    }

    private JsonNode ok(final String path, final String body) throws Exception {
        final HttpResponse<String> response = server.post(path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return HttpTestServer.json(response);
    }

    @Test
    void shouldTellTheRankOfATokenThatIsNotAmongTheBest() throws Exception {
        final JsonNode scores = ok(COMPLETIONS, "{\"prompt\":[7,8],\"max_tokens\":1,\"prompt_logprobs\":0}")
                .at("/choices/0/prompt_logprobs");
        assertThat(scores.get(0).isNull()).isTrue();
        assertThat(scores.get(1).get("8").get("rank").intValue()).isEqualTo(1_008);
        assertThat(server.engine.requests.getLast().scoring().ranks()).isTrue();
        ok(COMPLETIONS, "{\"prompt\":[7,8],\"max_tokens\":1,\"logprobs\":2}");
        assertThat(server.engine.requests.getLast().scoring().ranks()).isFalse();
        assertThat(server.engine.requests.getLast().scoring().entropies()).isFalse();
    }

    /** As vLLM: one pass, two forms, each with as many alternatives as it asked for. */
    @ParameterizedTest
    @CsvSource({"1, 3", "3, 1", "0, 2"})
    void shouldEchoAPromptAndTellItsScoresAtOnce(final int logprobs, final int promptLogprobs) throws Exception {
        final JsonNode choice = ok(
                        COMPLETIONS,
                        "{\"prompt\":[97,98],\"max_tokens\":1,\"echo\":true,\"logprobs\":" + logprobs
                                + ",\"prompt_logprobs\":" + promptLogprobs + "}")
                .at("/choices/0");
        assertThat(choice.get("prompt_logprobs").get(1)).hasSize(promptLogprobs);
        assertThat(choice.at("/logprobs/token_logprobs")).hasSize(3);
        assertThat(choice.at("/logprobs/top_logprobs").get(1)).hasSize(Math.max(1, logprobs));
        assertThat(server.engine.requests.getLast().promptLogprobCount()).isEqualTo(Math.max(logprobs, promptLogprobs));
    }

    @Test
    void shouldTellEntropiesBesideLogprobsOfAnswersAndPrompts() throws Exception {
        server.engine.script = List.of(65, 66);
        final String asked = "\"max_tokens\":2,\"entropy\":true,\"logprobs\":";
        final JsonNode echoed = ok(COMPLETIONS, "{\"prompt\":[16,24],\"echo\":true," + asked + "1}")
                .at("/choices/0/logprobs");
        assertThat(echoed.get("token_entropies")).hasSize(4);
        assertThat(echoed.get("token_entropies").get(0).isNull()).isTrue();
        assertThat(echoed.get("token_entropies").get(1).floatValue()).isEqualTo(3);
        assertThat(echoed.get("token_entropies").get(2).floatValue()).isEqualTo(65 / 8f);
        final JsonNode scored =
                ok(COMPLETIONS, "{\"prompt\":[16,24],\"max_tokens\":1,\"entropy\":true,\"prompt_logprobs\":0}");
        assertThat(scored.at("/choices/0/prompt_entropies/0").isNull()).isTrue();
        assertThat(scored.at("/choices/0/prompt_entropies/1").floatValue()).isEqualTo(3);
        assertThat(scored.at("/choices/0/logprobs").isNull()).isTrue();
        final String messages = "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],";
        final JsonNode chat = ok(CHAT, "{" + messages + asked + "true}").at("/choices/0/logprobs/content");
        assertThat(chat.findValues("entropy")).hasSize(2);
        assertThat(chat.at("/1/entropy").floatValue()).isEqualTo(66 / 8f);
        assertThat(ok(COMPLETIONS, "{\"prompt\":\"a\",\"max_tokens\":2,\"logprobs\":1}")
                        .at("/choices/0/logprobs")
                        .has("token_entropies"))
                .isFalse();
    }

    /** With the first chunk that each choice has anyway, of a chat with the first of all. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/completions      | \"prompt\":[7,8,9] | choices/0/",
                "/v1/completions      | \"prompt\":[7,8,9],\"echo\":true | choices/0/",
                "/v1/completions      | \"prompt\":[[7,8],[9,7]] | choices/0/",
                "/v1/chat/completions | \"messages\":[{\"role\":\"user\",\"content\":\"a\"}] | ''"
            })
    void shouldTellScoresOfPromptsInAStreamAsInAWholeAnswer(final String path, final String prompt, final String at)
            throws Exception {
        final String asked = "{" + prompt + ",\"max_tokens\":3,\"n\":2,\"entropy\":true,\"prompt_logprobs\":1";
        final JsonNode whole = ok(path, asked + "}");
        final List<JsonNode> told = new ArrayList<>();
        final BitSet begun = new BitSet();
        for (final String line :
                server.post(path, asked + ",\"stream\":true}").body().lines().toList()) {
            if (line.startsWith("data: {")) {
                final JsonNode chunk = HttpTestServer.MAPPER.readTree(line.substring(6));
                final int choice = chunk.at("/choices/0/index").intValue();
                final JsonNode scores = chunk.at("/" + at + "prompt_logprobs");
                assertThat(scores.isMissingNode()).isEqualTo(at.isEmpty() ? !begun.isEmpty() : begun.get(choice));
                begun.set(choice);
                if (!scores.isMissingNode()) {
                    told.add(scores);
                    final String place = at.isEmpty() ? "/" : "/choices/" + choice + "/";
                    assertThat(scores).hasSizeGreaterThan(1).isEqualTo(whole.at(place + "prompt_logprobs"));
                    assertThat(chunk.at("/" + at + "prompt_entropies")).isEqualTo(whole.at(place + "prompt_entropies"));
                }
            }
        }
        assertThat(told).hasSize(at.isEmpty() ? 1 : whole.get("choices").size());
    }

    /** What was shown of a stream is forgotten, and entropies with it. */
    @Test
    void shouldTellTheSameEntropiesInAStream() throws Exception {
        server.engine.script = List.of(65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77);
        final HttpResponse<String> stream = server.post(
                COMPLETIONS, "{\"prompt\":\"a\",\"max_tokens\":13,\"entropy\":true,\"logprobs\":0,\"stream\":true}");
        int next = 65;
        for (final String line : stream.body().lines().toList()) {
            if (line.startsWith("data: {")) {
                for (final JsonNode entropy :
                        HttpTestServer.MAPPER.readTree(line.substring(6)).at("/choices/0/logprobs/token_entropies")) {
                    assertThat(entropy.floatValue()).isEqualTo(next++ / 8f);
                }
            }
        }
        assertThat(next).isEqualTo(78);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/completions      | {\"prompt\":\"a\",\"entropy\":true}",
                "/v1/completions      | {\"prompt\":\"a\",\"entropy\":1,\"logprobs\":1}",
                "/v1/chat/completions | {\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"entropy\":true}",
                "/v1/responses        | {\"input\":\"a\",\"entropy\":true}"
            })
    void shouldRefuseEntropiesOfWhatIsNotScored(final String path, final String body) throws Exception {
        final HttpResponse<String> refused = server.post(path, body);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(HttpTestServer.json(refused).at("/error/param").textValue()).isEqualTo("entropy");
    }

    private void assertNamed(final String path, final String body, final String param, final String... words)
            throws Exception {
        final HttpResponse<String> refused = server.post(path, body);
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
        final JsonNode error = HttpTestServer.json(refused).get("error");
        assertThat(error.get("param").textValue()).as(refused.body()).isEqualTo(param);
        assertThat(error.get("message").textValue()).contains(words);
    }

    /** Each endpoint's own names, and of two names the one that was sent. */
    @Test
    void shouldNameTheFieldsThatTheClientUsedWhenTheContextIsTooShort() throws Exception {
        final String half = "x".repeat(FakeEngine.CONTEXT / 2);
        final String whole = "x".repeat(FakeEngine.CONTEXT);
        final String message = "{\"messages\":[{\"role\":\"user\",\"content\":\"" + half + "\"}],";
        assertNamed(
                "/v1/responses",
                "{\"input\":\"" + half + "\",\"max_output_tokens\":3000}",
                "max_output_tokens",
                " in input,",
                "Shorten input or ask for fewer with max_output_tokens");
        assertNamed("/v1/responses", "{\"input\":\"" + whole + "\"}", "input", " in input,", "max_output_tokens");
        assertNamed(
                "/v1/responses",
                "{\"input\":\"a\",\"max_output_tokens\":3,\"min_tokens\":5}",
                "min_tokens",
                "more than max_output_tokens");
        assertNamed(CHAT, message + "\"max_tokens\":3000}", "max_tokens", " in messages,", "fewer with max_tokens");
        assertNamed(
                CHAT,
                message + "\"max_completion_tokens\":3000}",
                "max_completion_tokens",
                " in messages,",
                "fewer with max_completion_tokens");
        assertNamed(
                COMPLETIONS,
                "{\"prompt\":\"" + half + "\",\"max_completion_tokens\":3000}",
                "max_completion_tokens",
                " in prompt,");
    }
}
