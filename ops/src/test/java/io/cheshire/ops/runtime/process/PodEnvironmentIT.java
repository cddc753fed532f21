package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.ops.runtime.local.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that get what they are from their environment, as pods do: one file for all of a kind. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@EnabledIfSystemProperty(
        named = "cheshire.test.long",
        matches = "true",
        disabledReason = "takes minutes: give -Dcheshire.test.long=true")
class PodEnvironmentIT {
    private static final Duration WAIT = Duration.ofSeconds(90);
    private static final String SECRET = "a secret for pods";

    @TempDir
    Path directory;

    private StartedRole role(final String role, final Path file, final Map<String, String> environment)
            throws IOException {
        return StartedRole.start(
                environment, List.of(role, "--config", file.toString(), "--model", StartedRole.MINI.toString()));
    }

    /** As the chart writes it: names and addresses come from the environment. */
    private Path file(final String name, final int seedPort, final int dataPort, final String more) throws IOException {
        return Files.writeString(directory.resolve(name), """
                cheshire {
                  nodes = 1
                  cluster {
                    seeds = ["127.0.0.1:%d"]
                    host = ${POD_NAME}
                    bind-host = ${POD_IP}
                  }
                  role.channel = "aeron:udp?endpoint="${POD_IP}":%d"
                  device.threads = 1
                  %s
                }
                """.formatted(seedPort, dataPort, more));
    }

    private static Map<String, String> pod(final String... more) {
        final List<String> all = new ArrayList<>(List.of(more));
        final Map<String, String> environment = new java.util.HashMap<>();
        environment.put("POD_NAME", "127.0.0.1");
        environment.put("POD_IP", "127.0.0.1");
        environment.put("CHESHIRE_SECRET", SECRET);
        for (int i = 0; i < all.size(); i += 2) {
            environment.put(all.get(i), all.get(i + 1));
        }
        return environment;
    }

    /** Ordinals of a second rack's StatefulSet begin where those of the first one end; the variable has them. */
    @Test
    void shouldBeTheMembersThatTheirEnvironmentSays() throws Exception {
        final int seedPort = FreePorts.tcp(1).getFirst();
        final List<Integer> dataPorts = FreePorts.udp(2);
        final Path coordinatorFile = file("coordinator.conf", seedPort, 1, "cluster.port = " + seedPort);
        final Path nodeFile = file("node.conf", seedPort, dataPorts.getFirst(), "");
        final Path routerFile = file(
                "router.conf", seedPort, dataPorts.getLast(), "router.http.port = 0, router.engine.kv.bytes = 8 MiB");

        try (StartedRole coordinator = role("coordinator", coordinatorFile, pod());
                StartedRole node = role("expert-node", nodeFile, pod("CONFIG_FORCE_cheshire_role_node__id", "23"));
                StartedRole router = role("router", routerFile, pod("CONFIG_FORCE_cheshire_role_router__id", "5"))) {
            coordinator.awaitLine("cheshire role is up", WAIT);
            node.awaitLine("cheshire role is up: expert node 23", WAIT);
            router.awaitLine("cheshire role is up: router 5", WAIT);
            node.awaitLine("node 23 serves router 5", WAIT);

            try (Socket lifeline = new Socket()) {
                lifeline.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), dataPorts.getFirst()), (int)
                        WAIT.toMillis());
            }
            try (StartedRole second = role("expert-node", nodeFile, pod("CONFIG_FORCE_cheshire_role_node__id", "24"))) {
                assertThat(second.awaitEnd(WAIT))
                        .contains(
                                "TCP port " + dataPorts.getFirst() + " of 127.0.0.1: another process listens there",
                                "cheshire.role.channel",
                                "cheshire.transport.lifeline-port");
            }
        }
    }

    @Test
    void shouldNameTheNumberThatIsNone() throws Exception {
        final Path file = file("node.conf", 1, 40100, "");
        try (StartedRole node = role("expert-node", file, pod("CONFIG_FORCE_cheshire_role_node__id", "node-3"))) {
            assertThat(node.awaitEnd(WAIT)).contains("cheshire.role.node-id (--node-id) = node-3: must be");
        }
    }

    @Test
    void shouldSayWhatIsMissingInTheEnvironment() throws Exception {
        final Path file = file("node.conf", 1, 40100, "");
        final Map<String, String> environment = pod();
        environment.remove("POD_IP");
        try (StartedRole node = role("expert-node", file, environment)) {
            assertThat(node.awaitEnd(WAIT)).contains("${POD_IP}");
        }
    }

    @Test
    void shouldGiveUpOnAnOwnNameThatStaysUnknown() throws Exception {
        final Path file = file("node.conf", 1, 40100, "cluster.resolve-timeout = 2 s");
        final Map<String, String> environment =
                pod("CONFIG_FORCE_cheshire_role_node__id", "0", "POD_NAME", "node-0.nodes.invalid");
        try (StartedRole node = role("expert-node", file, environment)) {
            node.awaitLine("node-0.nodes.invalid, a name that means no address yet", WAIT);
            assertThat(node.awaitEnd(WAIT))
                    .contains(
                            "the name node-0.nodes.invalid of this process (cheshire.cluster.host) means no address",
                            "cheshire.cluster.resolve-timeout");
        }
    }

    /** Each router needs every node, so one more than a node serves can't work; it says so and waits for a place. */
    @Test
    void shouldRefuseOneRouterMoreThanANodeServes() throws Exception {
        final int seedPort = FreePorts.tcp(1).getFirst();
        final List<Integer> dataPorts = FreePorts.udp(3);
        final String bound = "transport.max-routers = 1";
        final String router = bound + ", router.http.port = 0, router.engine.kv.bytes = 8 MiB";
        try (StartedRole coordinator = role(
                        "coordinator",
                        file("coordinator.conf", seedPort, 1, bound + ", cluster.port = " + seedPort),
                        pod());
                StartedRole node = role(
                        "expert-node",
                        file("node.conf", seedPort, dataPorts.get(0), bound),
                        pod("CONFIG_FORCE_cheshire_role_node__id", "0"));
                StartedRole first = role(
                        "router",
                        file("router-0.conf", seedPort, dataPorts.get(1), router),
                        pod("CONFIG_FORCE_cheshire_role_router__id", "0"))) {
            coordinator.awaitLine("cheshire role is up", WAIT);
            node.awaitLine("node 0 serves router 0", WAIT);
            try (StartedRole second = role(
                    "router",
                    file("router-1.conf", seedPort, dataPorts.get(2), router),
                    pod("CONFIG_FORCE_cheshire_role_router__id", "1"))) {
                final String refusal = second.awaitLine("was refused, tries again", WAIT);
                assertThat(refusal)
                        .contains("the cluster has its 1 routers", "stop one", "cheshire.transport.max-routers");
                first.terminate(WAIT);
                node.awaitLine("node 0 serves router 1", WAIT);
                assertThat(second.output())
                        .as("said once, not every second")
                        .filteredOn(line -> line.contains("was refused"))
                        .hasSize(1);
            }
        }
    }
}
