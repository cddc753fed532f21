package io.cheshire.ops.runtime.cli;

import io.cheshire.coordinator.runtime.ClusterConfig;
import io.cheshire.expertnode.runtime.ExpertNodeConfig;
import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.http.runtime.ListenAddress;
import io.cheshire.http.runtime.OpsConfig;
import io.cheshire.ops.core.ClusterPlan;
import io.cheshire.ops.runtime.NodeMemory;
import io.cheshire.ops.runtime.OwnOps;
import io.cheshire.ops.runtime.ParentWatch;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.ShutdownSignal;
import io.cheshire.ops.runtime.local.EndedNodes;
import io.cheshire.ops.runtime.local.FreePorts;
import io.cheshire.ops.runtime.local.LocalCluster;
import io.cheshire.ops.runtime.local.ReadyProbe;
import io.cheshire.ops.runtime.local.StateFile;
import io.cheshire.ops.runtime.process.ModelSettings;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.TransportConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cheshire local-cluster}: every role a process of its own on this host. */
@Command(
        name = "local-cluster",
        mixinStandardHelpOptions = true,
        description = "Serves a model from separate processes on this host: coordinator, router and expert nodes.")
final class LocalClusterCommand implements Callable<Integer> {
    private static final long POLL_NS = 100_000_000;
    private static final double NS_PER_SECOND = 1e9;
    private static final int LAST_LINES = 20;
    private static final int MAX_RESTART_SECONDS = 86_400;
    /** Nodes through which a coordinator may come back, beside the router: enough that one of them is there. */
    private static final int SEED_NODES = 2;
    /** The API's, the router's and the coordinator's for operations, and theirs in the cluster; nodes beside. */
    private static final int OWN_PORTS = 5;

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Option(names = "--log-dir", paramLabel = "DIR", description = "Where the processes log. Default: a temporary one.")
    private @Nullable Path logDirectory;

    @Option(
            names = "--state-file",
            paramLabel = "FILE",
            description = "Keep a JSON file with pid, ports, log and number of starts of each process, for programs.")
    private @Nullable Path stateFile;

    @Option(
            names = "--restart-after",
            paramLabel = "SECONDS",
            description =
                    "Start a process that ended again after so many seconds, the router excepted. Default: never.")
    private @Nullable Double restartAfterSeconds;

    @Option(
            names = "--data-plane",
            paramLabel = "ipc|udp",
            defaultValue = "ipc",
            description = "What carries tokens: shared memory, or UDP over the loopback interface."
                    + " Default: ${DEFAULT-VALUE}.")
    private DataPlaneKind dataPlane = DataPlaneKind.ipc;

    @Option(names = "--exit-with-parent", hidden = true, description = "Stop all when standard input ends.")
    private boolean exitWithParent;

    @Mixin
    private ShapeOptions shape = new ShapeOptions();

    /** Spelt as on the command line. */
    private enum DataPlaneKind {
        ipc,
        udp
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        final long startNs = System.nanoTime();
        shape.check();
        final Settings settings = options.settings();
        final ProcessConfig config = settings.read(ProcessConfig::launcher);
        final int nodes = config.nodes();
        final String aeronDirectory =
                DataPlane.freshDirectory(config.transport().termBufferBytes(), channels(nodes));
        final TransportConfig transport = config.transport().onHostDriver(aeronDirectory);
        final ApiConfig api = config.http().checked();
        final OpsConfig ops = config.ops().checked();
        // Drawn here, since the processes must know each other's.
        final Iterator<Integer> free =
                FreePorts.tcp(OWN_PORTS + nodes + Math.min(nodes, SEED_NODES)).iterator();
        final int port = portOf(api.api(), free.next());
        final int opsPort = portOf(ops.listen(), free.next());
        final OwnOps operations = OwnOps.of(ops, opsPort);
        final int clusterPort = free.next();
        final List<Integer> opsPorts = new ArrayList<>();
        for (int process = 0; process < 1 + nodes; process++) {
            opsPorts.add(free.next());
        }
        final List<Integer> memberPorts = new ArrayList<>();
        free.forEachRemaining(memberPorts::add);
        final ClusterPlan plan = shape.of(ClusterPlan.of(new ClusterPlan.Request(
                nodes,
                clusterPort,
                memberPorts,
                dataPlane == DataPlaneKind.udp ? FreePorts.udp(1 + nodes) : List.of(),
                aeronDirectory,
                commonArguments(settings, config),
                routerArguments(config, api.api().host(), port, opsPort),
                opsPorts)));
        final Path logs = logDirectory == null ? Files.createTempDirectory("cheshire-cluster") : logDirectory;
        final String apiUrl = api.api().url(api.tls() != null, port);
        try (ShutdownSignal signal = ShutdownSignal.install();
                StateFile state = StateFile.open(
                        stateFile,
                        new StateFile.Cluster("127.0.0.1:" + clusterPort, aeronDirectory, apiUrl, operations.address()),
                        LocalClusterCommand::report);
                LocalCluster cluster = LocalCluster.open(
                        transport,
                        channels(nodes),
                        logs,
                        restartAfter(),
                        LocalClusterCommand::report,
                        state::processes)) {
            if (exitWithParent) {
                ParentWatch.start(signal::request);
            }
            System.err.println(
                    "Others join with --seed 127.0.0.1:" + clusterPort + " --aeron-dir " + aeronDirectory + ".");
            System.err.println("Starting " + plan.processes().size() + " processes ...");
            cluster.start(plan, signal::requested);
            awaitReady(cluster, signal, operations);
            if (!signal.requested()) {
                System.out.printf(
                        Locale.ROOT,
                        "Ready in %.1f s: %s  (OpenAI API)%n",
                        (System.nanoTime() - startNs) / NS_PER_SECOND,
                        apiUrl);
                System.out.println("Console: " + operations.address() + "/ui");
                System.out.println("Operations: " + operations.address() + "/admin/v1/cluster. Ctrl-C stops all.");
                System.out.flush();
                state.ready();
            }
            final EndedNodes endedNodes = new EndedNodes(operations, LocalClusterCommand::report);
            while (!signal.requested() && cluster.watch(endedNodes::ended)) {
                LockSupport.parkNanos(POLL_NS);
            }
            System.err.println("Stopping all processes ...");
        }
        System.err.println("Stopped.");
        return 0;
    }

