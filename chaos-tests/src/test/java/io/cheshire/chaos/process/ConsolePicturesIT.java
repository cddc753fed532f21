package io.cheshire.chaos.process;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
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
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Takes the pictures of docs/console.md anew, of sixteen nodes under load. */
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

    private static final LocatorAssertions.IsAttachedOptions AT_LAST =
            new LocatorAssertions.IsAttachedOptions().setTimeout(120_000);

    private static final String CHAOS_KEY = "key-of-experiments-here";
    private static final String FILE = """
            name: a node drained while units move
            load: {streams: 4, prompt-tokens: 12, answer-tokens: 64, duration: 30s}
            cluster: {on: running}
            faults:
              - {at: 6s, kind: drain, target: {node: 3}, for: 8s}
              - {at: 20s, kind: move, units: 8}
            hypothesis: {tokens: identical, goodput-at-least: 20%, whole-again-within: 30s, books: balanced}
            """;

    private final Path directory = Path.of(System.getProperty("cheshire.console.pictures", ""));

    @Test
    void shouldTakePicturesOfAllPages() throws Exception {
        final Path chromium = ConsoleBrowser.needed();
        Files.createDirectories(directory);
        // Pictures show the model's directory, which is to be nobody's in particular.
        final Path model = Path.of("").toAbsolutePath().relativize(TestServer.cheshireMini());
        final Map<String, Object> settings = Map.of(
                "cheshire.model.precision",
                "bf16",
                "cheshire.coordinator.replicas",
                2,
                "cheshire.chaos.enabled",
                "on",
                "cheshire.chaos.key",
                CHAOS_KEY);
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
                takeChaos(chromium, server.process().operations().port());
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
                    assertThat(painter.find(".message.assistant .measure"))
                            .containsText(Pattern.compile("[0-9]+ tokens"), IN_A_MINUTE);
                }
                painter.picture(picture(where.replaceAll("\\?.*", ""), scheme));
                if (scheme == ColorScheme.LIGHT && where.matches("overview|experts.*|placement|chat")) {
                    takePhone(painter, where.replaceAll("\\?.*", ""));
                }
            }
        }
    }

    /** One experiment for both schemes: amid it, and when it is over. */
    private void takeChaos(final Path chromium, final int port) {
        try (ConsoleBrowser painter = new ConsoleBrowser(chromium, port, ColorScheme.LIGHT, 1280, 800)) {
            painter.open("chaos");
            painter.find("#chaoskey input").fill(CHAOS_KEY);
            painter.find("#chaoskey button").click();
            painter.find("#file textarea").fill(FILE);
            assertThat(painter.find("#targets td").nth(2)).containsText("expert-node-3", IN_A_MINUTE);
            takeBoth(painter, "chaos-file", "#form input[name='name']");
            painter.find("#start").click();
            painter.find("dialog input").fill("pictures");
            painter.find("dialog button[type=submit]").click();
            assertThat(painter.find("#running .said:has-text('over:')")).isAttached(AT_LAST);
            assertThat(painter.find("#running .runchart rect.instant").first()).isAttached(AT_LAST);
            takeBoth(painter, "chaos-running", "#running .runchart");
            takePhone(painter, "chaos-running");
            assertThat(painter.find("#verdict [data-outcome]")).isAttached(AT_LAST);
            takeBoth(painter, "chaos-verdict", "#verdict td");
        }
    }

    /** @param shown is waited for: the page is drawn anew for each scheme */
    private void takeBoth(final ConsoleBrowser painter, final String name, final String shown) {
        for (final ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            painter.page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            painter.page().waitForSelector(shown);
            painter.page().evaluate("() => document.activeElement?.blur()");
            painter.picture(picture(name, scheme));
        }
    }

    private void takePhone(final ConsoleBrowser painter, final String name) {
        painter.page().setViewportSize(390, 844);
        painter.page().waitForFunction("() => document.documentElement.scrollWidth <= innerWidth");
        painter.picture(directory.resolve(name + "-phone.png"));
        painter.page().setViewportSize(1280, 800);
    }

    private Path picture(final String page, final ColorScheme scheme) {
        return directory.resolve(page + "-" + scheme.name().toLowerCase(Locale.ROOT) + ".png");
    }
}
