package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.BadRequestException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.CompletionCreateParams;
import com.typesafe.config.ConfigFactory;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.settings.SettingReader;
import io.netty.handler.ssl.util.SelfSignedCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys, TLS, drain, and the client that people really use. */
class ServerLifeIT {
    private static final ApiConfig.ApiKey ALICE = new ApiConfig.ApiKey("alice", "sk-alice-1");
    private static final ApiConfig.ApiKey BOB = new ApiConfig.ApiKey("bob", "sk-bob-2");
    private static final HttpLimits.Timeouts TLS_TIMEOUTS =
            new HttpLimits.Timeouts(5_000, 5_000, 20_000, 3_000, 20_000, 1_000, 200);

    @Test
    void shouldServeTheOpenAiClient() {
        try (HttpTestServer server =
                new HttpTestServer(config -> config.withKeys(List.of(ALICE, BOB)), new ByteText())) {
            server.engine.script = ByteText.ids("Hello.");
            final OpenAIClient client = client(server, "sk-bob-2");
            final ChatCompletionCreateParams chat = ChatCompletionCreateParams.builder()
                    .model(HttpTestServer.MODEL)
                    .addUserMessage("Hi")
                    .maxCompletionTokens(6)
                    .build();
            assertThat(client.chat()
                            .completions()
                            .create(chat)
                            .choices()
                            .getFirst()
                            .message()
                            .content())
                    .hasValue("Hello.");
            final StringBuilder streamed = new StringBuilder();
            try (var stream = client.chat().completions().createStreaming(chat)) {
                stream.stream()
                        .flatMap(chunk -> chunk.choices().stream())
                        .forEach(choice -> choice.delta().content().ifPresent(streamed::append));
            }
            assertThat(streamed.toString()).isEqualTo("Hello.");
            final CompletionCreateParams completion = CompletionCreateParams.builder()
                    .model(HttpTestServer.MODEL)
                    .prompt("Hi")
                    .maxTokens(6)
                    .logprobs(2)
                    .build();
            assertThat(client.completions()
                            .create(completion)
                            .choices()
                            .getFirst()
                            .text())
                    .isEqualTo("Hello.");
            assertThat(client.models().list().data().getFirst().id()).isEqualTo(HttpTestServer.MODEL);
            assertThat(client.models().retrieve(HttpTestServer.MODEL).id()).isEqualTo(HttpTestServer.MODEL);
            assertThatThrownBy(() -> client.chat()
                            .completions()
                            .create(chat.toBuilder().temperature(3.0).build()))
                    .isInstanceOfSatisfying(
                            BadRequestException.class,
                            e -> assertThat(e.param()).hasValue("temperature"));
            assertThatThrownBy(() -> client(server, "sk-wrong").models().list())
                    .isInstanceOf(UnauthorizedException.class);
            assertThat(server.engine.requests)
                    .allSatisfy(r -> assertThat(r.cacheScope()).isEqualTo("bob"));
            client.close();
        }
    }

    @Test
    void shouldAskForAKeyOnEveryPathButHealth() throws Exception {
        try (HttpTestServer server = new HttpTestServer(
                config -> config.withKeys(List.of(ALICE)), ops -> ops.withKey("ops-key"), new ByteText())) {
            final int port = server.port();
            final int ops = server.ops.port();
            final String name = "authorization";
            assertThat(server.post("/v1/completions", "{\"prompt\":\"a\"}").statusCode())
                    .isEqualTo(401);
            assertThat(server.post("/tokenize", "{\"prompt\":\"a\"}").statusCode())
                    .isEqualTo(401);
            assertThat(server.get(port, "/v1/models").statusCode()).isEqualTo(401);
            for (final String bad :
                    new String[] {"Bearer x", "Basic sk-alice-1", "Bearer sk-alice-", "Bearer " + "a".repeat(5000)}) {
                assertThat(server.get(port, "/v1/models", name, bad).statusCode())
                        .isEqualTo(401);
            }
            assertThat(server.get(port, "/v1/models", name, "Bearer sk-alice-1").statusCode())
                    .isEqualTo(200);
            assertThat(server.get(port, "/health").statusCode()).isEqualTo(200);
            assertThat(server.get(ops, "/metrics").statusCode()).isEqualTo(401);
            assertThat(server.get(ops, "/admin/v1/cluster", name, "Bearer ops-key")
                            .body())
                    .isEqualTo("{\"epoch\":1}");
            assertThat(server.get(ops, "/metrics", name, "Bearer ops-key").body())
                    .contains("cheshire_http_rejected_total{reason=\"invalid_api_key\"}");
        }
    }

    @Test
    void shouldReadKeysFromAFile(@TempDir final Path dir) throws IOException {
        final Path file = Files.writeString(dir.resolve("keys"), "# team keys\nalice:sk-alice-1\n\nsk-plain\n");
        final ApiKeys keys = new ApiKeys(ApiKeys.readFile(file));
        assertThat(keys.tenantOf("Bearer sk-alice-1")).isEqualTo("alice");
        assertThat(keys.tenantOf("bearer sk-plain")).isEqualTo("key-1");
        assertThat(keys.tenantOf("Bearer alice:sk-alice-1")).isNull();
    }

