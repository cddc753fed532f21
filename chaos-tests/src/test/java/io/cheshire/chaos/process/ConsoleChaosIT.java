package io.cheshire.chaos.process;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.testing.Alone;
import io.cheshire.testing.ConsoleBrowser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Experiments from the console on the cluster that shows it, where every listener has a key. */
@Alone
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleChaosIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String OPS_KEY = "key-of-operations-here";
    private static final String CHAOS_KEY = "key-of-experiments-here";
    private static final String FILE = """
            name: drained from a page
            load: {streams: 2, prompt-tokens: 8, answer-tokens: 12, duration: 3s}
            cluster: {on: running}
            faults:
              - {at: 1s, kind: drain, target: {node: 1}, for: FOR}
            hypothesis: {tokens: identical}
            """;
    private static final LocatorAssertions.HasAttributeOptions AT_LAST =
            new LocatorAssertions.HasAttributeOptions().setTimeout(60_000);

    private static final LocatorAssertions.ContainsTextOptions IN_A_MINUTE =
            new LocatorAssertions.ContainsTextOptions().setTimeout(60_000);

    private TestServer server;
    private ConsoleBrowser browser;

    @BeforeAll
    void start() {
        final Path chromium = ConsoleBrowser.needed();
        server = TestServer.start(
                TestServer.cheshireMini(),
                2,
                Map.of(
                        "cheshire.model.precision",
                        "bf16",
                        "cheshire.ops.key",
                        OPS_KEY,
                        "cheshire.router.http.api-keys",
                        List.of(Map.of("tenant", "a", "key", "key-of-the-api-here")),
                        "cheshire.chaos.enabled",
                        "on",
                        "cheshire.chaos.key",
                        CHAOS_KEY));
        browser = new ConsoleBrowser(chromium, server.process().operations().port(), ColorScheme.DARK, 1280, 800);
    }

    @AfterAll
    void stop() {
        if (server != null) {
            browser.close();
            server.close();
        }
    }

    private boolean isDrained() {
        for (final JsonNode node : server.ops().read("/admin/v1/cluster").get("nodes")) {
            if (node.get("state").asText().equals("DRAINING")) {
                return true;
            }
        }
        return false;
    }

    /** Where a browser has given both keys and looks at the page. */
    private void openLaboratory() {
        final Page page = browser.page();
        page.navigate("http://localhost:" + server.process().operations().port() + "/ui#/chaos");
        // Until it is known whether a key is asked for.
        browser.find("#live.good, .banner button").first().waitFor();
        if (browser.find(".banner button").isVisible()) {
            giveOpsKey();
        }
        browser.open("chaos");
        if (browser.find("#chaoskey").isVisible()) {
            browser.find("#chaoskey input").fill(CHAOS_KEY);
            browser.find("#chaoskey button").click();
        }
        assertThat(browser.find("#targets")).containsText("expert-node-", IN_A_MINUTE);
        browser.forgive();
    }

    private void giveOpsKey() {
        browser.find(".banner button").click();
        browser.find("dialog input").fill(OPS_KEY);
        browser.find("dialog button[type=submit]").click();
        assertThat(browser.find("#live")).hasText("live");
    }

    private void start(final String file) {
        browser.find("#file textarea").fill(file);
        assertThat(browser.find("#targets td").nth(2)).containsText("expert-node-1", IN_A_MINUTE);
        assertThat(browser.find("#form input[name='name']")).hasValue("drained from a page");
        browser.find("#start").click();
        assertThat(browser.find("dialog .effects")).containsText("This cluster is hurt");
        browser.find("dialog input").fill("a test of pages");
        browser.find("dialog button[type=submit]").click();
        assertThat(browser.find("#running")).isVisible();
    }

    @Test
    void shouldAskForTheKeyAndShowNothingWithoutIt() {
        try (ConsoleBrowser stranger = new ConsoleBrowser(
                ConsoleBrowser.needed(), server.process().operations().port(), ColorScheme.DARK, 1280, 800)) {
            final Page page = stranger.page();
            page.navigate("http://localhost:" + server.process().operations().port() + "/ui");
            assertThat(stranger.find("#live")).hasText("key needed");
            assertThat(stranger.find(".tile")).hasCount(0);
            stranger.find(".banner button").click();
            stranger.find("dialog input").fill(OPS_KEY);
            stranger.find("dialog button[type=submit]").click();
            assertThat(stranger.find("#live")).hasText("live");
            assertThat(stranger.find(".tile")).hasCount(2);
            stranger.forgive();
            stranger.open("config?show=set");
            assertThat(stranger.find("#settings")).containsText("(set, not shown)");
            assertThat(page.content()).doesNotContain(OPS_KEY, CHAOS_KEY);
            stranger.assertNoComplaint();
            stranger.open("chaos");
            assertThat(stranger.find("#targets")).hasCount(0);
            stranger.find("#chaoskey input").fill(OPS_KEY);
            stranger.find("#chaoskey button").click();
            assertThat(stranger.find("#chaoskey [role=alert]")).containsText("not the one of experiments");
        }
    }

    @Test
    void shouldRunAnExperimentShowItEverywhereAndProveItsVerdict() {
        openLaboratory();
        start(FILE.replace("FOR", "1s"));

        assertThat(browser.find("#chaosbanner")).containsText("hurts this cluster: drained from a page");
        browser.find("nav a[href='#/overview']").click();
        assertThat(browser.find("#chaosbanner")).isVisible();
        browser.find("#chaosbanner a").click();
        assertThat(browser.find("#running .runchart rect.fault, #verdict [data-outcome]")
                        .first())
                .isAttached(new LocatorAssertions.IsAttachedOptions().setTimeout(60_000));
        assertThat(browser.find("#verdict .answer")).hasAttribute("data-outcome", "HELD", AT_LAST);
        assertThat(browser.find("#verdict td").first()).hasText("tokens: identical");
        assertThat(browser.find("#chaosbanner")).hasCount(0);
        assertThat(isDrained()).isFalse();
        final Page report = browser.page()
                .context()
                .waitForPage(() -> browser.find("#openreport").click());
        report.waitForSelector("svg");
        assertThat(report.content()).contains("drain expert-node-1 for 1 s", "drained from a page");
        report.close();
        browser.assertNoComplaint();
    }

    @Test
    void shouldTakeEverythingBackWhenSomebodyEndsIt() {
        openLaboratory();
        start(FILE.replace("FOR", "60s").replace("duration: 3s", "duration: 90s"));
        Await.until("the node drains", LIMIT, Await.CLUSTER_POLL, this::isDrained, () -> "not yet");
        browser.find("#abort").click();
        browser.find("dialog input").fill("seen enough");
        browser.find("dialog button[type=submit]").click();

        assertThat(browser.find("#verdict .answer")).hasAttribute("data-outcome", "ABORTED", AT_LAST);
        assertThat(browser.find("#verdict .why")).hasText("ended from the console: seen enough");
        assertThat(isDrained()).isFalse();
        browser.assertNoComplaint();
    }

    @Test
    void shouldSayWhereAFileIsWrongAndWriteTheFileThatTheFormDescribes() {
        openLaboratory();
        browser.find("#file textarea").fill(FILE.replace("FOR", "5x"));
        assertThat(browser.find("#problem")).containsText("file:5:", IN_A_MINUTE);
        assertThat(browser.find("#problem")).containsText("\"5x\" is no duration");
        assertThat(browser.find("#start")).isDisabled();
        browser.find("#file textarea").fill(FILE.replace("FOR", "2s"));
        assertThat(browser.find("#targets td").nth(3)).containsText("after 2 s", IN_A_MINUTE);
        browser.find("#form input[aria-label='Which of fault 1']").fill("0");
        // The laboratory's state comes once a second, and the page is drawn again: what is being typed stays.
        browser.page().waitForResponse(response -> response.url().endsWith("/admin/v1/chaos"), () -> {});
        browser.find("#form input[aria-label='Which of fault 1']").press("Enter");
        assertThat(browser.find("#file textarea")).hasValue(Pattern.compile("target: \\{node: 0\\}"));
        assertThat(browser.find("#targets td").nth(2)).containsText("expert-node-0", IN_A_MINUTE);
        assertThat(browser.unreachable()).as("controls that no tab reaches").isEmpty();
        browser.page().setViewportSize(390, 844);
        browser.page().waitForFunction("() => document.documentElement.scrollWidth <= innerWidth");
        browser.page().setViewportSize(1280, 800);
        browser.find("#form button:has-text('simulation')").click();
        assertThat(browser.find("#targets .note")).containsText("the simulation draws its cluster");
        browser.find("#form button:has-text('this cluster')").click();
    }
}
