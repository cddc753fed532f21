package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.http.protocol.Cors;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The console over HTTP: its files, its data, and who gets what. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsoleApiTest {
    private static final String KEY = "ops-key-of-this-test";
    private static final String API_KEY = "api-key-of-this-test";
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE", "QUERY");
    private static final List<String> DATA = List.of(
            "/admin/v1/snapshot", "/admin/v1/history", "/admin/v1/settings", "/admin/v1/events", "/admin/v1/cluster");
    private static final List<String> CHANGES = List.of(
            "/admin/v1/cluster/moves",
            "/admin/v1/cluster/replicas",
            "/admin/v1/cluster/rebalance",
            "/admin/v1/cluster/drain",
            "/admin/v1/cluster/undrain",
            "/admin/v1/cluster/down");
    private static final String CHAT = "/ui/api/v1/chat/completions";

    private HttpTestServer server;

    @BeforeAll
    void start() {
        server = new HttpTestServer(
                config -> config.withKeys(List.of(new ApiConfig.ApiKey("a", API_KEY)))
                        .withAccess(new ApiConfig.Access(List.of("a"), Cors.off(), false)),
                ops -> ops.withKey(KEY),
                new ByteText());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private HttpResponse<String> ask(final String method, final String path, final String... headers) throws Exception {
        return server.ask(server.ops.port(), method, path, headers);
    }

    @Test
    void shouldServeEveryFileThatAPageLoadsWithAStrictPolicyAndWithoutAKey() throws Exception {
        final List<String> left = new ArrayList<>(List.of("/ui", "/ui/"));
        final List<String> seen = new ArrayList<>();
        final Pattern links = Pattern.compile("(?:from|import\\(|href=|src=)\\s*[\"'](\\.?/[^\"']+|\\./[^\"']+)[\"']");
        while (!left.isEmpty()) {
            final String path = left.removeFirst();
            if (seen.contains(path)) {
                continue;
            }
            seen.add(path);
            final HttpResponse<String> file = ask("GET", path);
            assertThat(file.statusCode()).as(path).isEqualTo(200);
            assertThat(file.headers().firstValue("content-security-policy").orElse(""))
                    .as(path)
                    .contains("default-src 'self'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            assertThat(file.headers().firstValue("x-content-type-options")).hasValue("nosniff");
            final Matcher link = links.matcher(file.body());
            while (link.find()) {
                left.add(URI.create("http://a" + path).resolve(link.group(1)).getPath());
            }
        }
        assertThat(seen).contains("/ui/app.js", "/ui/lib/htm-preact.js", "/ui/lib/uplot.js", "/ui/chat.js");
    }

    @Test
    void shouldHoldNoScriptOrStyleInItsPageAndNoAddressOfAnotherHost() throws Exception {
        final String page = ask("GET", "/ui").body();
        assertThat(page).doesNotContainPattern("<script(?![^>]*src=)").doesNotContain("style=", "<style", "onload=");
        for (final String file :
                List.of("/ui", "/ui/app.js", "/ui/base.js", "/ui/live.js", "/ui/chat.js", "/ui/style.css")) {
            assertThat(ask("GET", file).body()).as(file).doesNotContain("http://", "https://");
        }
    }

    @Test
    void shouldSendAFileOnlyOnceToWhoHasIt() throws Exception {
        final HttpResponse<String> first = ask("GET", "/ui/app.js");
        final String tag = first.headers().firstValue("etag").orElseThrow();

        assertThat(first.headers().firstValue("content-type").orElse("")).startsWith("text/javascript");
        final HttpResponse<String> again = ask("GET", "/ui/app.js", "if-none-match", tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ui/none.js",
                "/ui/lib",
                "/ui/lib/",
                "/ui/index.html",
                "/ui/../reference.conf",
                "/ui/%2e%2e/%2e%2e/reference.conf",
                "/ui/..%2freference.conf",
                "/ui//etc/passwd",
                "/ui/lib/../../../../reference.conf",
                "/ui/app.js%00.css",
                "/ui/app.js.map"
            })
    void shouldServeNothingThatIsNotOnTheList(final String path) throws Exception {
        try (RawClient client = new RawClient(server.ops.port())) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.read().status()).isBetween(400, 404);
        }
    }

    @Test
    void shouldLetNobodyReadWithoutAKeyWhateverTheMethod() throws Exception {
        for (final String path : DATA) {
            for (final String method : METHODS) {
                for (final String[] headers :
                        new String[][] {{}, {"authorization", "Bearer wrong"}, {"authorization", "Bearer " + API_KEY}
                        }) {
                    final int status = ask(method, path, headers).statusCode();
                    assertThat(status).as("%s %s", method, path).isIn(expected(method, "GET", 401));
                }
            }
        }
    }

    @Test
    void shouldLetNobodyChangeAnythingWithoutAKeyWhateverTheMethod() throws Exception {
        for (final String path : CHANGES) {
            for (final String method : METHODS) {
                final int status =
                        ask(method, path, "content-type", "application/json").statusCode();
                assertThat(status).as("%s %s", method, path).isIn(expected(method, "POST", 401));
            }
        }
        assertThat(server.admin.asked).isEmpty();
    }

    /** What a request of a method gets where the path has another one. */
    private static List<Integer> expected(final String method, final String only, final int status) {
        if (method.equals(only) || (method.equals("HEAD") && only.equals("GET"))) {
            return List.of(status);
        }
        return method.equals("OPTIONS") ? List.of(204) : List.of(405, 400, 501);
    }

    @Test
    void shouldLetNoOtherPageReadOrChangeAnythingEvenWithTheKey() throws Exception {
        final String bearer = "Bearer " + KEY;
        for (final String path : DATA) {
            for (final String site : List.of("cross-site", "same-site")) {
                assertThat(ask("GET", path, "authorization", bearer, "sec-fetch-site", site)
                                .statusCode())
                        .as("%s %s", path, site)
                        .isEqualTo(403);
            }
        }
        for (final String path : CHANGES) {
            assertThat(ask(
                                    "POST",
                                    path,
                                    "authorization",
                                    bearer,
                                    "content-type",
                                    "application/json",
                                    "origin",
                                    "http://evil.example")
                            .statusCode())
                    .as(path)
                    .isEqualTo(403);
            assertThat(ask(
                                    "POST",
                                    path,
                                    "authorization",
                                    bearer,
                                    "content-type",
                                    "application/json",
                                    "sec-fetch-site",
                                    "cross-site")
                            .statusCode())
                    .as(path)
                    .isEqualTo(403);
            assertThat(ask("POST", path, "authorization", bearer, "content-type", "text/plain")
                            .statusCode())
                    .as(path)
                    .isEqualTo(415);
        }
        assertThat(server.admin.asked).isEmpty();
        assertThat(ask("GET", "/ui", "sec-fetch-site", "cross-site", "sec-fetch-mode", "navigate")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void shouldAnswerToItsOwnNamesOnly() throws Exception {
        for (final String path : List.of("/ui", "/ui/app.js", "/admin/v1/snapshot", "/admin/v1/events", CHAT)) {
            for (final String method : List.of("GET", "POST", "DELETE", "OPTIONS")) {
                try (RawClient client = new RawClient(server.ops.port())) {
                    client.send(method + " " + path + " HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer " + KEY
                            + "\r\nContent-Length: 0\r\n\r\n");
                    assertThat(client.read().status()).as("%s %s", method, path).isEqualTo(421);
                }
            }
        }
    }

    @Test
    void shouldChatWithTheKeyOfTheApiAndNotWithThatOfOperations() throws Exception {
        final String body = "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":2}";
        for (final String bearer : List.of("Bearer " + KEY, "Bearer wrong", "")) {
            assertThat(chat(body, bearer).statusCode()).as(bearer).isEqualTo(401);
        }
        assertThat(chat(body, "Bearer " + API_KEY).statusCode()).isNotIn(401, 403, 404, 405);
        for (final String method : METHODS) {
            assertThat(ask(method, CHAT, "content-type", "application/json").statusCode())
                    .as(method)
                    .isIn(expected(method, "POST", 401));
        }
    }

    private HttpResponse<String> chat(final String body, final String bearer) throws Exception {
        final HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.ops.port() + CHAT))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!bearer.isEmpty()) {
            request.header("authorization", bearer);
        }
        return server.client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void shouldSendOnePictureAfterTheOtherAsEvents() throws Exception {
        final HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.ops.port() + "/admin/v1/events"))
                .header("authorization", "Bearer " + KEY)
                .build();
        final HttpResponse<InputStream> stream = server.client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(stream.headers().firstValue("content-type").orElse("")).startsWith("text/event-stream");
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            long last = 0;
            for (int event = 0; event < 3; event++) {
                assertThat(lines.readLine()).isEqualTo("event: snapshot");
                final JsonNode picture =
                        HttpTestServer.MAPPER.readTree(lines.readLine().substring("data: ".length()));
                assertThat(lines.readLine()).isEmpty();
                assertThat(picture.get("sequence").longValue()).isGreaterThan(last);
                last = picture.get("sequence").longValue();
                assertThat(picture.at("/figures/engine.waiting").isNumber()).isTrue();
                assertThat(picture.get("modelName").textValue()).isEqualTo(HttpTestServer.MODEL);
            }
        }
    }

    @Test
    void shouldAnswerWhatItKeptAndRefuseWhatCannotBeAsked() throws Exception {
        final String[] key = {"authorization", "Bearer " + KEY};
        final JsonNode names = HttpTestServer.json(ask("GET", "/admin/v1/history", key));
        assertThat(names.get("metrics").toString()).contains("engine.running", "kv.free");
        final JsonNode some =
                HttpTestServer.json(ask("GET", "/admin/v1/history?metric=engine.*,kv.free&seconds=5", key));
        assertThat(some.get("series").has("engine.running")).isTrue();
        assertThat(some.at("/series/kv.free").size())
                .isEqualTo(some.get("timesMs").size())
                .isBetween(1, 5);
        for (final String query :
                List.of("seconds=0", "seconds=901", "seconds=x", "seconds=99999999999", "metric=" + "a".repeat(65))) {
            assertThat(ask("GET", "/admin/v1/history?metric=a&" + query, key).statusCode())
                    .as(query)
                    .isEqualTo(400);
        }
    }

    @Test
    void shouldEndStreamsInOrderWhenTheServerStops() throws Exception {
        try (HttpTestServer other = HttpTestServer.plain()) {
            final HttpResponse<InputStream> stream = other.client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + other.ops.port() + "/admin/v1/events"))
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            other.server.close();
            assertThat(new String(stream.body().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("event: snapshot\n")
                    .endsWith("\n\n");
        }
    }
}
