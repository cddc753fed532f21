package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.settings.SettingReader;
import io.cheshire.settings.testing.ReferenceConf;
import io.cheshire.transport.runtime.TransportConfig.DriverMode;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a process goes by: all of it is read at once, and every wrong value of every module is named. */
class ProcessSettingsTest {
    private static final String[] OWN = {
        "cheshire.model", "cheshire.nodes", "cheshire.threads", "cheshire.device", "cheshire.role", "cheshire.shutdown"
    };
    private static final List<Function<SettingReader, ProcessConfig>> KINDS = List.of(
            ProcessConfig::alone,
            ProcessConfig::coordinator,
            ProcessConfig::router,
            ProcessConfig::expertNode,
            ProcessConfig::launcher);

    @Test
    void shouldExplainEverySetting() {
        assertThat(ReferenceConf.withoutComment("cheshire"))
                .filteredOn(key -> !key.startsWith("cheshire.pekko."))
                .isEmpty();
    }

    @Test
    void shouldNameEveryWrongSettingOfEveryModuleAtOnceInEveryKindOfProcess() {
        final Set<String> all = ReferenceConf.keys("cheshire").stream()
                .filter(key -> !key.startsWith("cheshire.pekko."))
                .collect(Collectors.toSet());
        final Config wrong = ReferenceConf.everyValueWrong(all.toArray(String[]::new));

        for (int kind = 0; kind < KINDS.size(); kind++) {
            final Set<String> fixed = kind == 0
                    ? Set.of(
                            "cheshire.coordinator.expected-nodes",
                            "cheshire.transport.driver.mode",
                            "cheshire.transport.driver.directory",
                            "cheshire.transport.driver.name",
                            "cheshire.transport.lifelines")
                    : Set.of("cheshire.coordinator.expected-nodes");

            assertThat(all)
                    .as("but for what the kind of process decides")
                    .filteredOn(key -> !fixed.contains(key))
                    .allMatch(ReferenceConf.saidOf(wrong, KINDS.get(kind))::contains);
        }
        assertThat(all).contains(ReferenceConf.keys(OWN).toArray(String[]::new));
    }

    @Test
    void shouldSayInTheSameWordsWhatIsWrongInSeveralModules() {
        assertThat(said(ProcessConfig::alone, """
                        cheshire {
                          nodes = 300
                          threads = many
                          device.kernels = abacus
                          model { precision = fp8, weight-scan = maybe }
                          router { engine.lanes = 0, http.limits.body = 0, http.unknown-fields = guess }
                          transport { idle-strategy = sleep, max-routers = 0 }
                          expert-node.compute-slots = 0
                          coordinator.silent-after = 1 ms
                          member.concurrent-loads = 0
                          cluster.nice = -1
                        }
                        """))
                .isEqualTo(String.join(
                        "\n  ",
                        "configuration: 14 problems",
                        "cheshire.nodes = 300: must be 1 to 256, cheshire.coordinator.max-nodes",
                        "cheshire.threads = many: must be auto, shared or dedicated",
                        "cheshire.model.precision = fp8: must be bf16, fp32, int8, int8-g64, int8-g32, int4,"
                                + " int4-g128 or int4-g32",
                        "cheshire.model.weight-scan = maybe: must be refuse, warn or off",
                        "cheshire.device.kernels = abacus: must be auto, cuda, onednn, paced or reference",
                        "cheshire.transport.max-routers = 0: must be 1 to 1024",
                        "cheshire.transport.idle-strategy = sleep: must be backoff or spin",
                        "cheshire.expert-node.compute-slots = 0: must be 1 or more",
                        "cheshire.router.engine.lanes = 0: must be 1 to 64",
                        "cheshire.router.http.unknown-fields = guess: must be refuse or ignore",
                        "cheshire.router.http.limits.body = 0: must be a size, 1 B or more",
                        "cheshire.cluster.nice = -1: must be 0 to 19",
                        "cheshire.coordinator.silent-after = 1 ms: must be at least twice"
                                + " cheshire.coordinator.report-interval (1 s)",
                        "cheshire.member.concurrent-loads = 0: must be 1 to 1024"));
    }

    @Test
    void shouldDecideForAProcessThatIsTheWholeClusterWhatAutoMeans() {
        final ProcessConfig alone = SettingReader.read(
                with("cheshire { threads = shared, nodes = 3, transport.secret = \"sixteen characters\" }"),
                ProcessConfig::alone);

        assertThat(alone.control().coordinator().members().expectedNodes()).isEqualTo(3);
        assertThat(alone.control().coordinator().replicas().perUnit()).isEqualTo(1);
        assertThat(alone.transport().driver().mode()).isEqualTo(DriverMode.INVOKER);
        assertThat(alone.transport().links().frameMac()).isFalse();
        assertThat(alone.transport().links().lifelines()).isFalse();
    }

    @Test
    void shouldLeaveWhatIsAskedForWhenAProcessIsTheWholeCluster() {
        final ProcessConfig alone = SettingReader.read(
                with("cheshire { threads = dedicated, coordinator.replicas = 2, transport { frame-mac = on,"
                        + " secret = \"sixteen characters\" } }"),
                ProcessConfig::alone);

        assertThat(alone.control().coordinator().replicas().perUnit()).isEqualTo(2);
        assertThat(alone.transport().driver().mode()).isEqualTo(DriverMode.THREAD);
        assertThat(alone.transport().links().frameMac()).isTrue();
    }

    private static String said(final Function<SettingReader, ProcessConfig> kind, final String settings) {
        return ReferenceConf.saidOf(with(settings), kind);
    }

    private static Config with(final String settings) {
        return ConfigFactory.parseString(settings).withFallback(ConfigFactory.load());
    }

    @Test
    void shouldPaceKernelsByAFileOnlyAndOnlyWhereAskedTo() {
        assertThat(saidOf("cheshire.device.kernels = paced"))
                .contains("cheshire.device.paced-by", "must name a calibration.json (./cheshire calibrate)");
        assertThat(saidOf("cheshire.device.paced-by = c.json"))
                .contains("cheshire.device.paced-by = c.json", "must be empty unless cheshire.device.kernels = paced");
        assertThat(saidOf("cheshire.device { kernels = paced, paced-by = c.json, router-kernels = onednn }"))
                .contains("cheshire.device.router-kernels", "must be same, since cheshire.device.kernels = paced");
    }

    private static String saidOf(final String setting) {
        final SettingReader reader =
                SettingReader.of(ConfigFactory.parseString(setting).withFallback(ConfigFactory.load()));
        DeviceConfig.from(reader);
        return String.valueOf(org.assertj.core.api.Assertions.catchThrowable(reader::throwIfProblems));
    }
}
