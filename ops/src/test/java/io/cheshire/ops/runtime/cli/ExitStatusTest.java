package io.cheshire.ops.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.coordinator.runtime.ControlConfig;
import io.cheshire.ops.runtime.ShutdownSignal;
import io.cheshire.settings.SettingReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExitStatusTest {
    @Test
    void shouldAnswerZeroWhenSomebodyAskedTheProcessToStop() throws Exception {
        try (ClusterSystem cluster =
                        ClusterSystem.local(SettingReader.read(ConfigFactory.load(), ControlConfig::alone));
                ShutdownSignal signal = ShutdownSignal.install()) {
            signal.request();

            assertThat(ExitStatus.await("router 0", signal, cluster)).isZero();
            assertThat(cluster.hasEnded()).isFalse();
        }
    }

    @Test
    void shouldAskToBeStartedAnewWhenTheClusterEndedTheProcess() throws Exception {
        try (ClusterSystem cluster =
                        ClusterSystem.local(SettingReader.read(ConfigFactory.load(), ControlConfig::alone));
                ShutdownSignal signal = ShutdownSignal.install()) {
            cluster.system().terminate();

            assertThat(ExitStatus.await("router 0", signal, cluster)).isEqualTo(ExitStatus.REMOVED_STATUS);
        }
    }
}
