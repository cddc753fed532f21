package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.cheshire.settings.SettingReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which keys are let in, and which are none. */
class ApiKeysTest {
    @TempDir
    private Path dir;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "alice:          | tenant alice is empty",
                ":sk-1           | tenant is ''",
                "sk:abc          | A colon ends the tenant's name",
                "Bearer:abc      | A colon ends the tenant's name",
                "al ice:sk-1     | tenant is 'al ice'",
                "alice:sk 1      | can't be sent in a header",
                "alice:sk-ü      | can't be sent in a header"
            })
    void shouldRefuseALineThatIsNoKey(final String line, final String words) throws IOException {
        final Path file = Files.writeString(dir.resolve("keys"), "# team\n" + line + "\n");

        assertThatThrownBy(() -> ApiKeys.readFile(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("line 2 of " + file, words);
    }

    @Test
    void shouldKeepColonsBehindTheTenant() throws IOException {
        final Path file = Files.writeString(dir.resolve("keys"), "team:sk:abc\nplain\n");
        final ApiKeys keys = new ApiKeys(ApiKeys.readFile(file));

        assertThat(keys.tenantOf("Bearer sk:abc")).isEqualTo("team");
        assertThat(keys.tenantOf("Bearer abc")).isNull();
        assertThat(keys.tenantOf("Bearer team:sk:abc")).isNull();
        assertThat(keys.tenantOf("Bearer plain")).isEqualTo("key-1");
    }

    @Test
    void shouldNotShowAKeyInAnError() throws IOException {
        final Path file = Files.writeString(dir.resolve("keys"), "sk:very-secret\n");

        assertThatThrownBy(() -> ApiKeys.readFile(file)).message().doesNotContain("very-secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "api-keys = [{tenant = a, key = \"\"}]",
                "api-keys = [{tenant = \"\", key = sk-1}]",
                "api-keys = [{tenant = a, key = \" \"}]"
            })
    void shouldRefuseEmptyKeysInTheConfiguration(final String settings) {
        assertThatThrownBy(() -> SettingReader.read(
                        ConfigFactory.parseString("cheshire.router.http { " + settings + " }")
                                .withFallback(ConfigFactory.load()),
                        ApiConfig::from))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseOneKeyForTwoTenants() {
        assertThatThrownBy(() ->
                        new ApiKeys(List.of(new ApiConfig.ApiKey("a", "sk-1"), new ApiConfig.ApiKey("b", "sk-1"))))
                .hasMessageContainingAll("tenants a and b", "same API key");
    }

    @Test
    void shouldLetNobodyInWithoutAKeyOverHttp2() throws Exception {
        try (HttpTestServer server = new HttpTestServer(
                config -> config.withKeys(List.of(new ApiConfig.ApiKey("a", "sk-1"))),
                ops -> ops.withKey("ops-1"),
                new ByteText())) {
            for (final int port : new int[] {server.port(), server.ops.port()}) {
                final String path = port == server.port() ? "/v1/models" : "/metrics";
                for (final String sent : new String[] {"Bearer ", "Bearer  ", "Bearer", "bearer \t", ""}) {
                    try (Http2Client client = new Http2Client(port)) {
                        client.frame(
                                Http2Client.HEADERS,
                                5,
                                1,
                                Http2Client.headers(
                                        ":method",
                                        "GET",
                                        ":scheme",
                                        "http",
                                        ":path",
                                        path,
                                        ":authority",
                                        "a",
                                        "authorization",
                                        sent));
                        assertThat(client.outcome()).as("'" + sent + "'").isIn("other status", "reset");
                    }
                }
            }
            assertThat(server.rejected("invalid_api_key")).isPositive();
        }
    }
}
