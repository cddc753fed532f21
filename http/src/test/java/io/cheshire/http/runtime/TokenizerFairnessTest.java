package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.cheshire.http.core.TextModel;
import io.cheshire.http.protocol.ApiChatMessage;
import io.cheshire.settings.SettingReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A tenant that floods the tokenizer keeps itself waiting, not the others. */
@Timeout(60)
class TokenizerFairnessTest {
    private static final String FLOOD = "flood";
    private static final int FLOOD_REQUESTS = 300;
    private static final int THREADS = 2;
    private static final int LINE = 192;

    private static final String SMALL = "small";

    private final SlowText text = new SlowText();

    @Test
    void shouldServeASmallQuestionBetweenTwoOfAFlood() throws Exception {
        try (HttpTestServer server = new HttpTestServer(
                config -> config.withKeys(
                        List.of(new ApiConfig.ApiKey("a", "key-a"), new ApiConfig.ApiKey("b", "key-b"))),
                text)) {
            final List<CompletableFuture<HttpResponse<String>>> flood = new ArrayList<>();
            for (int i = 0; i < FLOOD_REQUESTS; i++) {
                flood.add(send(server, "key-a", FLOOD));
            }
            final int refused = FLOOD_REQUESTS - THREADS - LINE;
            await("what is beyond the tenant's line to be refused")
                    .until(() ->
                            flood.stream().filter(CompletableFuture::isDone).count() == refused);
            for (final CompletableFuture<HttpResponse<String>> answer : flood) {
                if (answer.isDone()) {
                    assertThat(answer.join().statusCode()).isEqualTo(429);
                    assertThat(answer.join()
                                    .headers()
                                    .firstValueAsLong("retry-after")
                                    .orElseThrow())
                            .isPositive();
                }
            }
            final CompletableFuture<HttpResponse<String>> small = send(server, "key-b", SMALL);
            await("the small question to be in line").until(() -> unread(server) == LINE + 1);
            // The threads end what they are at, and take one more of the flood at most before the small question.
            while (!small.isDone()) {
                text.turns.release();
                final int turns = text.turnsGiven.incrementAndGet();
                await("the turn to be taken").until(() -> small.isDone() || text.started.get() >= THREADS + turns);
            }
            assertThat(small.join().statusCode()).isEqualTo(200);
            assertThat(text.turnsBeforeSmall).isLessThanOrEqualTo(THREADS + 1);
            text.turns.release(FLOOD_REQUESTS);
            for (final CompletableFuture<HttpResponse<String>> answer : flood) {
                assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isIn(200, 429);
            }
        }
    }

    @Test
    void shouldTellWhatStillWaitsWhenTheServerStops() throws Exception {
        try (HttpTestServer server = new HttpTestServer(config -> config, text)) {
            final List<CompletableFuture<HttpResponse<String>>> flood = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                flood.add(send(server, "", FLOOD));
            }
            await("both threads to be busy").until(() -> text.started.get() == THREADS);
            final AtomicInteger told = new AtomicInteger();
            final TokenizerPool pool = new TokenizerPool(SettingReader.read(ConfigFactory.load(), ApiConfig::from)
                    .limits()
                    .api());
            pool.close();
            pool.submit("a", () -> told.addAndGet(100), error -> told.addAndGet(error.status()));
            assertThat(told).hasValue(503);
            text.turns.release(FLOOD_REQUESTS);
            for (final CompletableFuture<HttpResponse<String>> answer : flood) {
                assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            }
        }
    }

    private static double unread(final HttpTestServer server) {
        return server.registry.get("cheshire.http.unread").gauge().value();
    }

    private static CompletableFuture<HttpResponse<String>> send(
            final HttpTestServer server, final String key, final String prompt) {
        final HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.port() + "/v1/completions"))
                .timeout(Duration.ofSeconds(50))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"max_tokens\":1,\"prompt\":\"" + prompt + "\"}"));
        if (!key.isEmpty()) {
            request.header("authorization", "Bearer " + key);
        }
        return server.client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Bytes, except that the flood's prompts take until they are given a turn. */
    private static final class SlowText implements TextModel {
        private final ByteText bytes = new ByteText();
        private final Semaphore turns = new Semaphore(0);
        private final AtomicInteger started = new AtomicInteger();
        private final AtomicInteger turnsGiven = new AtomicInteger();
        private volatile int turnsBeforeSmall;

        @Override
        public List<Integer> encode(final String prompt, final boolean addSpecialTokens) {
            if (prompt.equals(SMALL)) {
                turnsBeforeSmall = turnsGiven.get();
            }
            if (prompt.equals(FLOOD)) {
                started.incrementAndGet();
                turns.acquireUninterruptibly();
            }
            return bytes.encode(prompt, addSpecialTokens);
        }

        @Override
        public boolean hasTokenizer() {
            return true;
        }

        @Override
        public boolean hasChatTemplate() {
            return true;
        }

        @Override
        public List<Integer> renderChat(final List<ApiChatMessage> messages) {
            return bytes.renderChat(messages);
        }

        @Override
        public int[] tokenStarts(final String text, final boolean addSpecialTokens) {
            return bytes.tokenStarts(text, addSpecialTokens);
        }

        @Override
        public byte[] tokenBytes(final int tokenId, final boolean opensText) {
            return bytes.tokenBytes(tokenId, opensText);
        }

        @Override
        public boolean isSpecial(final int tokenId) {
            return bytes.isSpecial(tokenId);
        }
    }
}
