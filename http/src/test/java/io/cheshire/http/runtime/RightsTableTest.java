package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Every method on every guarded path of the operations listener, by everybody who lacks one right: nothing is told,
 * nothing changes. The paths are those that the listener has, so that a new one can't be forgotten.
 */
class RightsTableTest {
    private static final String OPS_KEY = "ops-key-of-this-test";
    private static final String CHAOS_KEY = "chaos-key-of-this-test";
    private static final List<String> METHODS = List.of(
            "GET",
            "HEAD",
            "OPTIONS",
            "POST",
            "PUT",
            "PATCH",
            "DELETE",
            "TRACE",
            "CONNECT",
            "PURGE",
            "QUERY",
            "PROPFIND",
            "post",
            "G3T");
    private static final String ADMIN = "/admin/v1/cluster/";
    private static final String CHAOS = "/admin/v1/chaos/";
    /** Asks by POST and changes nothing of the cluster. */
    private static final String PLAN = "/admin/v1/plan/";
    /** What each path heeds, if it is let in. */
    private static final Map<String, String> BODIES = Map.of(
            ADMIN + "moves", "{\"layer\":0,\"expert\":1,\"from\":0,\"to\":1}",
            ADMIN + "replicas", "{\"replicas\":2}",
            ADMIN + "rebalance", "{}",
            ADMIN + "drain", "{\"node\":1}",
            ADMIN + "undrain", "{\"node\":1}",
            ADMIN + "down", "{\"node\":1}",
            CHAOS + "check", "{\"file\":\"a\",\"on\":\"running\"}",
            CHAOS + "start", "{\"file\":\"a\",\"on\":\"running\",\"why\":\"b\"}",
            CHAOS + "abort", "{\"why\":\"b\"}",
            CHAOS + "tickets", "{\"report\":\"1\"}");

    /** Who asks, and what they get where path and method are right. */
    private enum Who {
        NO_KEY(401),
        WRONG_KEY(401),
        OTHER_KEY(401),
        FOREIGN_HOST(421),
        FOREIGN_ORIGIN(403),
        FOREIGN_SITE(403),
        WRONG_TYPE(415),
        NO_TYPE(415),
        /** Has every right. */
        OPERATOR(200);

        private final int status;

        Who(final int status) {
            this.status = status;
        }
    }

    private static final List<Who> STRANGERS =
            Arrays.stream(Who.values()).filter(who -> who != Who.OPERATOR).toList();

    private FakeLaboratory laboratory;
    private HttpTestServer server;

