package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.cheshire.settings.SettingReader;
import io.cheshire.settings.testing.ReferenceConf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The settings of this module: all are read, all are explained, and every wrong one is named. */
class HttpSettingsTest {
    private static final String SECTION = "cheshire.router.http";
    private static final String OPS = "cheshire.ops";

    @Test
    void shouldReadAndExplainEverySetting() {
        assertThat(ReferenceConf.unread(ApiConfig::from, SECTION)).isEmpty();
        assertThat(ReferenceConf.unread(root -> OpsConfig.from(root, 0), OPS)).isEmpty();
        assertThat(ReferenceConf.withoutComment(SECTION)).isEmpty();
        assertThat(ReferenceConf.withoutComment(OPS)).isEmpty();
    }

    @Test
    void shouldNameEveryWrongSettingAtOnce() {
        final String said = ReferenceConf.saidOf(ReferenceConf.everyValueWrong(SECTION), ApiConfig::from);

        assertThat(said).contains(ReferenceConf.keys(SECTION));
        assertThat(ReferenceConf.saidOf(ReferenceConf.everyValueWrong(OPS), root -> OpsConfig.from(root, 0)))
                .contains(ReferenceConf.keys(OPS));
    }

    @Test
    void shouldListenWhereTheKindOfProcessDoesUnlessToldOtherwise() {
        assertThat(ops("").listen().port()).isEqualTo(7);
        assertThat(ops("cheshire.ops.port = 9091").listen().port()).isEqualTo(9091);
        assertThat(ops("cheshire.ops.port = 0").listen().port()).isZero();
    }

    @Test
    void shouldAnswerOperationsUnderTheNamesOfTheApiUnlessOthersAreGiven() {
        final String api = "cheshire.router.http.allowed-hosts = [models.internal]\n";

        assertThat(ops(api).hosts()).containsExactly("models.internal");
        assertThat(ops(api + "cheshire.ops.allowed-hosts = [ops.internal]").hosts())
                .containsExactly("ops.internal");
    }

    private static OpsConfig ops(final String settings) {
        return SettingReader.read(
                ConfigFactory.parseString(settings)
                        .withFallback(ConfigFactory.defaultReferenceUnresolved())
                        .resolve(),
                root -> OpsConfig.from(root, 7));
    }

    @Test
    void shouldNameEveryLimitThatIsNegative() {
        final StringBuilder negative = new StringBuilder();
        for (final String key : ReferenceConf.keys(SECTION + ".limits")) {
            negative.append(key).append(" = -1\n");
        }

        assertThat(said(negative.toString()))
                .contains(ReferenceConf.keys(SECTION + ".limits"))
                .contains(
                        "limits.connections = -1: must be 1 or more",
                        "limits.answer-bytes = -1: must be auto, or a size, 1 B or more",
                        "limits.header-timeout = -1: must be a duration, 1 ms to 365 d, such as 5 s");
    }

    @Test
    void shouldNameKeysAndPagesThatAreNoneWithoutShowingAKey() {
        assertThat(said("""
                        cheshire.ops.key = "very secret"
                        cheshire.router.http {
                          api-keys = [{ tenant = a, key = sk-1 }, { tenant = b, key = "very secret" }]
                          cors.origins = ["https://a/path"]
                          tls.certificate = c.pem
                        }
                        """))
                .contains(
                        "configuration: 3 problems",
                        "cheshire.router.http.api-keys[1].key: ",
                        "cheshire.router.http.cors.origins = [\"https://a/path\"]: has 'https://a/path'",
                        "cheshire.router.http.tls.key = \"\": must not be empty")
                .doesNotContain("very secret");
        assertThat(ReferenceConf.saidOf(
                        ConfigFactory.parseString("cheshire.ops.key = \"very secret\"")
                                .withFallback(ConfigFactory.load()),
                        root -> OpsConfig.from(root, 0)))
                .contains("cheshire.ops.key: ")
                .doesNotContain("very secret");
    }

    @Test
    void shouldAddTheKeysOfTheFileWhenItIsChecked(@TempDir final Path dir) throws IOException {
        final Path file = Files.writeString(dir.resolve("keys"), "b:sk-2\n");
        final ApiConfig config = SettingReader.read(
                ConfigFactory.parseString("cheshire.router.http { port = 0, api-keys-file = \"" + file
                                + "\", api-keys = [{ tenant = a, key = sk-1 }] }")
                        .withFallback(ConfigFactory.load()),
                ApiConfig::from);

        assertThat(config.checked().keys()).extracting(ApiConfig.ApiKey::tenant).containsExactly("a", "b");
        assertThatThrownBy(config::requireKeys)
                .as("never open because nobody read the file")
                .isInstanceOf(IllegalStateException.class);
    }

    private static String said(final String settings) {
        return ReferenceConf.saidOf(
                ConfigFactory.parseString(settings).withFallback(ConfigFactory.load()), ApiConfig::from);
    }
}
