package io.cheshire.ops.runtime.cli;

import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.runtime.ClusterRole;
import io.cheshire.ops.runtime.NodeMemory;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.ShutdownSignal;
import io.cheshire.ops.runtime.local.ChildProcess;
import io.cheshire.ops.runtime.node.ExpertNodeRole;
import io.cheshire.ops.runtime.node.MemberProcess;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cheshire expert-node}: holds units and computes them. */
@Command(
        name = "expert-node",
        mixinStandardHelpOptions = true,
        description = "Runs one expert node: holds units and computes the rows that routers send.")
final class ExpertNodeRoleCommand implements Callable<Integer> {
    @Mixin
    private RoleOptions options = new RoleOptions();

    @Option(names = "--node-id", required = true, paramLabel = "ID", description = "Number of the node, from 0.")
    private int nodeId;

    @Override
    public Integer call() throws InterruptedException {
        final Settings settings = options.settings();
        try (ConsoleProgress progress = new ConsoleProgress();
                ShutdownSignal signal = options.shutdownSignal(false);
                ExecutorService loader = Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().daemon().name("unit-loader").factory());
                MemberProcess process = MemberProcess.joining(settings, ClusterRole.EXPERT_NODE, progress)) {
            final ExpertNodeRole node = ExpertNodeRole.start(
                    process,
                    nodeId,
                    options.channel(),
                    NodeMemory.limitBytes(settings.config()),
                    loader,
                    (from, to, reason) -> {
                        System.out.println("expert-node " + nodeId + ": " + to + ": " + reason);
                        if (to == NodeState.LOADING) {
                            System.out.println(ChildProcess.UP + ": expert node " + nodeId);
                        }
                        if (to == NodeState.STOPPED) {
                            signal.request();
                        }
                    });
            process.leaveOnShutdown("expert-node", node::leave);
            process.cluster().whenTerminated().thenRun(signal::request);
            signal.await();
        }
        return 0;
    }
}
