package io.cheshire.chaos.process;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.testing.ConsoleBrowser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The console's pages in a browser, against live clusters under load. */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int STREAMS = 6;
    private static final int NODES = 4;
    private static final Map<String, Object> SETTINGS = Map.of(
            "cheshire.model.precision", "bf16", "cheshire.coordinator.replicas", 2, "cheshire.ops.metrics.units", "on");

    private Path chromium;
    private TestServer server;
    private ConsoleBrowser browser;
    private ConsoleLoad load;

    @BeforeAll
    void start() {
        chromium = ConsoleBrowser.needed();
        server = TestServer.start(TestServer.cheshireMini(), NODES, SETTINGS);
        server.awaitReplicas();
        load = new ConsoleLoad(server.api(), STREAMS);
        browser = new ConsoleBrowser(chromium, opsPort(), ColorScheme.LIGHT, 1280, 800);
    }

    @AfterAll
    void stop() {
        if (server != null) {
            browser.close();
            load.close();
            server.close();
        }
    }

    private int opsPort() {
        return server.process().operations().port();
    }

    private JsonNode cluster() {
        return server.ops().read("/admin/v1/cluster");
    }

    @Test
    void shouldShowTheApisOwnFiguresAtFirstSight() {
        browser.open("overview");
        final JsonNode cluster = cluster();

        assertThat(browser.stat("safety", "units without a node"))
                .isEqualTo(Integer.toString(cluster.get("unitsWithoutNode").size()));
        assertThat(browser.stat("safety", "short of copies"))
                .isEqualTo(cluster.at("/health/unitsShort").asText());
        assertThat(browser.stat("safety", "survives any node")).isEqualTo("yes");
        final String round = Long.toString(cluster.get("epoch").longValue() >>> 20);
        assertThat(browser.stat("changing", "epoch")).startsWith(round + ".");
        assertThat(browser.find("#odd .tile")).hasCount(NODES);
        for (final JsonNode node : cluster.get("nodes")) {
            final Locator tile =
                    browser.find("#odd .tile[data-node='" + node.get("nodeId").asText() + "']");
            assertThat(tile).containsText(node.get("units").size() + " u");
            assertThat(tile).hasAttribute("data-state", "ready");
        }
        browser.assertNoComplaint();
    }

    @Test
    void shouldShowWhoHoldsTheUnitOfACell() {
        browser.open("experts");
        final Locator map = browser.find("#map canvas");
        map.focus();
        map.press("ArrowRight");
        map.press("ArrowDown");
        map.press("ArrowDown");
        map.press("Enter");

        assertThat(browser.page()).hasURL(Pattern.compile("layer=1&expert=2"));
        assertThat(browser.find("#unit h2")).hasText("layer 1, expert 2");
        final List<String> holders = StreamSupport.stream(
                        cluster().at("/placement/nodesByUnit/18").spliterator(), false)
                .map(node -> "node " + node.asText())
                .toList();
        assertThat(browser.find("#holders li")).hasText(holders.toArray(String[]::new));
        browser.assertNoComplaint();
    }

    @Test
    void shouldMoveAUnitAsItsDialogSays() {
        browser.open("placement");
        browser.find("#move select[name=layer]").selectOption("2");
        browser.find("#move select[name=expert]").selectOption("5");
        final String from = browser.find("#move select[name=from]").inputValue();
        final String to = browser.find("#move select[name=to]").inputValue();
        browser.find("#reviewmove").click();
        assertThat(browser.find("dialog .effects")).containsText("Node " + to + " loads the unit");
        assertThat(browser.find("dialog .effects")).containsText("then node " + from + " frees it");
        browser.find("dialog input[type=text]").fill("a test of pages");
        browser.find("dialog button[type=submit]").click();

        assertThat(browser.find("dialog [role=status]")).hasClass("good");
        Await.until(
                "the unit is on node " + to,
                LIMIT,
                Await.CLUSTER_POLL,
                () -> {
                    final String nodes =
                            cluster().at("/placement/nodesByUnit/37").toString();
                    return nodes.matches(".*\\b" + to + "\\b.*") && !nodes.matches(".*\\b" + from + "\\b.*");
                },
                () -> cluster().at("/placement/nodesByUnit/37").toString());
        browser.find("dialog button.main").click();
        assertThat(browser.find("#decisions .events")).containsText("a test of pages");
        browser.assertNoComplaint();
    }

    @Test
    void shouldChatAndSayHowFast() {
        browser.open("chat");
        browser.find("#sampling input[type=number]").first().fill("0");
        browser.find("#question").fill("What is 17 + 25?");
        browser.find("#question").press("Enter");
        final Locator answer = browser.find(".message.assistant .measure");
        assertSaysHowFast(answer);
        browser.find(".message.user button").click();
        browser.find(".message textarea").fill("What is 18 + 25?");
        browser.find(".message button[type=submit]").click();
        assertThat(browser.find(".message.user .branch")).containsText("2 of 2");
        assertSaysHowFast(answer);
        assertThat(server.ops().read("/admin/v1/snapshot").toString()).doesNotContain("17 + 25", "18 + 25");
        browser.assertNoComplaint();
    }

    /** An answer that comes in one piece, as short ones do on a busy machine, has no rate: it is asked for again. */
    private void assertSaysHowFast(final Locator answer) {
        for (int attempt = 0; attempt < 5; attempt++) {
            assertThat(answer)
                    .containsText(
                            Pattern.compile("[0-9]+ tokens · first after"),
                            new LocatorAssertions.ContainsTextOptions().setTimeout(60_000));
            if (answer.innerText().contains("tokens/s")) {
                return;
            }
            browser.find(".message.assistant button:has-text('Again')").click();
        }
        assertThat(answer).containsText("tokens/s");
    }

    @Test
    void shouldShowSettingsWithTheirOrigin() {
        browser.open("config?show=set");
        assertThat(browser.find("#settings tr:has-text('cheshire.model.precision') td")
                        .nth(1))
                .hasText("bf16");
        assertThat(browser.find("#settings tr:has-text('cheshire.model.precision') td")
                        .nth(2))
                .hasText("command line");
        browser.assertNoComplaint();
    }

    /** @param last what a page shows when it has all its controls */
    @ParameterizedTest
    @CsvSource({
        "overview, .panel",
        "experts?layer=1&expert=2, .panel",
        "nodes?node=1, .panel",
        "placement, #difference select",
        "dataplane, .panel",
        "requests, .panel",
        "planner, '#noplanner, #verdict .answer'",
        "actual, .panel",
        "chat, .panel",
        "config?show=set, .panel"
    })
    void shouldLetTheKeyboardReachEveryControlAndComplainOfNothing(final String where, final String last) {
        browser.open(where);
        browser.find(last).first().waitFor();

        assertThat(browser.unreachable()).as("controls that no tab reaches").isEmpty();
        assertThat(browser.page().evaluate("() => document.documentElement.scrollWidth <= innerWidth"))
                .as("fits into 1280 pixels")
                .isEqualTo(true);
        browser.page().setViewportSize(390, 844);
        // It fits on a phone, as soon as charts were told of the new width.
        browser.page().waitForFunction("() => document.documentElement.scrollWidth <= innerWidth");
        browser.page().setViewportSize(1280, 800);
        browser.assertNoComplaint();
    }

    @Test
    void shouldAskPrometheusOnlyForMetricsThatThereAre() throws Exception {
        // Refusals are counted by reason, from the first on.
        assertThat(server.api().post("/v1/completions", Map.of()).status()).isEqualTo(400);
        final String metrics = server.ops().get("/metrics").text();
        final Set<String> asked = new TreeSet<>();
        for (final String page : List.of("overview", "experts", "nodes", "dataplane")) {
            Pattern.compile("cheshire_[a-z_]+")
                    .matcher(server.ops().get("/ui/" + page + ".js").text())
                    .results()
                    .forEach(name -> asked.add(name.group()));
        }

        assertThat(asked).hasSizeGreaterThan(15);
        assertThat(asked).allSatisfy(name -> assertThat(metrics).containsPattern("(?m)^" + name + "[ {]"));
    }

    @Test
    void shouldSayWhomLayersWaitedForAndWhatTwoEpochsDifferIn() throws Exception {
        browser.open("dataplane");
        assertThat(browser.find("#last li")).hasCount(NODES);
        assertThat(browser.find("#last .figure").first()).hasText(Pattern.compile("\\d+\\.\\d %"));
        assertThat(browser.find("#layerwait .stats")).containsText("ms");
        browser.find("#layerwait header button").click();
        assertThat(browser.find("dialog .jsontext")).containsText("cheshire_layer_wait_seconds_bucket");
        browser.find("dialog button[aria-label=Close]").click();

        seeAnotherEpoch();
        final JsonNode epochs = server.ops().read("/admin/v1/placements").get("epochs");
        assertThat(epochs.get(epochs.size() - 1).get("nodesByUnit"))
                .isEqualTo(cluster().at("/placement/nodesByUnit"));
        browser.open("placement");
        browser.find("#tryrebalance").click();
        assertThat(browser.find("#trial"))
                .containsText(Pattern.compile("A rebalance now: (nothing moves|it would load \\d+ units)"));
        assertThat(browser.find("#difference option").first())
                .containsText(epochs.get(0).get("epochText").asText());
        browser.assertNoComplaint();
    }

    /** A cluster whose nodes come all at once may have had one only. */
    private void seeAnotherEpoch() throws Exception {
        final Set<Integer> before = holders(cluster().at("/placement/nodesByUnit/17"));
        final Set<Integer> others = new TreeSet<>(Set.of(0, 1, 2, 3));
        others.removeAll(before);
        final int from = before.iterator().next();
        final int to = others.iterator().next();
        final Set<Integer> after = new TreeSet<>(before);
        after.remove(from);
        after.add(to);
        final Map<String, Object> move = Map.of("layer", 1, "expert", 1, "from", from, "to", to);
        assertThat(server.ops().post("/admin/v1/cluster/moves", move).status()).isIn(200, 202);
        Await.until(
                "the router knows that the unit has moved",
                LIMIT,
                Await.CLUSTER_POLL,
                () -> {
                    final JsonNode seen =
                            server.ops().read("/admin/v1/placements").get("epochs");
                    return holders(seen.get(seen.size() - 1).at("/nodesByUnit/17"))
                            .equals(after);
                },
                () -> cluster().at("/placement/nodesByUnit/17").toString());
    }

    private static Set<Integer> holders(final JsonNode nodes) {
        final Set<Integer> holders = new TreeSet<>();
        nodes.forEach(node -> holders.add(node.intValue()));
        return holders;
    }
}
