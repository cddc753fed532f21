package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Experiments over HTTP: who may ask for them, how, and what is kept of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChaosApiTest {
    private static final String OPS_KEY = "ops-key-of-this-test";
    private static final String KEY = "chaos-key-of-this-test";
    private static final String START = "{\"file\":\"a\",\"on\":\"running\",\"why\":\"a try\"}";

    private final FakeLaboratory laboratory = new FakeLaboratory();
    private HttpTestServer server;

    @BeforeAll
    void start() {
        server = new HttpTestServer(
                config -> config, ops -> ops.withKey(OPS_KEY).withChaos(new ChaosConfig(KEY)), new ByteText());
        server.console.open(laboratory);
    }

    @AfterAll
    void stop() {
        server.close();
        assertThat(laboratory.asked).last().isEqualTo("close");
    }

    @BeforeEach
    void forget() {
        laboratory.abort("");
        laboratory.asked.clear();
    }

    private HttpResponse<String> post(final String what, final String body, final String key) throws Exception {
        final HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.ops.port() + "/admin/v1/chaos/" + what))
                .header("content-type", "application/json")
                .header("authorization", "Bearer " + key)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return server.client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(final String path, final String... headers) throws Exception {
        return server.ask(server.ops.port(), "GET", path, headers);
    }

    @Test
    void shouldStartShowAndEndAnExperimentForWhoHasItsKey() throws Exception {
        final HttpResponse<String> started = post("start", START.replace("}", ",\"seed\":7}"), KEY);

        assertThat(started.statusCode()).as(started.body()).isEqualTo(200);
        assertThat(started.body()).isEqualTo("{\"id\":\"1\"}");
        assertThat(laboratory.asked).containsExactly("start a on running seed 7");
        assertThat(server.console.chaosState().running()).isNotNull();
        assertThat(post("abort", "{\"why\":\"enough\"}", KEY).statusCode()).isEqualTo(200);
        assertThat(laboratory.asked).last().isEqualTo("abort: enough");
        assertThat(get("/admin/v1/chaos", "authorization", "Bearer " + KEY).body())
                .isEqualTo("{\"state\":true}");
    }

    @Test
    void shouldLetNobodyElseSeeOrDoAnythingNotEvenWithTheKeyOfOperations() throws Exception {
        for (final String what : List.of("start", "abort", "check", "tickets")) {
            assertThat(post(what, START, OPS_KEY).statusCode()).as(what).isEqualTo(401);
        }
        for (final String path : List.of("", "/catalogue", "/reports/1", "/compare?a=1&b=1")) {
            assertThat(get("/admin/v1/chaos" + path, "authorization", "Bearer " + OPS_KEY)
                            .statusCode())
                    .as(path)
                    .isEqualTo(401);
        }
        assertThat(server.ask(server.ops.port(), "GET", "/admin/v1/cluster", "authorization", "Bearer " + KEY)
                        .statusCode())
                .as("its key opens nothing else")
                .isEqualTo(401);
        assertThat(laboratory.asked).isEmpty();
    }

    @Test
    void shouldHaveNoSuchPathOnTheApiNorWhereItIsOff() throws Exception {
        try (HttpTestServer off = HttpTestServer.plain()) {
            for (final String path : List.of("", "/start", "/check", "/abort", "/reports/1")) {
                assertThat(off.ask(off.ops.port(), "POST", "/admin/v1/chaos" + path)
                                .statusCode())
                        .as("off %s", path)
                        .isEqualTo(404);
                assertThat(server.ask(server.port(), "POST", "/admin/v1/chaos" + path, "authorization", "Bearer " + KEY)
                                .statusCode())
                        .as("API %s", path)
                        .isEqualTo(404);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "start   | {'file':'a','on':'running'}                     | 400 | why is missing",
                "start   | {'file':'a','on':'running','why':' '}           | 400 | why is missing",
                "start   | {'on':'running','why':'a'}                      | 400 | file is missing",
                "start   | {'file':'a','on':'running','why':'a','exec':1}  | 400 | Unknown field exec",
                "start   | {'file':'a','on':'running','why':'a','seed':-1} | 400 | must not be negative",
                "start   | {'file':'wrong','on':'running','why':'a'}       | 409 | file:1:1: it is wrong",
                "check   | {'file':'wrong','on':'running'}                 | 409 | file:1:1: it is wrong",
                "abort   | {}                                              | 400 | why is missing",
                "tickets | {'report':'2'}                                  | 404 | only the latest are kept"
            })
    void shouldRefuseWithReasons(final String what, final String body, final int status, final String words)
            throws Exception {
        final HttpResponse<String> refused = post(what, body.replace('\'', '"'), KEY);

        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(status);
        assertThat(refused.body()).contains(words);
    }

    @Test
    void shouldRefuseLongFiles() throws Exception {
        assertThat(post("check", "{\"file\":\"" + "a".repeat(70_000) + "\",\"on\":\"running\"}", KEY)
                        .statusCode())
                .isEqualTo(400);
        assertThat(post("check", "{\"file\":\"" + "a".repeat(200_000) + "\",\"on\":\"running\"}", KEY)
                        .statusCode())
                .isEqualTo(413);
    }

    @Test
    void shouldOpenAReportOnceByALinkThatNobodyGuesses() throws Exception {
        final String path = HttpTestServer.json(post("tickets", "{\"report\":\"1\"}", KEY))
                .get("path")
                .asText();

        final HttpResponse<String> page = get(path);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("a report");
        assertThat(page.headers().firstValue("content-security-policy").orElse(""))
                .contains("default-src 'none'", "frame-ancestors 'none'", "sandbox")
                .doesNotContain("script");
        assertThat(get(path).statusCode()).as("again").isEqualTo(404);
        assertThat(get("/ui/report/1").statusCode()).isEqualTo(404);
    }

    @Test
    void shouldWriteALineForEachActionWithWhoAndWhy() throws Exception {
        final Logger audit = (Logger) LoggerFactory.getLogger("io.cheshire.audit");
        final ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        audit.addAppender(lines);
        try {
            post("start", START.replace("a try", "a\\nforged line"), KEY);
            post("abort", "{\"why\":\"enough\"}", KEY);
            post("start", START.replace("\"a\"", "\"wrong\""), KEY);
            assertThat(lines.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactly(
                            "127.0.0.1 starts the experiment 1 on: running: a forged line",
                            "127.0.0.1 ends the experiment 1: enough",
                            "127.0.0.1 may not start an experiment: file:1:1: it is wrong");
        } finally {
            audit.detachAppender(lines);
        }
    }
}
