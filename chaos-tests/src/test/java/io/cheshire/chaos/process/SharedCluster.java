package io.cheshire.chaos.process;

import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.JsonClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One {@code local-cluster} of four nodes for all tests of a class and of the classes nested in it: it starts with the
 * first test that asks for it, each test waits until it is whole again, and one that does not get there is replaced.
 * One thread.
 */
final class SharedCluster implements AfterAllCallback {
    static final int NODES = 4;

    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    /** Second copies are held for a minute. */
    private static final Duration STEADY_LIMIT = Duration.ofMinutes(4);

    private @Nullable ClusterProcesses running;
    private @Nullable Path logs;

    /** The cluster, whole, with each unit on so many nodes and no more. */
    ClusterProcesses steady(final int replicas) throws IOException, InterruptedException {
        final ClusterProcesses cluster = running;
        if (cluster != null) {
            try {
                settle(cluster, replicas);
                return cluster;
            } catch (final IllegalStateException broken) {
                System.out.println("the cluster is replaced: " + broken.getMessage());
                running = null;
                cluster.close();
            }
        }
        final ClusterProcesses fresh = start();
        running = fresh;
        settle(fresh, replicas);
        return fresh;
    }

    private ClusterProcesses start() throws IOException, InterruptedException {
        final Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "cluster-logs");
        logs = folder;
        return ClusterProcesses.start(
                START_LIMIT,
                List.of(
                        "--nodes",
                        Integer.toString(NODES),
                        "--replicas",
                        "1",
                        "--restart-after",
                        "1",
                        "--log-dir",
                        folder.toAbsolutePath().toString()));
    }

    private static void settle(final ClusterProcesses cluster, final int replicas)
            throws IOException, InterruptedException {
        final JsonClient.Reply reply =
                cluster.ops().post("/admin/v1/cluster/replicas", Map.of("replicas", replicas, "reason", "a test"));
        if (reply.status() != 202) {
            throw new IllegalStateException("refused " + replicas + " replicas: " + reply.text());
        }
        cluster.awaitWhole(NODES, replicas, STEADY_LIMIT);
        final List<ClusterLook> looks = new ArrayList<>();
        Await.until(
                "no unit is on more nodes than " + replicas,
                STEADY_LIMIT,
                Await.CLUSTER_POLL,
                () -> {
                    looks.addFirst(ClusterLook.of(cluster.ops().read("/admin/v1/cluster")));
                    return looks.getFirst().isSettled(replicas);
                },
                () -> looks.toString());
    }

    /** All that processes of this name have logged so far, such as {@code router} or {@code expert-node-}. */
    String logOf(final String name) throws IOException {
        final StringBuilder all = new StringBuilder();
        try (Stream<Path> found = Files.list(java.util.Objects.requireNonNull(logs))) {
            for (final Path log : found.filter(
                            path -> path.getFileName().toString().startsWith(name))
                    .sorted()
                    .toList()) {
                all.append(Files.readString(log));
            }
        }
        return all.toString();
    }

    /** After the tests of the outermost class. */
    @Override
    public void afterAll(final ExtensionContext context) {
        final ClusterProcesses cluster = running;
        if (cluster != null && context.getRequiredTestClass().getEnclosingClass() == null) {
            running = null;
            cluster.close();
        }
    }
}
