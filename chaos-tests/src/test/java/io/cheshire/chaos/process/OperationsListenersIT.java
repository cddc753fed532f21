package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.JsonClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every process of a cluster tells those who operate it: while all is well, while units move, and at its end. */
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class OperationsListenersIT {
    private static final String KEY = "key-of-the-tests";
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final int NODES = 3;
    private static final Map<String, String> ROLES = roles();

    private static ClusterProcesses cluster;

    private static Map<String, String> roles() {
        final Map<String, String> roles = new LinkedHashMap<>();
        roles.put("coordinator", "coordinator");
        for (int node = 0; node < NODES; node++) {
            roles.put("expert-node-" + node, "expert-node");
        }
        roles.put("router", "router");
        return roles;
    }

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        final Path logs = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "operations-logs");
        cluster = ClusterProcesses.start(
                Duration.ofMinutes(3),
                List.of(
                        "--nodes",
                        Integer.toString(NODES),
                        "--replicas",
                        "2",
                        "--restart-after",
                        "1",
                        "--log-dir",
                        logs.toAbsolutePath().toString(),
                        "-Dcheshire.ops.key=" + KEY,
                        "-Dcheshire.ops.metrics.units=on"));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void shouldAnswerProbesAndOperatorsInEveryRole() throws Exception {
        awaitAllReady();
        for (final Map.Entry<String, String> process : ROLES.entrySet()) {
            final String name = process.getKey();
            try (JsonClient stranger = new JsonClient(cluster.opsPort(name));
                    JsonClient operator = new JsonClient(cluster.opsPort(name), KEY)) {
                assertThat(stranger.get("/health").ok().get("status").asText()).isEqualTo("alive");
                assertThat(stranger.get("/ready").ok().get("status").asText()).isEqualTo("ready");
                assertThat(stranger.get("/metrics").status()).as(name).isEqualTo(401);
                assertThat(stranger.get("/admin/v1/self").status()).as(name).isEqualTo(401);
                assertThat(operator.get("/admin/v1/cluster").status())
                        .as(name)
                        .isEqualTo(name.equals("router") ? 200 : 404);

                final JsonNode self = operator.read("/admin/v1/self");
                assertThat(self.get("role").asText()).isEqualTo(process.getValue());
                assertThat(self.get("pid").asLong())
                        .isEqualTo(cluster.process(name).pid());
                assertThat(self.get("ready").asBoolean()).isTrue();
                assertThat(self.at("/model/name").asText()).isEqualTo("cheshire-mini");
                assertThat(self.at("/controlPlane/member").asBoolean()).isTrue();
                assertThat(self.at("/controlPlane/hostsCoordinator").asBoolean())
                        .isEqualTo(name.equals("coordinator"));

                assertThat(operator.get("/metrics").text())
                        .contains("role=\"" + process.getValue() + "\"", "jvm_memory_used_bytes", "process_start_time");
            }
            for (final String path : List.of("/health", "/ready", "/metrics", "/admin/v1/self")) {
                assertThat(statusUnderAnotherName(cluster.opsPort(name), path))
                        .as("%s%s of a page whose name leads here", name, path)
                        .isEqualTo(421);
            }
        }
    }

    @Test
    void shouldSayOfANodeWhatItHoldsAndDoes() throws Exception {
        awaitAllReady();
        cluster.api()
                .post(
                        "/v1/completions",
                        Map.of("model", "cheshire-mini", "prompt", "What is 17 + 25?", "max_tokens", 8))
                .ok();
        for (int node = 0; node < NODES; node++) {
            try (JsonClient operator = new JsonClient(cluster.opsPort("expert-node-" + node), KEY)) {
                final JsonNode self = operator.read("/admin/v1/self").get("node");
                assertThat(self.get("id").asInt()).isEqualTo(node);
                assertThat(self.get("state").asText()).isEqualTo("SERVING");
                assertThat(self.get("units")).isNotEmpty();
                assertThat(self.get("loading")).isEmpty();
                assertThat(self.get("residentBytes").asLong()).isPositive();

                final String figures = operator.get("/metrics").text();
                assertThat(figures)
                        .contains(
                                "cheshire_node_ready{node=\"" + node + "\"} 1",
                                "cheshire_node_units{node=\"" + node + "\",state=\"held\"} "
                                        + self.get("units").size(),
                                "cheshire_unit_rows_total{",
                                "cheshire_node_busy_ratio{node=\"" + node + "\"}",
                                "cheshire_node_compute_seconds_total{node=\"" + node + "\"}");
            }
        }
    }

    @Test
    void shouldSayThatNoNodeMayBeReplacedWhileOneLoads() throws Exception {
        awaitAllReady();

        cluster.harm("expert-node-1", Harm.KILL);

        awaitReason("expert-node-0", why -> why.contains("the cluster isn't steady"));
        awaitReason("expert-node-1", why -> why.contains("units are yet to be loaded"));
        assertThat(reason("router")).as("every unit has a node all the time").isEqualTo("ready");
        awaitAllReady();
    }

    @Test
    void shouldSayThatItLeavesBeforeItsListenerCloses() throws Exception {
        awaitAllReady();
        final int port = cluster.opsPort("expert-node-2");
        final ProcessHandle process = cluster.process("expert-node-2");

        cluster.harm("expert-node-2", Harm.TERMINATE);

        final List<String> said = new ArrayList<>();
        try (JsonClient probe = new JsonClient(port)) {
            while (process.isAlive() && (said.isEmpty() || !said.getLast().equals("gone"))) {
                final String now = readiness(probe);
                if (said.isEmpty() || !said.getLast().equals(now)) {
                    said.add(now);
                }
            }
        }
        said.removeIf(word -> word.equals("ready") && said.indexOf(word) == 0);
        assertThat(said).startsWith("draining").doesNotContain("ready").isSubsetOf("draining", "gone");
        awaitAllReady();
    }

    private static void awaitAllReady() {
        for (final String name : ROLES.keySet()) {
            awaitReason(name, "ready"::equals);
        }
    }

    private static void awaitReason(final String name, final Predicate<String> wanted) {
        final List<String> seen = new ArrayList<>();
        Await.until(
                name + " says what was waited for",
                LIMIT,
                POLL,
                () -> {
                    final String why = reason(name);
                    if (seen.isEmpty() || !seen.getLast().equals(why)) {
                        seen.add(why);
                    }
                    return wanted.test(why);
                },
                seen::toString);
    }

    private static String reason(final String name) {
        try (JsonClient probe = new JsonClient(cluster.opsPort(name))) {
            return readiness(probe);
        }
    }

    private static String readiness(final JsonClient probe) {
        try {
            return probe.get("/ready").json().path("status").asText();
        } catch (final IOException nobodyListens) {
            return "gone";
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    private static int statusUnderAnotherName(final int port, final String path) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer " + KEY
                                    + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            final InputStream in = socket.getInputStream();
            final String line = new String(in.readNBytes("HTTP/1.1 421".length()), StandardCharsets.US_ASCII);
            return Integer.parseInt(line.substring("HTTP/1.1 ".length()));
        }
    }
}
