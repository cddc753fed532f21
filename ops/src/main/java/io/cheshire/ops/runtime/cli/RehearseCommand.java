package io.cheshire.ops.runtime.cli;

import io.cheshire.coordinator.protocol.FailureDomain;
import io.cheshire.coordinator.runtime.ClusterConfig;
import io.cheshire.coordinator.runtime.ClusterRole;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.http.runtime.OpsConfig;
import io.cheshire.ops.runtime.NodeMemory;
import io.cheshire.ops.runtime.OpsClient;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.TrustedCertificates;
import io.cheshire.ops.runtime.local.FreePorts;
import io.cheshire.ops.runtime.process.CoordinatorRole;
import io.cheshire.ops.runtime.process.ExpertNodeRole;
import io.cheshire.ops.runtime.process.MemberProcess;
import io.cheshire.ops.runtime.process.Operations;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.ops.runtime.process.RoleConfig;
import io.cheshire.ops.runtime.process.RouterRole;
import io.cheshire.ops.runtime.process.ServedModel;
import io.cheshire.ops.runtime.process.SingleProcess;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.HostDriver;
import io.cheshire.transport.runtime.TransportConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;

/**
 * {@code cheshire rehearse}: all in this JVM starts what {@code serve} starts and then a cluster of one member a role,
 * and has each answer a request. For the launcher, which archives the classes that this loads: what a start or a first
 * answer needs and the archive lacks is read from jar files and verified, in every process anew
 * (docs/lab/2026-11-engine.md).
 */
@Command(
        name = "rehearse",
        hidden = true,
        description = "Starts every kind of process once, for the archive of classes.")
final class RehearseCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long POLL_NS = 5_000_000;
    private static final int OK = 200;
    private static final String QUESTION =
            "{\"messages\":[{\"role\":\"user\",\"content\":\"What is 17 + 25?\"}],\"temperature\":0,\"max_tokens\":4,\"stream\":true}";

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (ConsoleProgress progress = new ConsoleProgress()) {
            final Settings settings =
                    Settings.load(null, Map.of(ApiConfig.PORT, 0, OpsConfig.PORT, 0, ProcessConfig.NODES, 1));
            serve(settings, progress);
            cluster(settings, progress);
        }
        return 0;
    }

    private static void serve(final Settings settings, final ConsoleProgress progress)
            throws IOException, InterruptedException {
        final StartupReport report = new StartupReport(System.nanoTime());
        final ProcessConfig config = settings.read(ProcessConfig::alone);
        final ApiConfig api = config.http().checked();
        try (SingleProcess server = SingleProcess.start(config, api, progress, new AtomicInteger())) {
            ask(server.router(), api);
            report.ready(server);
            server.drain(PATIENCE);
        }
    }

    private static void cluster(final Settings settings, final ConsoleProgress progress)
            throws IOException, InterruptedException {
        final int port = FreePorts.tcp(1).getFirst();
        final String directory = DataPlane.freshDirectory(
                settings.read(ProcessConfig::launcher).transport().termBufferBytes(), DataPlane.CHANNELS_PER_LINK);
        final Settings member = settings.with(Map.of(
                TransportConfig.DRIVER_MODE,
                "external",
                TransportConfig.DRIVER_DIRECTORY,
                directory,
                // The last member has nobody to wait for.
                "pekko.coordinated-shutdown.phases.cluster-exiting.timeout",
                "100ms",
                RoleConfig.NODE_ID,
                0,
                ClusterConfig.SEEDS,
                List.of("127.0.0.1:" + port)));
        final ProcessConfig coordinator =
                member.with(Map.of(ClusterConfig.PORT, port)).read(ProcessConfig::coordinator);
        final ProcessConfig expertNode = member.read(ProcessConfig::expertNode);
        final ProcessConfig routerConfig = member.read(ProcessConfig::router);
        try (HostDriver _ = DataPlane.launchHostDriver(expertNode.transport(), DataPlane.CHANNELS_PER_LINK);
                Operations placingOps = Operations.open("coordinator", -1, coordinator, () -> false);
                Operations nodeOps = Operations.open("expert-node", 0, expertNode, () -> false);
                Operations routerOps = Operations.open("router", 0, routerConfig, () -> false);
                ServedModel model = ServedModel.open(coordinator.model(), progress);
                ClusterSystem placing = ClusterSystem.join(ClusterRole.COORDINATOR, coordinator.control());
                ExecutorService loader = Executors.newSingleThreadExecutor();
                MemberProcess node = MemberProcess.joining(expertNode, ClusterRole.EXPERT_NODE, progress);
                MemberProcess routing = MemberProcess.joining(routerConfig, ClusterRole.ROUTER, progress)) {
            CoordinatorRole.start(model, placing, placingOps);
            final ExpertNodeRole expert = ExpertNodeRole.start(
                    node,
                    0,
                    SingleProcess.CHANNEL,
                    FailureDomain.NONE,
                    NodeMemory.limitBytes(
                            expertNode.expertNode().maxWeightBytes(),
                            node.device().gpuBytes()),
                    loader,
                    (from, to, reason) -> {});
            node.showOn(nodeOps);
            expert.showOn(nodeOps, node);
            final ApiConfig api = routerConfig.http().checked();
            final RouterRole router = RouterRole.start(routing, 0, SingleProcess.CHANNEL, api, routerOps);
            ask(router, api);
            look(routerOps, nodeOps, placingOps);
            router.drain(PATIENCE);
        }
    }

    /** As whoever watches a cluster does again and again. */
    private static void look(final Operations... listeners) throws IOException, InterruptedException {
        try (HttpClient client = OpsClient.http(null)) {
            for (final Operations listener : listeners) {
                for (final String path : List.of("/health", "/ready", "/metrics", "/admin/v1/self")) {
                    client.send(
                            HttpRequest.newBuilder(URI.create(listener.url() + path))
                                    .timeout(PATIENCE)
                                    .build(),
                            HttpResponse.BodyHandlers.discarding());
                }
            }
        }
    }

    /** Once it is ready. */
    private static void ask(final RouterRole router, final ApiConfig api) throws IOException, InterruptedException {
        final long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
        while (!router.engine().status().ready() && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(POLL_NS);
        }
        final HttpRequest.Builder question = HttpRequest.newBuilder(
                        URI.create(router.api().url() + "/v1/chat/completions"))
                .timeout(PATIENCE)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(QUESTION));
        if (!api.keys().isEmpty()) {
            question.header("authorization", "Bearer " + api.keys().getFirst().key());
        }
        final ApiConfig.Tls tls = api.tls();
        try (HttpClient client = OpsClient.http(tls == null ? null : TrustedCertificates.exactly(tls.certificate()))) {
            final HttpResponse<String> answer = client.send(question.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != OK) {
                throw new IllegalStateException(
                        "a rehearsal was answered with " + answer.statusCode() + ": " + answer.body());
            }
        }
    }
}
