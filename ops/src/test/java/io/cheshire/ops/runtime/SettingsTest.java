package io.cheshire.ops.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.coordinator.runtime.ClusterConfig;
import io.cheshire.ops.runtime.process.ProcessConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the layers of a configuration become one, and what is said of what nobody knows. */
class SettingsTest {
    @Test
    void shouldNameEveryUnknownKeyBesideEveryWrongValueWithTheNearestName(@TempDir final Path dir) throws Exception {
        final Path file = Files.writeString(dir.resolve("c.conf"), """
                cheshire {
                  router.engine { lane = 3, sesquipedalian = 1 }
                  nodez = 4
                  node.x = 1
                }
                """);
        final Settings settings = Settings.load(file, Map.of("cheshire.threads", "some"));

        assertThatThrownBy(() -> settings.read(ProcessConfig::alone))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "configuration: 5 problems",
                        "cheshire.router.engine.lane: unknown; did you mean cheshire.router.engine.lanes?",
                        "cheshire.router.engine.sesquipedalian: unknown; every known key stands in a module's"
                                + " reference.conf",
                        "cheshire.nodez: unknown; did you mean cheshire.nodes?",
                        "cheshire.node: unknown; did you mean cheshire.nodes?",
                        "cheshire.threads = some: must be auto, shared or dedicated");
    }

    @Test
    void shouldTakeFlagsBeforeTheFileAndTheFileBeforeDefaults(@TempDir final Path dir) throws Exception {
        final Path file = Files.writeString(dir.resolve("c.conf"), "cheshire { nodes = 3, threads = shared }");

        final ProcessConfig config =
                Settings.load(file, Map.of("cheshire.nodes", 2)).read(ProcessConfig::launcher);

        assertThat(config.nodes()).isEqualTo(2);
        assertThat(config.sharing().name()).isEqualTo("SHARED");
        assertThat(config.engine().lanes()).isEqualTo(2);
    }

    @Test
    void shouldKnowWhatNobodySet() {
        assertThat(Settings.load(null, Map.of()).isDefault(ClusterConfig.NICE)).isTrue();
        assertThat(Settings.load(null, Map.of(ClusterConfig.NICE, 0)).isDefault(ClusterConfig.NICE))
                .isFalse();
    }
}
