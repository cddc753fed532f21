package io.cheshire.coordinator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.cheshire.settings.SettingReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What the kernel says of each thread. */
@EnabledOnOs(OS.LINUX)
class NicePoolTest {
    private static final Path CALLING_THREAD = Path.of("/proc/thread-self/stat");
    /** Of proc_pid_stat(5), counted from the state, which follows the name in parentheses. */
    private static final int NICE_AFTER_STATE = 16;

    @Test
    void shouldMakeTheThreadsOfItsDispatcherNiceAndNoOthers() throws Exception {
        try (ClusterSystem system = ClusterSystem.local(SettingReader.read(
                ConfigFactory.parseString("cheshire.pekko.actor.default-dispatcher.nice = 7")
                        .withFallback(ConfigFactory.load()),
                ControlConfig::alone))) {
            assertThat(niceOn(system, DispatcherSelector.defaultDispatcher())).isEqualTo(7);
            assertThat(niceOn(system, DispatcherSelector.fromConfig("pekko.actor.internal-dispatcher")))
                    .isZero();
        }
        assertThat(niceOfThisThread()).isZero();
    }

    private static int niceOn(final ClusterSystem system, final DispatcherSelector dispatcher) throws Exception {
        final CompletableFuture<Integer> nice = new CompletableFuture<>();
        system.system().dispatchers().lookup(dispatcher).execute(() -> {
            try {
                nice.complete(niceOfThisThread());
            } catch (final Exception cause) {
                nice.completeExceptionally(cause);
            }
        });
        return nice.get(30, TimeUnit.SECONDS);
    }

    private static int niceOfThisThread() throws Exception {
        final String stat = Files.readString(CALLING_THREAD);
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[NICE_AFTER_STATE]);
    }
}