    @Test
    void shouldNameSettingReasonAndRemedyWhenAnAddressCannotBeHad() {
        try (HttpTestServer first = HttpTestServer.plain()) {
            for (final boolean ops : new boolean[] {false, true}) {
                final int taken = first.port();
                assertThatThrownBy(() -> new HttpTestServer(
                                config -> config.withPort(ops ? 0 : taken),
                                config -> config.withPort(ops ? taken : 0),
                                new ByteText()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("cannot listen on 127.0.0.1:" + taken + " ("
                                + (ops ? "cheshire.ops" : "cheshire.router.http")
                                + "): Address already in use; stop what listens there, or give another port ("
                                + (ops ? "--ops-port" : "--port")
                                + ", 0 takes a free one) or an address of this host ("
                                + (ops ? "cheshire.ops" : "cheshire.router.http") + ".host)");
                final SettingReader settings = SettingReader.of(ConfigFactory.parseString(
                                "cheshire { router.http.port = " + taken + ", ops.port = " + taken + " }")
                        .withFallback(ConfigFactory.load()));
                assertThatThrownBy(() -> {
                            if (ops) {
                                OpsConfig.from(settings, 0).checked();
                            } else {
                                ApiConfig.from(settings).checked();
                            }
                        })
                        .as("before anything is started")
                        .hasMessageContaining("cannot listen on 127.0.0.1:" + taken);
            }
        }
    }

    @Test
    void shouldNameSettingAndFileWhenKeysOrCertificateCannotBeRead(@TempDir final Path dir) {
        final Path missing = dir.resolve("missing");
        assertThatThrownBy(() -> ApiKeys.readFile(missing))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("cheshire.router.http.api-keys-file", missing.toString(), "one key a line");
        assertThatThrownBy(() -> new HttpTestServer(
                        config -> config.withTls(new ApiConfig.Tls(missing, missing)), new ByteText()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("cheshire.router.http.tls", missing.toString(), "PEM");
    }

    @Test
    void shouldSayHowManyTokenIdsThereAreWhenAskedForTheModel() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain()) {
            assertThat(HttpTestServer.json(server.get(server.port(), "/v1/models"))
                            .at("/data/0/vocab_size")
                            .intValue())
                    .isEqualTo(ByteText.VOCAB);
        }
    }

    @Test
    void shouldFinishRunningRequestsWhenDrained() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain();
                RawClient running = new RawClient(server.port());
                RawClient late = new RawClient(server.port())) {
            server.engine.permits = new Semaphore(0);
            running.post("/v1/completions", "{\"prompt\":\"abc\",\"max_tokens\":3}");
            late.send("GET /ready HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(late.read().status()).isEqualTo(200);
            await("the request to run").until(() -> server.server.runningRequests() == 1);
            final CompletableFuture<Boolean> drained =
                    CompletableFuture.supplyAsync(() -> server.server.drain(Duration.ofSeconds(20)));
            await("the drain to begin").until(server.server::isDraining);
            late.send("GET /ready HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(late.read().status()).isEqualTo(503);
            late.post("/v1/completions", "{\"prompt\":\"abc\"}");
            assertThat(late.read().status()).isEqualTo(503);
            server.engine.permits.release(3);
            assertThat(running.read().body()).contains("\"text\":\"abc\"");
            assertThat(drained.get()).isTrue();
        }
    }

    @Test
    void shouldEndWhatDoesNotFinishInTimeWithAnError() throws Exception {
        try (HttpTestServer server = HttpTestServer.plain();
                RawClient running = new RawClient(server.port())) {
            server.engine.permits = new Semaphore(1);
            running.post("/v1/completions", "{\"prompt\":\"abc\",\"max_tokens\":3,\"stream\":true}");
            await("a token").until(() -> server.engine.generated.get() == 1);
            assertThat(server.server.drain(Duration.ofMillis(50))).isFalse();
            assertThat(running.read().body()).contains("event: error").contains("shutting_down");
            await("the sequence to be cancelled").until(() -> server.engine.cancelled.get() == 1);
        }
    }

    // The JDK has no public way to make a certificate, and a key does not belong in the repository.
    @SuppressWarnings("deprecation")
    @Test
    void shouldServeTlsAndRefuseWhatIsNone() throws Exception {
        final SelfSignedCertificate certificate = new SelfSignedCertificate("localhost");
        final ApiConfig.Tls tls = new ApiConfig.Tls(
                certificate.certificate().toPath(), certificate.privateKey().toPath());
        try (HttpTestServer server = new HttpTestServer(
                config -> config.withTls(tls).withLimits(config.limits().withTimeouts(TLS_TIMEOUTS)), new ByteText())) {
            final SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustAll()}, null);
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory()
                            .createSocket(RawClient.plain(server.port(), 0), "localhost", server.port(), true);
                    RawClient client = new RawClient(socket)) {
                client.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\n\r\n");
                assertThat(client.read().status()).isEqualTo(200);
                assertThat(client.read().status())
                        .as("the gate stands behind TLS too")
                        .isEqualTo(400);
            }
            try (RawClient plain = new RawClient(server.port())) {
                plain.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
                assertThat(plain.isClosed()).isTrue();
                assertThat(server.rejected("not_tls")).isEqualTo(1);
            }
            try (RawClient huge = new RawClient(server.port())) {
                // A client hello that claims 16 MiB: refused without the memory.
                huge.send(new byte[] {22, 3, 1, 0, 4, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff});
                assertThat(huge.readBytesOrEnd(1000)).as("an alert at most").hasSizeLessThan(100);
                assertThat(server.rejected("tls_handshake_failed")).isEqualTo(1);
            }
            try (RawClient silent = new RawClient(server.port())) {
                assertThat(silent.isClosed()).as("handshake deadline").isTrue();
            }
        }
    }

    private static OpenAIClient client(final HttpTestServer server, final String key) {
        return OpenAIOkHttpClient.builder()
                .baseUrl("http://127.0.0.1:" + server.port() + "/v1")
                .apiKey(key)
                .maxRetries(0)
                .build();
    }

    /** For the test's own certificate. */
    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(final X509Certificate[] chain, final String type) {}

        @Override
        public void checkServerTrusted(final X509Certificate[] chain, final String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
