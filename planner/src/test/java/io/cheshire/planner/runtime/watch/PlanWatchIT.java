package io.cheshire.planner.runtime.watch;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page.WaitForSelectorOptions;
import com.microsoft.playwright.options.ColorScheme;
import io.cheshire.benchmarks.serve.core.Arrivals;
import io.cheshire.benchmarks.serve.core.LoadPlan;
import io.cheshire.benchmarks.serve.core.PromptTokens;
import io.cheshire.benchmarks.serve.core.RequestShape;
import io.cheshire.benchmarks.serve.runtime.CompletionClient;
import io.cheshire.benchmarks.serve.runtime.LoadRunner;
import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.http.runtime.PlanConfig;
import io.cheshire.planner.core.watch.Look;
import io.cheshire.planner.core.watch.PlanWatch;
import io.cheshire.planner.core.watch.Scraped;
import io.cheshire.planner.core.watch.WatchText;
import io.cheshire.planner.runtime.cli.PlanCommandProvider;
import io.cheshire.planner.runtime.plan.PlanReader;
import io.cheshire.testing.ConsoleBrowser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A plan against a running server: its load doubles, and the watch says so; the console shows it. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PlanWatchIT {
    /** Low enough for a machine that has other things to do, and enough to judge by in one window. */
    private static final double RATE = 10;

    private static final int PROMPT = 16;
    private static final double SIMULATED_MS = 60_000;
    private static final int OUTPUT = 2;
    private static final int NODES = 2;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration WINDOW = Duration.ofSeconds(4);
    private static final String REQUEST_RATE = "request rate";

    private Path planFile = Path.of("");
    private TestServer server;

    @BeforeAll
    void start(@TempDir final Path directory) throws IOException {
        planFile = Files.writeString(
                directory.resolve("plan.conf"),
                String.format(Locale.ROOT, """
                plan {
                  model = "%s"
                  workload { rate = %s, prompt = %d, output = %d }
                  fleet { expert-nodes = %d, replicas = 1, routers = 1, node-class = cpu, router-class = cpu }
                }""", TestServer.cheshireMini(), RATE, PROMPT, OUTPUT, NODES));
        server = TestServer.start(
                TestServer.cheshireMini(),
                NODES,
                Map.of(
                        PlanConfig.FILE,
                        planFile.toString(),
                        PlanConfig.SECTION + ".every",
                        "500ms",
                        PlanConfig.SECTION + ".window",
                        WINDOW.toMillis() + "ms"));
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void shouldNameTheRateWithinAMinuteAfterTheLoadOfARunningServerDoubled() throws Exception {
        try (ClusterScraper scraper =
                new ClusterScraper(List.of(server.process().operations().url()), null, null)) {
            final PlanWatch watch = new PlanWatch(PlanReader.read(planFile, Map.of(), 1), WINDOW, 1);

            lookWhile(
                    RATE, scraper, watch, look -> holds(look, REQUEST_RATE) && holds(look, "prompt tokens"), () -> {});
            final Look doubled = lookWhile(
                    2 * RATE,
                    scraper,
                    watch,
                    look -> isTooMuch(look)
                            && holds(look, "prompt tokens")
                            && ownWords().contains(REQUEST_RATE),
                    this::lookAtPage);

            assertThat(WatchText.of(doubled)).contains("THE PLAN NO LONGER HOLDS", "request rate ", "x the plan's");
            assertThat(holds(doubled, "prompt tokens"))
                    .as("only the rate doubled")
                    .isTrue();
            assertThat(holds(doubled, "expert nodes")).isTrue();
            assertThat(server.ops().get("/metrics").text())
                    .contains("cheshire_plan_assumption_holds{assumption=\"expert nodes\"} 1.0")
                    .contains("cheshire_plan_request_rate{kind=\"planned\"} 10.0");
        }
        assertThat(watchByCommand())
                .as("exit status while nobody asks for anything")
                .isEqualTo(1);
    }

    @Test
    void shouldAnswerTheFormAtOnceAndLeadBackByItsAddress() {
        try (ConsoleBrowser browser = browser("planner?rate=2&prompt=64&output=16&nodes=2&replicas=2")) {
            assertThat(browser.find("#verdict .answer")).containsText("2 nodes, 2 replicas, 1 router carry 2.00");
            browser.find("input[type=range]").first().focus();
            browser.page().keyboard().press("ArrowRight");
            assertThat(browser.find("#verdict .answer")).not().containsText("carry 2.00");
            assertThat(browser.page()).hasURL(Pattern.compile("rate=2\\.05&"));
            browser.find("#keep").click();
            browser.find("input[name=nodes]").fill("4, 8");
            browser.find("input[name=nodes]").press("Enter");
            assertThat(browser.find("#beside tr:has-text('fleet') td").nth(1)).hasText("2 nodes, 2 copies, 1 router");
            assertThat(browser.find("#beside tr:has-text('fleet') td").nth(2)).hasText("4 nodes, 2 copies, 1 router");
            browser.find("#search").click();
            assertThat(browser.find("#candidates tbody tr")).hasCount(2);
            browser.find("button[data-target=local-cluster]").click();
            assertThat(browser.find("dialog .jsontext")).containsText("./cheshire local-cluster --model DIR --nodes 4");
            browser.find("dialog button[aria-label=Close]").click();
            browser.picturesIfAsked("planner", "#verdict .answer");
            assertIsReachableAndFits(browser);
            browser.page().reload();
            assertThat(browser.find("#beside tr:has-text('fleet') td").nth(2)).hasText("4 nodes, 2 copies, 1 router");
            browser.assertNoComplaint();
        }
    }

    @Test
    void shouldPlanWithAnUploadedTraceAndDrawWhatASimulationOfItDid(@TempDir final Path directory) throws IOException {
        final Path trace = Files.writeString(directory.resolve("of mine.csv"), """
                TIMESTAMP,ContextTokens,GeneratedTokens
                2023-11-16 18:15:46.0,30,8
                2023-11-16 18:15:46.5,20,4
                2023-11-16 18:15:48.0,10,6
                """);
        final Path broken = Files.writeString(directory.resolve("broken.csv"), Files.readString(trace) + "soon,1,2\n");
        try (ConsoleBrowser browser = browser("planner?nodes=2&replicas=1&routers=1")) {
            browser.find("input[name=trace]").setInputFiles(broken);
            assertThat(browser.find("#traceproblem")).containsText("broken.csv, line 5: \"soon,1,2\"");
            assertThat(browser.find("#traceproblem")).containsText("correct the line");
            browser.forgive();
            browser.find("input[name=trace]").setInputFiles(trace);
            assertThat(browser.find("#traceshown")).containsText("of mine.csv: 3 requests at 1/s");
            assertThat(browser.find("#planned")).containsText("of mine.csv, 3 requests");
            assertThat(browser.find("#verdict .answer")).containsText("carry 1.00 requests/s");
            assertThat(browser.page()).hasURL(Pattern.compile("trace=[0-9a-f]{16}"));
            browser.page().reload();
            assertThat(browser.find("#traceshown")).containsText("of mine.csv");

            browser.find("#simulate").click();
            // Seconds of a core, of which a busy machine has few.
            browser.page()
                    .waitForSelector("#simulated polyline", new WaitForSelectorOptions().setTimeout(SIMULATED_MS));
            assertThat(browser.find("#simulated polyline")).hasCount(3);
            assertThat(browser.find("#simulated canvas")).hasCount(2);
            browser.find("#simulated summary").first().click();
            assertThat(browser.find("#simulated [aria-label='Times by share of all'] tbody tr"))
                    .hasCount(8);
            assertThat(browser.find("#simulated [aria-label='How busy devices were'] tbody tr"))
                    .hasCount(3);
            assertThat(browser.find("#simulated .badge")).hasCount(0);
            assertIsReachableAndFits(browser);

            browser.find("#untrace").click();
            assertThat(browser.find("#traceshown")).hasCount(0);
            assertThat(browser.find("#planned")).containsText("tokens in");
            assertThat(browser.find("#simulated .badge")).containsText("the form has changed");
            browser.assertNoComplaint();
        }
    }

    /** Where there is a browser. */
    private void lookAtPage() {
        if (ConsoleBrowser.chromium().isEmpty()) {
            return;
        }
        try (ConsoleBrowser browser = browser("actual")) {
            assertThat(browser.find("#broken")).containsText("request rate ");
            assertThat(browser.find("#holds .answer")).hasText("the plan no longer holds");
            assertThat(browser.find("#compared")).containsText("plan.conf (cheshire-mini; 16 tokens in");
            assertThat(browser.find("#compared")).containsText("cpu: a data sheet, nothing was measured");
            assertThat(browser.find("#compared .badge")).containsText("planned by a data sheet");
            assertThat(browser.find("#plannodes tbody tr")).hasCount(NODES);
            assertThat(browser.find("#rate canvas")).isVisible();
            browser.picturesIfAsked("actual", "#broken");
            assertIsReachableAndFits(browser);
            browser.assertNoComplaint();
        }
    }

    private ConsoleBrowser browser(final String where) {
        final ConsoleBrowser browser = new ConsoleBrowser(
                ConsoleBrowser.needed(), server.process().operations().port(), ColorScheme.LIGHT, 1280, 800);
        browser.open(where);
        return browser;
    }

    private static void assertIsReachableAndFits(final ConsoleBrowser browser) {
        assertThat(browser.unreachable()).as("controls that no tab reaches").isEmpty();
        assertThat(browser.page().evaluate("() => document.documentElement.scrollWidth <= innerWidth"))
                .as("fits into 1280 pixels")
                .isEqualTo(true);
        browser.page().setViewportSize(390, 844);
        // It fits on a phone, as soon as charts were told of the new width.
        browser.page().waitForFunction("() => document.documentElement.scrollWidth <= innerWidth");
    }

    /** What the router itself says of the plan that it was started with. */
    private String ownWords() {
        return server.ops().read("/admin/v1/plan/actual").at("/now/words").asText();
    }

    private int watchByCommand() {
        final StringWriter out = new StringWriter();
        final int status = new CommandLine(new PlanCommandProvider().command())
                .setOut(new PrintWriter(out))
                .execute(
                        "watch",
                        planFile.toString(),
                        "--ops",
                        server.process().operations().url(),
                        "--listen",
                        "127.0.0.1:0",
                        "--rate",
                        "100",
                        "--every",
                        "1",
                        "--window",
                        "1",
                        "--looks",
                        "2");
        assertThat(out.toString()).contains("too soon to judge", "request rate 0.00x the plan's");
        return status;
    }

    private static boolean holds(final Look look, final String name) {
        return look.assumptions().stream().anyMatch(each -> each.name().equals(name) && each.holds());
    }

    /** A machine that stalls answers less than planned for a while: that isn't what is looked for. */
    private static boolean isTooMuch(final Look look) {
        return look.broken().stream().anyMatch(each -> each.name().equals(REQUEST_RATE) && each.ratio() > 1);
    }

    /**
     * Load until a look is as wanted, and while something else is done then: a window that is judged may still have the
     * load before in it.
     */
    private Look lookWhile(
            final double rate,
            final ClusterScraper scraper,
            final PlanWatch watch,
            final Predicate<Look> wanted,
            final Runnable then)
            throws InterruptedException {
        final AtomicReference<Look> last = new AtomicReference<>();
        final CompletionClient.Target target = new CompletionClient.Target(
                URI.create("http://localhost:" + server.port()), "", "cheshire-mini", 0, MINUTE, true);
        try (CompletionClient client = new CompletionClient(target, new PromptTokens(Math.round(rate), 4_096))) {
            final LoadPlan plan = new LoadPlan(
                    new Arrivals.Constant(rate),
                    List.of(RequestShape.of(PROMPT, OUTPUT)),
                    new LoadPlan.Limits(Integer.MAX_VALUE, MINUTE.toNanos()),
                    0,
                    1);
            final LoadRunner runner = new LoadRunner(plan, client::send, result -> {});
            final Thread load = Thread.ofVirtual().start(() -> {
                try {
                    runner.runOpenLoop(64);
                } catch (final InterruptedException enough) {
                    Thread.currentThread().interrupt();
                }
            });
            try {
                Await.until(
                        "a look at " + rate + " requests a second that is as wanted",
                        MINUTE,
                        Await.CLUSTER_POLL,
                        () -> {
                            last.set(watch.look(scraped(scraper)));
                            return wanted.test(last.get());
                        },
                        () -> WatchText.of(last.get()));
                then.run();
            } finally {
                load.interrupt();
                load.join();
            }
        }
        return last.get();
    }

    private static Scraped scraped(final ClusterScraper scraper) {
        try {
            return scraper.scrape();
        } catch (final IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }
}
