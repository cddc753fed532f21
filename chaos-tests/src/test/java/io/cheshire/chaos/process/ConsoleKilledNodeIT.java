package io.cheshire.chaos.process;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.cheshire.testing.Alone;
import io.cheshire.testing.ConsoleBrowser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A killed node on the console of a cluster of processes, with nothing beside it on the host. */
@Alone
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class ConsoleKilledNodeIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Test
    void shouldShowWithinTwoSecondsThatANodeWasKilled(@TempDir final Path logs) throws Exception {
        final Path chromium = ConsoleBrowser.needed();
        final List<String> flags =
                List.of("--nodes", "3", "--replicas", "2", "--precision", "bf16", "--log-dir", logs.toString());
        try (ClusterProcesses cluster = ClusterProcesses.start(LIMIT, flags);
                ConsoleBrowser watcher =
                        new ConsoleBrowser(chromium, cluster.opsPort(), ColorScheme.LIGHT, 1280, 800)) {
            cluster.awaitWhole(3, 2, LIMIT);
            watcher.open("overview");
            assertThat(watcher.find(".tile[data-node='1']")).hasAttribute("data-state", "ready");
            cluster.harm("expert-node-1", Harm.KILL);
            final LocatorAssertions.HasAttributeOptions soon =
                    new LocatorAssertions.HasAttributeOptions().setTimeout(2_000);
            assertThat(watcher.find(".tile[data-node='1']"))
                    .hasAttribute("data-state", Pattern.compile("gone|unreachable|suspect"), soon);
            assertThat(watcher.find("#happened .events li:has-text('node 1')").first())
                    .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(2_000));
            watcher.assertNoComplaint();
        }
    }
}
