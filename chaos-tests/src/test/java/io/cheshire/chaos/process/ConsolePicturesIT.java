package io.cheshire.chaos.process;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.testing.ConsoleBrowser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Takes the pictures of docs/console.md anew, of sixteen nodes under load; {@link ConsoleChaosIT} takes those of the
 * page Chaos.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@EnabledIfSystemProperty(
        named = "cheshire.console.pictures",
        matches = ".+",
        disabledReason = "takes pictures: give -Dcheshire.console.pictures=$PWD/docs/ui")
class ConsolePicturesIT {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int STREAMS = 6;
    private static final int HISTORY_SECONDS = 60;
    private static final LocatorAssertions.ContainsTextOptions IN_A_MINUTE =
            new LocatorAssertions.ContainsTextOptions().setTimeout(60_000);

    private final Path directory = Path.of(System.getProperty("cheshire.console.pictures", ""));

    @Test
    void shouldTakePicturesOfAllPages() throws Exception {
        final Path chromium = ConsoleBrowser.needed();
        Files.createDirectories(directory);
        // Pictures show the model's directory, which is to be nobody's in particular.
        final Path model = Path.of("").toAbsolutePath().relativize(TestServer.cheshireMini());
        final Map<String, Object> settings =
                Map.of("cheshire.model.precision", "bf16", "cheshire.coordinator.replicas", 2);
        try (TestServer server = TestServer.start(model, 16, settings)) {
            server.awaitReplicas();
            try (ConsoleLoad _ = new ConsoleLoad(server.api(), STREAMS)) {
                Await.until(
                        "there is something to see",
                        LIMIT,
                        Await.CLUSTER_POLL,
                        () -> server.ops()
                                        .read("/admin/v1/history?metric=engine.running")
                                        .get("timesMs")
                                        .size()
                                > HISTORY_SECONDS,
                        () -> "too little history");
                for (final ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                    takeAll(chromium, server.process().operations().port(), scheme);
                }
            }
        }
    }

    private void takeAll(final Path chromium, final int port, final ColorScheme scheme) {
        try (ConsoleBrowser painter = new ConsoleBrowser(chromium, port, scheme, 1280, 800)) {
            for (final String where : List.of(
                    "overview",
                    "experts?layer=1&expert=2",
                    "nodes?node=3",
                    "placement",
                    "dataplane",
                    "requests",
                    "chat",
                    "config?show=set")) {
                painter.open(where);
                if (where.equals("chat")) {
                    painter.find("#question").fill("What is 17 + 25?");
                    painter.find("#question").press("Enter");
                    assertThat(painter.find(".message.assistant .measure")).containsText("tokens/s", IN_A_MINUTE);
                }
                painter.picture(picture(where.replaceAll("\\?.*", ""), scheme));
                if (where.equals("overview") && scheme == ColorScheme.LIGHT) {
                    painter.page().setViewportSize(390, 844);
                    painter.picture(directory.resolve("overview-phone.png"));
                    painter.page().setViewportSize(1280, 800);
                }
            }
        }
    }

    private Path picture(final String page, final ColorScheme scheme) {
        return directory.resolve(page + "-" + scheme.name().toLowerCase(Locale.ROOT) + ".png");
    }
}