    @BeforeEach
    void start() {
        server = new HttpTestServer(
                config -> config, ops -> ops.withKey(OPS_KEY).withChaos(new ChaosConfig(CHAOS_KEY)), new ByteText());
        laboratory = new FakeLaboratory();
        server.console.open(laboratory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Guarded paths with the one method that each has. */
    private Map<String, String> paths() throws Exception {
        final Map<String, String> paths = new LinkedHashMap<>();
        HttpTestServer.json(server.get(server.ops.port(), "/")).get("endpoints").forEach(line -> {
            final String[] parts = line.asText().split(" ", 2);
            if (parts[1].startsWith("/admin/") || parts[1].equals("/metrics")) {
                paths.put(parts[1].replace("/NAME", "/1"), parts[0]);
            }
        });
        return paths;
    }

    @Test
    void shouldTellAndChangeNothingWhateverTheMethodForWhoLacksOneRight() throws Exception {
        final Map<String, String> paths = paths();
        assertThat(paths)
                .containsEntry("/admin/v1/cluster/down", "POST")
                .containsEntry("/admin/v1/chaos/start", "POST")
                .containsEntry("/admin/v1/plan/trace", "POST")
                .containsEntry("/admin/v1/plan/simulate", "POST")
                .containsEntry("/admin/v1/chaos/reports/1", "GET")
                .hasSizeGreaterThan(18);
        final List<String> wrong = new ArrayList<>();
        int asked = 0;
        for (final Map.Entry<String, String> path : paths.entrySet()) {
            for (final String method : METHODS) {
                for (final Who who : STRANGERS) {
                    final int status = ask(method, path.getKey(), who);
                    asked++;
                    if (!expected(method, path.getValue(), who).contains(status)) {
                        wrong.add(method + " " + path.getKey() + " " + who + ": " + status);
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(asked).isEqualTo(paths.size() * METHODS.size() * STRANGERS.size());
        assertThat(server.admin.asked).as("what reached the cluster").isEmpty();
        assertThat(laboratory.asked).as("what reached the laboratory").isEmpty();
    }

    /** Else it would say nothing that none of the above reached anybody. */
    @Test
    void shouldHeedTheSameRequestsOfWhoHasTheRight() throws Exception {
        final List<String> changing = paths().entrySet().stream()
                .filter(path -> path.getValue().equals("POST"))
                .map(Map.Entry::getKey)
                .filter(path -> !path.startsWith(PLAN))
                .toList();
        assertThat(changing).containsExactlyInAnyOrderElementsOf(BODIES.keySet());
        for (final String path : changing) {
            assertThat(ask("POST", path, Who.OPERATOR)).as(path).isIn(200, 202);
        }
        assertThat(server.admin.asked).hasSize(6);
        assertThat(laboratory.asked).hasSize(2);
    }

    /** What can't be a request at all is refused before anybody asks who it comes from. */
    private static List<Integer> expected(final String method, final String only, final Who who) {
        final boolean isRead = only.equals("GET");
        if (List.of("CONNECT", "TRACE", "PURGE", "QUERY", "PROPFIND", "post", "G3T")
                .contains(method)) {
            return List.of(400, 405, 421, 501);
        }
        if (who == Who.FOREIGN_HOST) {
            return List.of(421);
        }
        if (method.equals("OPTIONS")) {
            return List.of(204);
        }
        if (method.equals(only) || (method.equals("HEAD") && isRead)) {
            // Reading has no type, and the origin of what only reads is told by the browser's own mark.
            final boolean isHarmless =
                    isRead && (who == Who.WRONG_TYPE || who == Who.NO_TYPE || who == Who.FOREIGN_ORIGIN);
            return isHarmless ? List.of(200, 404, 503) : List.of(who.status);
        }
        return who == Who.FOREIGN_ORIGIN && !method.equals("GET") && !method.equals("HEAD")
                ? List.of(403)
                : List.of(405);
    }

    private int ask(final String method, final String path, final Who who) throws Exception {
        final boolean isChaos = path.startsWith("/admin/v1/chaos");
        final StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
        head.append("Host: ")
                .append(who == Who.FOREIGN_HOST ? "evil.example" : "a")
                .append("\r\n");
        final String key = switch (who) {
            case NO_KEY -> "";
            case WRONG_KEY -> "wrong";
            case OTHER_KEY -> isChaos ? OPS_KEY : CHAOS_KEY;
            case FOREIGN_HOST, FOREIGN_ORIGIN, FOREIGN_SITE, WRONG_TYPE, NO_TYPE, OPERATOR ->
                isChaos ? CHAOS_KEY : OPS_KEY;
        };
        if (!key.isEmpty()) {
            head.append("Authorization: Bearer ").append(key).append("\r\n");
        }
        if (who == Who.FOREIGN_ORIGIN) {
            head.append("Origin: http://evil.example\r\n");
        }
        if (who == Who.FOREIGN_SITE) {
            head.append("Sec-Fetch-Site: cross-site\r\n");
        }
        if (who != Who.NO_TYPE) {
            head.append("Content-Type: ")
                    .append(who == Who.WRONG_TYPE ? "text/plain" : "application/json")
                    .append("\r\n");
        }
        final boolean hasBody = !List.of("GET", "HEAD", "TRACE", "CONNECT").contains(method);
        final String body = hasBody ? BODIES.getOrDefault(path, "{}") : "";
        head.append("Connection: close\r\nContent-Length: ")
                .append(body.length())
                .append("\r\n\r\n");
        try (RawClient client = new RawClient(server.ops.port())) {
            client.send(head + body);
            // A stream of events has no end: its first line says enough.
            final String line = client.line();
            return line == null ? -1 : Integer.parseInt(line.substring(9, 12));
        }
    }
}
