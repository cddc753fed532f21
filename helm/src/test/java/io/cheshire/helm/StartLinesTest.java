package io.cheshire.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.cheshire.chaos.runtime.JsonClient;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the StatefulSets would run, run as processes of this host: their arguments, settings, environment and JVM
 * options. Only addresses are others, and settings that the product doesn't have yet are left out.
 */
@EnabledIfSystemProperty(named = "cheshire.chart.start-lines", matches = "true", disabledReason = "takes minutes")
@Timeout(value = 600, unit = TimeUnit.SECONDS)
final class StartLinesTest {
    private static final Map<String, String> ADDRESSES = Map.of(
            "c-cheshire-coordinator-0", "127.0.1.1",
            "c-cheshire-node-0", "127.0.1.10",
            "c-cheshire-node-1", "127.0.1.11",
            "c-cheshire-router-0", "127.0.1.20");
    private static final Duration START_LIMIT = Duration.ofMinutes(5);
    private static final int MAX_RESTARTS = 5;
    private static final String OPS_KEY = "key-of-the-tests";

    private final Manifests manifests = Manifests.of(
            Chart.render(Chart.merged(Chart.sampleValues("kind")), "{expertNode: {replicas: 2}, cluster: {nodes: 2}}"));
    private final Map<String, Process> pods = new LinkedHashMap<>();
    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private int port;
    private int restarts;

    @BeforeEach
    void startPods() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.1.20"))) {
            port = free.getLocalPort();
        }
        for (final String pod : ADDRESSES.keySet()) {
            start(pod);
        }
    }

    @AfterEach
    void stopPods() throws InterruptedException {
        pods.values().forEach(Process::destroyForcibly);
        for (final Process pod : pods.values()) {
            pod.waitFor();
        }
        client.close();
    }

    @Test
    void shouldAnswerAndTakeBackANodeThatWasKilled() throws IOException, InterruptedException {
        await().atMost(START_LIMIT).pollInterval(Duration.ofSeconds(1)).until(() -> {
            restartEnded();
            return get("/ready") == 200;
        });
        assertThat(answer()).contains("42");
        for (final String pod : ADDRESSES.keySet()) {
            await(pod + " to be ready")
                    .atMost(START_LIMIT)
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> probe(pod) == 200);
        }

        final Process killed = pods.get("c-cheshire-node-1");
        killed.destroyForcibly().waitFor();
        assertThat(answer()).contains("42");

        start("c-cheshire-node-1");
        await().atMost(START_LIMIT).pollInterval(Duration.ofSeconds(1)).until(() -> probe("c-cheshire-node-1") == 200);
        assertThat(answer()).contains("42");
        assertThat(pods.values()).allMatch(Process::isAlive);
    }

    private void start(final String pod) throws IOException {
        final String set = pod.substring(0, pod.lastIndexOf('-'));
        final Container container = manifests
                .one(StatefulSet.class, set)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst();
        final Map<String, String> data = manifests.one(ConfigMap.class, set).getData();
        final Path security = Files.writeString(directory.resolve("java.security"), data.get("java.security"));
        final String name = container.getArgs().getLast().replace("/etc/cheshire/", "");
        final Path file = Files.writeString(
                directory.resolve(pod + ".conf"),
                settings(pod, data.get(name)).root().render());
        final List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Chart.root().resolve("scripts/jvm.options"),
                "-Dcheshire.root=" + Chart.root(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.cheshire.ops.runtime.cli.Main"));
        container.getArgs().forEach(argument -> command.add(argument.startsWith("/etc") ? file.toString() : argument));
        final ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log(pod).toFile());
        for (final EnvVar variable : container.getEnv()) {
            final String value = value(variable, pod);
            if (value != null) {
                builder.environment()
                        .put(variable.getName(), value.replace("/etc/cheshire/java.security", security.toString()));
            }
        }
        pods.put(pod, builder.start());
    }

    /** What Kubernetes would put there; null for what the product doesn't know yet. */
    private static @Nullable String value(final EnvVar variable, final String pod) {
        return switch (variable.getName()) {
            case "POD_IP" -> ADDRESSES.get(pod);
            case "POD_NAME" -> pod;
            case "CONFIG_FORCE_cheshire_ops_key" -> OPS_KEY;
            case "CHESHIRE_SECRET" -> "a secret of the tests, long enough";
            case "CONFIG_FORCE_cheshire_role_node__id", "CONFIG_FORCE_cheshire_role_router__id" ->
                pod.substring(pod.lastIndexOf('-') + 1);
            default -> variable.getValue();
        };
    }

    private Config settings(final String pod, final String text) {
        String mine = text.replace("${POD_IP}", '"' + String.valueOf(ADDRESSES.get(pod)) + '"')
                .replace("${POD_NAME}", '"' + pod + '"');
        Config config = ConfigFactory.parseString(mine).resolve();
        mine = config.root().render();
        for (final Map.Entry<String, String> other : ADDRESSES.entrySet()) {
            mine = mine.replaceAll(other.getKey() + "\\.[-a-z.]+\\.svc\\.cluster\\.local", other.getValue());
        }
        config = Awaited.without(ConfigFactory.parseString(mine));
        return config.withValue("cheshire.router.http.host", ConfigValueFactory.fromAnyRef(ADDRESSES.get(pod)))
                .withValue("cheshire.router.http.port", ConfigValueFactory.fromAnyRef(port))
                .withValue("cheshire.ops.host", ConfigValueFactory.fromAnyRef(ADDRESSES.get(pod)));
    }

    private Path log(final String pod) {
        return directory.resolve(pod + ".log");
    }

    private int get(final String path) throws InterruptedException {
        return get(uri(path));
    }

    /** What Kubernetes asks a pod of that name. */
    private int probe(final String pod) throws InterruptedException {
        return get(URI.create("http://" + ADDRESSES.get(pod) + ":9090/ready"));
    }

    private int get(final URI uri) throws InterruptedException {
        try {
            return client.send(
                            HttpRequest.newBuilder(uri)
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (final IOException e) {
            return 0;
        }
    }

    /** As Kubernetes does; a host with too much to do makes a process give up its start. A few times only. */
    private void restartEnded() throws IOException {
        for (final Map.Entry<String, Process> pod : List.copyOf(pods.entrySet())) {
            if (!pod.getValue().isAlive()) {
                assertThat(++restarts)
                        .as("%s: %s", pod.getKey(), Chart.read(log(pod.getKey())))
                        .isLessThan(MAX_RESTARTS);
                start(pod.getKey());
            }
        }
    }

    private String answer() throws IOException, InterruptedException {
        final String request = JsonClient.MAPPER.writeValueAsString(Map.of(
                "model",
                "cheshire-mini",
                "temperature",
                0,
                "max_tokens",
                40,
                "messages",
                List.of(Map.of("role", "user", "content", "What is 17 + 25?"))));
        final HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(uri("/v1/chat/completions"))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(request))
                        .timeout(Duration.ofMinutes(2))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JsonClient.MAPPER
                .readTree(response.body())
                .at("/choices/0/message/content")
                .asText();
    }

    private URI uri(final String path) {
        return URI.create("http://127.0.1.20:" + port + path);
    }
}
