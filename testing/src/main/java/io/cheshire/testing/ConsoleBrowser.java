package io.cheshire.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ScreenshotAnimations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * The console in the browser that this machine has. Whatever a page complains of or asks of another host is kept: a
 * policy of content that is broken shows as an error of the page.
 */
public final class ConsoleBrowser implements AutoCloseable {
    private static final int LIMIT_MS = 15_000;
    private static final int SERVER_FAILED = 500;
    /** Of one look for controls: more than any page has, gone round twice. */
    private static final int MOST_TABS = 1_000;
    /** Pressed as a key that is held down, before the page is asked whether it has gone round. */
    private static final int TABS_AT_ONCE = 20;

    private static final List<String> PLACES =
            List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");

    /** Moves the page to the panel of what is to be seen, unless it can be seen. */
    private static final String SHOW = """
            (e) => {
              const panel = e.closest('.panel');
              if (panel?.getBoundingClientRect().bottom > innerHeight) panel.scrollIntoView();
            }""";

    private final Playwright playwright =
            Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    private final Browser browser;
    private final BrowserContext context;
    private final Page page;
    private final String address;
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final List<Response> failures = new CopyOnWriteArrayList<>();

    /** @param opsPort of the operations listener */
    public ConsoleBrowser(
            final Path chromium, final int opsPort, final ColorScheme scheme, final int width, final int height) {
        address = "http://localhost:" + opsPort;
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(chromium)
                        .setHeadless(true)
                        .setArgs(List.of(
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync")));
        context = browser.newContext(
                new Browser.NewContextOptions().setColorScheme(scheme).setViewportSize(width, height));
        page = context.newPage();
        page.setDefaultTimeout(LIMIT_MS);
        PlaywrightAssertions.setDefaultAssertionTimeout(LIMIT_MS);
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
                complaints.add(message.type() + ": " + message.text());
            }
        });
        page.onResponse(response -> {
            if (response.status() >= SERVER_FAILED) {
                failures.add(response);
            }
        });
        page.onPageError(error -> complaints.add("failed: " + error));
        page.onRequest(request -> {
            if (!request.url().startsWith(address + "/") && !request.url().startsWith("blob:" + address)) {
                complaints.add("asks another host: " + request.url());
            }
        });
    }

    /** Where a browser is, if there is one. */
    public static Optional<Path> chromium() {
        return Stream.concat(Stream.ofNullable(System.getProperty("cheshire.chromium")), PLACES.stream())
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The same; without one the test is skipped and says so. */
    public static Path needed() {
        final Optional<Path> found = chromium();
        assumeTrue(
                found.isPresent(),
                "no Chromium on this machine (-Dcheshire.chromium=FILE): the console's pages were not tried");
        return found.orElseThrow();
    }

    /** Opens a page of the console and waits until it shows live figures. */
    public void open(final String where) {
        page.navigate(address + "/ui#/" + where);
        page.reload();
        page.waitForSelector("#live.good");
        page.waitForSelector("main[data-page='" + where.replaceAll("\\?.*", "") + "'] .panel");
    }

    public Page page() {
        return page;
    }

    public Locator find(final String selector) {
        return page.locator(selector);
    }

    /** The figure beside a label. */
    public String stat(final String panel, final String label) {
        return find("#" + panel + " .stat:has(dt:text-is('" + label + "')) dd").innerText();
    }

    /** Controls that can be seen and no number of tabs leads to. */
    public List<?> unreachable() {
        page.evaluate("""
                () => {
                  document.activeElement?.blur();
                  window.reached = new Set();
                  window.rounds = 0;
                  document.addEventListener('focusin', (e) => {
                    window.reached.add(e.target);
                    window.rounds += e.target.matches('.skip') ? 1 : 0;
                  });
                }""");
        // From wherever the last click was, on to the first control of the page, and once round from there.
        for (int i = 0; i < MOST_TABS && rounds() < 2; i += TABS_AT_ONCE) {
            for (int tab = 0; tab < TABS_AT_ONCE; tab++) {
                page.keyboard().down("Tab");
            }
        }
        page.keyboard().up("Tab");
        return (List<?>) page.evaluate("""
                () => [...document.querySelectorAll('a[href], button, input, select, textarea, canvas[tabindex="0"]')]
                  .filter((e) => e.checkVisibility() && !e.disabled && !window.reached.has(e))
                  .map((e) => e.outerHTML.slice(0, 120))""");
    }

    private int rounds() {
        return ((Number) Objects.requireNonNull(page.evaluate("() => window.rounds"))).intValue();
    }

    /** Writes a picture of what can be seen. */
    public void picture(final Path file) {
        page.mouse().move(0, 0);
        page.screenshot(new Page.ScreenshotOptions().setPath(file).setAnimations(ScreenshotAnimations.DISABLED));
    }

    /**
     * Light and dark, where {@code -Dcheshire.console.pictures=DIR} asks for pictures, once something can be seen,
     * towards which the page is moved: another theme draws a page anew.
     */
    public void picturesIfAsked(final String name, final String seen) {
        final String directory = System.getProperty("cheshire.console.pictures", "");
        if (directory.isEmpty()) {
            return;
        }
        for (final ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            find(seen).first().evaluate(SHOW);
            find(seen).first().waitFor();
            picture(Path.of(directory).resolve(name + "-" + scheme.name().toLowerCase(Locale.ROOT) + ".png"));
        }
    }

    /** The pages were content, and stayed at home. */
    public void assertNoComplaint() {
        assertEquals(
                List.of(),
                complaints,
                () -> "what the pages complained of "
                        + failures.stream().map(ConsoleBrowser::words).toList());
    }

    private static String words(final Response failure) {
        return failure.request().method() + " " + failure.url() + ": " + failure.status() + " " + failure.text();
    }

    /** Errors that a test provoked. */
    public void forgive() {
        complaints.clear();
    }

    @Override
    public void close() {
        context.close();
        browser.close();
        playwright.close();
    }
}
