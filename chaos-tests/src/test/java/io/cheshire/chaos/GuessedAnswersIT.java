package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.runtime.TestServer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client gets of a server that guesses tokens, and of one that doesn't: the same bytes. */
class GuessedAnswersIT {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String PASSAGE = "the cat sat on the mat and the cat sat on the mat and the cat sat on";

    private static final String GREEDY = "\"temperature\":0";

    private static TestServer plain;
    private static TestServer guessing;

    @BeforeAll
    static void start() throws IOException {
        plain = TestServer.start(TestServer.cheshireMini(), 2, Map.of());
        guessing = TestServer.start(
                TestServer.cheshireMini(), 2, Map.of("cheshire.router.engine.speculative", "prompt-lookup"));
    }

    @AfterAll
    static void stop() {
        plain.close();
        guessing.close();
    }

    private static String answer(final TestServer server, final String fields) throws Exception {
        final String body = "{\"prompt\":\"" + PASSAGE + "\",\"max_tokens\":60," + fields + "}";
        final JsonNode answer = MAPPER.readTree(
                server.api().post("/v1/completions", MAPPER.readTree(body)).text());
        assertThat(answer.has("choices")).as("%s answered", answer).isTrue();
        // What differs between any two answers, and what tells of guesses.
        ((ObjectNode) answer).remove(List.of("id", "created"));
        final JsonNode told = ((ObjectNode) answer.get("usage")).remove("completion_tokens_details");
        if (server == guessing && fields.equals(GREEDY)) {
            assertThat(told.get("accepted_prediction_tokens").intValue()).isPositive();
        }
        return answer.toPrettyString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                GREEDY,
                "\"temperature\":0,\"logprobs\":3",
                "\"temperature\":0,\"stop\":[\" mat and\",\"\\n\"],\"logprobs\":2",
                "\"temperature\":0,\"stop\":[\"t\"],\"echo\":true",
                "\"temperature\":0.9,\"seed\":5,\"stop\":[\"e \",\"sat on the\"],\"logprobs\":1",
                "\"temperature\":0.7,\"seed\":11,\"n\":3,\"stop\":[\" a\"],\"logprobs\":1",
                "\"temperature\":1,\"seed\":3,\"frequency_penalty\":0.7,\"presence_penalty\":0.4,\"stop\":\"on\"",
                "\"temperature\":0.8,\"seed\":9,\"logit_bias\":{\"300\":4},\"min_tokens\":12,\"stop\":[\"the\"]"
            })
    void shouldAnswerWithTheSameBytesWithAndWithoutGuesses(final String fields) throws Exception {
        assertThat(answer(guessing, fields)).isEqualTo(answer(plain, fields));
    }
}