    /** Over UDP what is sent and what is received has a buffer each. */
    private int channels(final int nodes) {
        return DataPlane.CHANNELS_PER_LINK * nodes * (dataPlane == DataPlaneKind.udp ? 2 : 1);
    }

    private Optional<Duration> restartAfter() {
        final Double seconds = restartAfterSeconds;
        if (seconds == null) {
            return Optional.empty();
        }
        if (!(seconds >= 0 && seconds <= MAX_RESTART_SECONDS)) {
            throw new IllegalArgumentException(
                    "--restart-after is " + seconds + "; it must be 0 to " + MAX_RESTART_SECONDS + " seconds");
        }
        return Optional.of(Duration.ofNanos((long) (seconds * NS_PER_SECOND)));
    }

    private static void report(final String event) {
        System.err.println(event);
    }

    private void awaitReady(final LocalCluster cluster, final ShutdownSignal signal, final OwnOps operations)
            throws InterruptedException {
        try (ReadyProbe probe = new ReadyProbe(operations)) {
            while (!signal.requested()) {
                if (!cluster.watch((name, status) -> {})) {
                    throw new IllegalArgumentException(
                            "the router ended before the cluster was ready; its log ends with\n"
                                    + cluster.lastLines("router", LAST_LINES));
                }
                if (probe.isReady()) {
                    return;
                }
                LockSupport.parkNanos(POLL_NS);
            }
        }
    }

    /** Flags of the router beside those of every role. */
    static List<String> routerArguments(
            final ProcessConfig config, final String host, final int port, final int opsPort) {
        final List<String> arguments = new ArrayList<>(
                List.of("--host", host, "--port", Integer.toString(port), "--ops-port", Integer.toString(opsPort)));
        final ModelSettings model = config.model();
        if (!model.givenName().isEmpty() || !model.aliases().isEmpty()) {
            arguments.addAll(List.of("--served-model-name", model.name()));
            model.aliases().forEach(name -> arguments.addAll(List.of("--served-model-name", name)));
        }
        final Path trace = config.recorder().file();
        if (trace != null) {
            arguments.addAll(List.of("--record-routing", trace.toString()));
        }
        return arguments;
    }

    /**
     * Where units are on several nodes control planes step back for those who compute tokens. With one replica a death
     * waits for nothing but them. What the user says counts.
     */
    static List<String> controlPlaneArguments(final Settings settings, final ProcessConfig config) {
        final boolean replicated = config.control().coordinator().replicas().perUnit() > 1;
        return replicated && settings.isDefault(ClusterConfig.NICE)
                ? List.of("-D" + ClusterConfig.NICE + "=5")
                : List.of();
    }

    private List<String> commonArguments(final Settings settings, final ProcessConfig config) {
        final List<String> arguments = new ArrayList<>();
        final Path file = options.configFile();
        if (file != null) {
            arguments.addAll(List.of("--config", file.toAbsolutePath().toString()));
        }
        arguments.addAll(List.of(
                "--model",
                config.model().directory().toString(),
                "--precision",
                config.model().precision().word()));
        final Integer replicas = options.replicas();
        if (replicas != null) {
            arguments.addAll(List.of("--replicas", Integer.toString(replicas)));
        }
        if (config.expertNode().maxWeightBytes() == 0) {
            arguments.add(
                    "-D" + ExpertNodeConfig.MAX_WEIGHT_BYTES + "=" + NodeMemory.shareOfHost(config.nodes()) + "B");
        }
        arguments.addAll(controlPlaneArguments(settings, config));
        options.overrides().forEach((key, value) -> arguments.add("-D" + key + "=" + value));
        return arguments;
    }

    private static int portOf(final ListenAddress address, final int free) {
        return address.port() == 0 ? free : address.port();
    }
}
