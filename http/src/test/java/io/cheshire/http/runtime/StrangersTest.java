package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.http.protocol.Cors;
import io.cheshire.http.protocol.TrustedHosts;
import io.cheshire.settings.SettingReader;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets at a server that listens on loopback, or on more. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StrangersTest {
    private static final String DRAIN = "{\"node\":3}";

    private HttpTestServer server;

    @BeforeAll
    void start() {
        server = new HttpTestServer(
                config -> config.withAccess(new ApiConfig.Access(List.of("Models.Example"), Cors.off(), false)),
                ops -> ops.withHosts(List.of("Models.Example")),
                new ByteText());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, 200",
        "LOCALHOST.:8000, 200",
        "127.0.0.1:9, 200",
        "[::1]:8000, 200",
        "models.example:443, 200",
        "evil.example, 421",
        "evil.example:8000, 421",
        "localhost.evil.example, 421",
        "127.0.0.1.evil.example, 421",
        "10.0.0.1, 421"
    })
    void shouldAnswerOnLoopbackOnlyUnderItsOwnNames(final String host, final int status) throws Exception {
        for (final int port : ports()) {
            for (final String path : new String[] {"/health", "/v1/models", "/metrics", "/admin/v1/cluster", "/none"}) {
                try (RawClient client = new RawClient(port)) {
                    client.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
                    final RawClient.Response response = client.read();
                    assertThat(response.status()).isIn(status, status == 200 ? 404 : 421);
                    if (status == 421) {
                        assertThat(response.body())
                                .contains("host_not_allowed", TrustedHosts.hostOf(host))
                                .contains((port == server.ops.port() ? OpsConfig.SECTION : ApiConfig.SECTION)
                                        + ".allowed-hosts");
                    }
                }
            }
            try (Http2Client client = new Http2Client(port)) {
                client.frame(
                        Http2Client.HEADERS,
                        5,
                        1,
                        Http2Client.headers(
                                ":method", "GET", ":scheme", "http", ":path", "/health", ":authority", host));
                assertThat(client.outcome()).isEqualTo(status == 200 ? "200" : "other status");
            }
            try (RawClient client = new RawClient(port)) {
                client.send("GET http://" + host + "/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertThat(client.read().status()).as("absolute form").isEqualTo(status);
            }
        }
    }

    @Test
    void shouldTakeTheHostHeaderOfHttp2ForTheNameWhereThereIsNoAuthority() throws Exception {
        for (final String host : new String[] {"evil.example", "localhost"}) {
            try (Http2Client client = new Http2Client(server.port())) {
                client.frame(
                        Http2Client.HEADERS,
                        5,
                        1,
                        Http2Client.headers(":method", "GET", ":scheme", "http", ":path", "/health", "host", host));
                assertThat(client.outcome()).isEqualTo(host.equals("localhost") ? "200" : "other status");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:PORT, true",
        "https://models.example, true",
        "http://evil.example, false",
        "http://127.0.0.1:1, false",
        "null, false"
    })
    void shouldLetOnlyItsOwnPagesChangeAnything(final String from, final boolean isOwn) throws Exception {
        for (final int port : ports()) {
            final String origin = from.replace("PORT", Integer.toString(port));
            final boolean isOps = port == server.ops.port();
            final String path = isOps ? "/admin/v1/cluster/drain" : "/v1/completions";
            final String body = isOps ? DRAIN : "{\"prompt\":\"a\"}";
            try (RawClient client = new RawClient(port)) {
                client.send("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                        + "\r\nContent-Type: application/json\r\nOrigin: " + origin + "\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body);
                final RawClient.Response response = client.read();
                assertThat(response.status()).as(response.body()).isEqualTo(isOwn ? isOps ? 202 : 200 : 403);
                if (!isOwn) {
                    assertThat(response.body()).contains(isOps ? "operations listener" : Cors.SETTING);
                }
            }
        }
    }

    @Test
    void shouldAnswerUnderAnyNameOffLoopbackUnlessSomeAreConfigured() {
        assertThat(new TrustedHosts(false, "0.0.0.0", List.of()).allows("models.internal:8000"))
                .isTrue();
        final TrustedHosts named = new TrustedHosts(false, "0.0.0.0", List.of("models.internal"));
        assertThat(named.allows("models.internal:8000")).isTrue();
        assertThat(named.allows("10.0.0.7:8000")).as("health checks").isTrue();
        assertThat(named.allows("evil.example")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1"})
    void shouldRefuseToListenForTheNetworkWithoutKeys(final String host) {
        assertThatThrownBy(() -> checked("cheshire.router.http.host = \"" + host + "\""))
                .hasMessageContainingAll(
                        "cheshire.router.http.host is " + host,
                        "cheshire.router.http.api-keys-file",
                        "cheshire.router.http.insecure = true");
        assertThatThrownBy(() -> checked("cheshire.ops.host = \"" + host + "\""))
                .hasMessageContainingAll(
                        "cheshire.ops.host is " + host, "cheshire.ops.key", "cheshire.ops.insecure = true");
    }

    @Test
    void shouldListenForTheNetworkWithKeysOrWhereItIsSaidAloud() {
        for (final String settings : new String[] {
            "cheshire.router.http { host = 0.0.0.0, api-keys = [{tenant = a, key = sk-a-1}] }",
            "cheshire.router.http { host = 0.0.0.0, insecure = true }",
            "cheshire.ops { host = 0.0.0.0, key = k1 }",
            "cheshire.ops { host = 0.0.0.0, insecure = true }"
        }) {
            assertThatCode(() -> checked(settings)).as(settings).doesNotThrowAnyException();
        }
    }

    @Test
    void shouldRefuseAtTheStartOfTheServerToo() {
        final ApiConfig open = SettingReader.read(
                ConfigFactory.parseString("cheshire.router.http { port = 0, host = 0.0.0.0 }")
                        .withFallback(ConfigFactory.load()),
                ApiConfig::from);
        assertThatThrownBy(() -> new HttpTestServer(config -> open, new ByteText()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cheshire.router.http.insecure");
        final OpsConfig openOps = SettingReader.read(
                ConfigFactory.parseString("cheshire.ops.host = 0.0.0.0").withFallback(ConfigFactory.load()),
                root -> OpsConfig.from(root, 0));
        assertThatThrownBy(() -> new HttpTestServer(config -> config, config -> openOps, new ByteText()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cheshire.ops.insecure");
    }

    private static void checked(final String settings) {
        final Config config = ConfigFactory.parseString(settings).withFallback(ConfigFactory.load());
        SettingReader.read(config, ApiConfig::from).requireKeys();
        SettingReader.read(config, root -> OpsConfig.from(root, 0)).requireKey();
    }

    private int[] ports() {
        return new int[] {server.port(), server.ops.port()};
    }
}
