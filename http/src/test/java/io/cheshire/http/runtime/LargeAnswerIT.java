package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.http.protocol.HttpLimits;
import io.micrometer.core.instrument.Counter;
import java.net.http.HttpResponse;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers whose factors are large: what they hold has a bound, and is given back however they end. */
class LargeAnswerIT {
    private static final String COMPLETION = "/v1/completions";
    private static final long ANSWER_BYTES = 8 << 20;
    private static final long IN_FLIGHT_BYTES = 160 << 20;

    private HttpTestServer server = server(IN_FLIGHT_BYTES);

    private static HttpTestServer server(final long inFlightBytes) {
        return new HttpTestServer(
                config -> config.withLimits(config.limits()
                        .withConnections(new HttpLimits.Connections(100, 100, 16_384, 65_536))
                        .withTimeouts(new HttpLimits.Timeouts(5_000, 5_000, 10_000, 5_000, 20_000, 1_000, 200))
                        .withAnswers(new HttpLimits.Answers(ANSWER_BYTES, inFlightBytes, 200, 10_000))),
                new ByteText());
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void shouldRefuseAProductOfAllowedFactorsThatNoRouterHasRoomFor() throws Exception {
        final HttpResponse<String> refused = server.post(COMPLETION, body(64, 2, 4000, 20, false));

        assertThat(refused.statusCode()).isEqualTo(400);
        final JsonNode error = HttpTestServer.json(refused).get("error");
        assertThat(error.get("code").textValue()).isEqualTo("answer_too_large");
        assertThat(error.get("param").textValue()).isEqualTo("logprobs");
        assertThat(error.get("message").textValue()).contains("64 prompts", "2 choices", "4000 tokens", "8 MiB");
        assertThat(server.engine.requests).as("nothing was computed").isEmpty();
    }

    @Test
    void shouldWriteALargeAnswerWhole() throws Exception {
        server.engine.script = ByteText.ids("né \uD83D\uDC31 ");
        final JsonNode answer = HttpTestServer.json(server.post(
                "/v1/chat/completions",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"n\":8,\"max_tokens\":1000,"
                        + "\"logprobs\":true,\"top_logprobs\":20}"));

        assertThat(answer.get("choices")).hasSize(8);
        for (final JsonNode choice : answer.get("choices")) {
            assertThat(choice.at("/logprobs/content")).hasSize(1000);
            assertThat(choice.at("/logprobs/content/999/top_logprobs")).hasSize(20);
            assertThat(choice.at("/message/content").textValue()).startsWith("né \uD83D\uDC31 né");
        }
        assertNothingIsHeld();
    }

    @Test
    void shouldTellTheLengthOfAnAnswerThatFitsABlock() throws Exception {
        final HttpResponse<String> answer = server.post(COMPLETION, body(1, 1, 4, -1, false));

        assertThat(answer.headers().firstValueAsLong("content-length").orElseThrow())
                .isEqualTo(answer.body().length());
    }

    @Test
    void shouldSendClientsAwayWhileOthersAnswersTakeAllRoom() throws Exception {
        server.close();
        server = server(IN_FLIGHT_BYTES / 10);
        server.engine.permits = new Semaphore(0);
        try (RawClient first = new RawClient(server.port())) {
            final String large = body(1, 8, 4000, 20, false);
            first.post(COMPLETION, large);
            await("the first to run").until(() -> server.engine.running.get() == 8);
            final HttpResponse<String> second = server.post(COMPLETION, large);
            assertThat(second.statusCode()).as(second.body()).isEqualTo(429);
            assertThat(second.headers().firstValueAsLong("retry-after").orElseThrow())
                    .isPositive();
            assertThat(HttpTestServer.json(second).at("/error/message").textValue())
                    .contains("answers-in-flight");
        }
        assertNothingIsHeld();
        server.engine.permits = null;
        assertThat(server.post(COMPLETION, body(1, 1, 4, 20, false)).statusCode())
                .as("there is room again")
                .isEqualTo(200);
    }

    @Test
    void shouldGiveRoomBackWhenAReaderOfAWholeAnswerTakesNothing() throws Exception {
        try (RawClient slow = new RawClient(RawClient.plain(server.port(), 4096))) {
            slow.post(COMPLETION, body(1, 8, 4000, 8, false));
            await("all tokens").until(() -> server.engine.generated.get() == 8 * 4000);
            assertThat(server.post(COMPLETION, body(1, 1, 4, -1, false)).statusCode())
                    .as("others go on")
                    .isEqualTo(200);
            await("the reader to be given up").until(() -> server.server.runningRequests() == 0);
        }
        assertNothingIsHeld();
        // The call and its connection both watch the reader; whichever looks first gives it up.
        final double byItsCall =
                server.registry.find("cheshire.http.cancelled").tag("reason", "slow_reader").counters().stream()
                        .mapToDouble(Counter::count)
                        .sum();
        assertThat(byItsCall + server.rejected("write_stall")).isPositive();
    }

    @Test
    void shouldGiveRoomBackWhenTheClientHangsUp() throws Exception {
        server.engine.permits = new Semaphore(100);
        for (final boolean isStream : new boolean[] {false, true}) {
            try (RawClient client = new RawClient(server.port())) {
                client.post(COMPLETION, body(1, 4, 1000, 4, isStream));
                await("all to run").until(() -> server.engine.running.get() == 4);
                assertThat(reserved()).isPositive();
            }
            assertNothingIsHeld();
        }
    }

    @Test
    void shouldHoldNoMoreOfATokenizedTextThanItsIdsWhileAReaderTakesNothing() throws Exception {
        final String text = "{\"prompt\":\"" + "a".repeat(1_000_000) + "\"}";
        assertThat(HttpTestServer.json(server.post("/tokenize", text)).get("tokens"))
                .hasSize(1_000_000);
        try (RawClient slow = new RawClient(RawClient.plain(server.port(), 4096))) {
            slow.post("/tokenize", text);
            await("the answer to begin").until(() -> reserved() > 4_000_000);
            assertThat(reserved()).isLessThan(4_500_000);
            assertNothingIsHeld();
        }
    }

    private double reserved() {
        return server.registry.get("cheshire.http.answers.reserved").gauge().value();
    }

    private void assertNothingIsHeld() {
        await("answers to hold nothing").until(() -> reserved() == 0);
        assertThat(server.registry.get("cheshire.http.answers.events").gauge().value())
                .isZero();
    }

    private static String body(
            final int prompts, final int choices, final int maxTokens, final int logprobs, final boolean isStream) {
        final List<String> all = Collections.nCopies(prompts, "\"abc\"");
        return "{\"prompt\":" + all + ",\"n\":" + choices + ",\"max_tokens\":" + maxTokens
                + (logprobs < 0 ? "" : ",\"logprobs\":" + logprobs) + ",\"stream\":" + isStream + "}";
    }
}
