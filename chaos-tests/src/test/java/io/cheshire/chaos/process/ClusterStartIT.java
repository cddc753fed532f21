package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.chaos.runtime.ServeProcess;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a cluster of processes says when it doesn't start. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ClusterStartIT {
    @Test
    void shouldSayWhatTheRouterSaidWhenItEndsBeforeTheClusterIsReady(@TempDir final Path logs) {
        assertThatThrownBy(() -> ServeProcess.startCluster(
                        "--nodes", "1", "--log-dir", logs.toString(), "-Dcheshire.router.engine.kv.bytes=1"))
                .hasMessageContaining("router ended with status 1")
                .hasMessageContaining("cheshire.router.engine.kv.bytes = 1: must be at least one block")
                .hasRootCauseMessage("it ended with status 1");
    }
}
