package io.cheshire.helm;

import io.cheshire.chaos.runtime.JsonClient;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the StatefulSets of {@code values-kind.yaml} would run, two nodes of it, as processes of this host from the
 * files of the image: their arguments, settings, environment and JVM options. Only addresses are others, and ports, all
 * by values of the chart; names of pods are resolved by a file, and settings that are awaited are left out.
 */
final class Pods implements AutoCloseable {
    static final String ROUTER = "c-cheshire-router-0";

    private static final Map<String, String> ADDRESSES = Map.of(
            "c-cheshire-coordinator-0",
            "127.0.1.1",
            "c-cheshire-node-0",
            "127.0.1.10",
            "c-cheshire-node-1",
            "127.0.1.11",
            ROUTER,
            "127.0.1.20");
    private static final String SECRET = "a secret of the tests, long enough";
    private static final String OPS_KEY = "ops-key-of-the-tests";
    private static final int OK = 200;
    private static final int MIB = 1 << 20;
    private static final int SMALL_SHM_MIB = 64;

    private final Path directory;
    private final Manifests manifests;
    private final Map<String, Process> running = new LinkedHashMap<>();
    private final HttpClient probes =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final int apiPort = freePort();
    private final int opsPort = freePort();

    Pods(final Path directory) throws IOException {
        this.directory = directory;
        // The router answers where the tests' client asks; everything else listens at its pod's address.
        this.manifests = Manifests.of(Chart.render(
                Chart.merged(Chart.sampleValues("kind")), """
                expertNode: {replicas: 2}
                cluster: {nodes: 2, controlPort: %d, dataPort: %d}
                ops: {port: %d}
                config: "cheshire.ops.host = ${POD_IP}"
                router:
                  api: {port: %d}
                  config: "cheshire { router.http.host = 127.0.0.1, ops.host = 127.0.0.1 }"
                """.formatted(freePort(), freePort(), opsPort, apiPort)));
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("0.0.0.0"))) {
            return free.getLocalPort();
        }
    }

    /** All names. */
    static Set<String> names() {
        return ADDRESSES.keySet();
    }

    /** Those of expert nodes. */
    static List<String> nodes() {
        return List.of("c-cheshire-node-1", "c-cheshire-node-0");
    }

    /** A client of the API. */
    JsonClient api() {
        return new JsonClient(apiPort);
    }

    /** Starts a pod's process, in place of one that has ended. */
    void start(final String pod) throws IOException {
        final String name = pod.substring(0, pod.lastIndexOf('-'));
        final StatefulSet set = manifests.one(StatefulSet.class, name);
        final Container container =
                set.getSpec().getTemplate().getSpec().getContainers().getFirst();
        final ImageProcess process = process(pod, shmMib(set));
        for (final Map.Entry<String, String> file :
                manifests.one(ConfigMap.class, name).getData().entrySet()) {
            Files.writeString(process.settings().resolve(file.getKey()), file.getValue());
        }
        Files.writeString(process.settings().resolve("hosts"), hosts());
        final Map<String, String> environment = new HashMap<>();
        for (final EnvVar variable : container.getEnv()) {
            final String value = value(variable, pod);
            if (value != null) {
                environment.put(variable.getName(), value);
            }
        }
        environment.merge(
                "JDK_JAVA_OPTIONS", "-Djdk.net.hosts.file=/etc/cheshire/hosts", (chart, own) -> chart + " " + own);
        running.put(pod, process.start(container.getArgs(), environment));
    }

    private ImageProcess process(final String pod, final int shmMib) throws IOException {
        return new ImageProcess(Files.createDirectories(directory.resolve(pod)), shmMib);
    }

    private static int shmMib(final StatefulSet set) {
        return set.getSpec().getTemplate().getSpec().getVolumes().stream()
                .filter(volume -> volume.getName().equals("shm"))
                .map(Volume::getEmptyDir)
                .map(directory ->
                        Quantity.getAmountInBytes(directory.getSizeLimit()).intValueExact())
                .findFirst()
                .map(bytes -> bytes / MIB)
                .orElse(SMALL_SHM_MIB);
    }

    private static String hosts() {
        final StringBuilder hosts = new StringBuilder("127.0.0.1 localhost\n");
        ADDRESSES.forEach((pod, address) -> {
            final String domain = pod.substring(0, pod.lastIndexOf('-')) + "." + Chart.NAMESPACE + ".svc.cluster.local";
            hosts.append(address)
                    .append(' ')
                    .append(pod)
                    .append('.')
                    .append(domain)
                    .append(' ')
                    .append(pod)
                    .append('\n');
        });
        return hosts.toString();
    }

    /** What Kubernetes would put there. */
    private static @Nullable String value(final EnvVar variable, final String pod) {
        return switch (variable.getName()) {
            case "POD_IP" -> ADDRESSES.get(pod);
            case "POD_NAME" -> pod;
            case "CHESHIRE_SECRET" -> SECRET;
            case "CONFIG_FORCE_cheshire_ops_key" -> OPS_KEY;
            case "CONFIG_FORCE_cheshire_role_node__id", "CONFIG_FORCE_cheshire_role_router__id" ->
                pod.substring(pod.lastIndexOf('-') + 1);
            default -> variable.getValue();
        };
    }

    /** What Kubernetes asks before it goes on with a rollout. */
    boolean isReady(final String pod) {
        return status(pod.equals(ROUTER) ? "127.0.0.1" : ADDRESSES.get(pod), opsPort, "/ready") == OK;
    }

    private int status(final @Nullable String host, final int port, final String path) {
        try {
            return probes.send(
                            HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + path))
                                    .timeout(Duration.ofSeconds(2))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (final IOException absent) {
            return 0;
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    boolean isAlive(final String pod) {
        final Process process = running.get(pod);
        return process != null && process.isAlive();
    }

    /** SIGKILL. */
    void kill(final String pod) throws InterruptedException {
        process(pod).destroyForcibly().waitFor();
    }

    /** SIGTERM; returns the exit status. */
    int stop(final String pod) throws InterruptedException {
        process(pod).destroy();
        return process(pod).waitFor();
    }

    private Process process(final String pod) {
        final Process process = running.get(pod);
        if (process == null) {
            throw new IllegalStateException(pod + " was never started");
        }
        return process;
    }

    /** What its last process wrote. */
    String log(final String pod) {
        return Chart.read(directory.resolve(pod).resolve("log"));
    }

    @Override
    public void close() {
        running.values().forEach(Process::destroyForcibly);
        running.values().forEach(process -> process.onExit().join());
        probes.close();
    }
}
