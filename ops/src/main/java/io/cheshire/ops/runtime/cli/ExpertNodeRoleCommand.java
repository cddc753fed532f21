package io.cheshire.ops.runtime.cli;

import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.runtime.ClusterRole;
import io.cheshire.ops.runtime.NodeMemory;
import io.cheshire.ops.runtime.ShutdownSignal;
import io.cheshire.ops.runtime.local.ChildProcess;
import io.cheshire.ops.runtime.process.ExpertNodeRole;
import io.cheshire.ops.runtime.process.MemberProcess;
import io.cheshire.ops.runtime.process.Operations;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.ops.runtime.process.RoleConfig;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
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

    @Option(
            names = "--node-id",
            paramLabel = "ID",
            description = "Number of the node, from 0. Needed, here or in the file.")
    private @Nullable Integer nodeId;

    @Override
    public Integer call() throws InterruptedException {
        final ProcessConfig config =
                options.settings(RoleOptions.flag(RoleConfig.NODE_ID, nodeId)).read(ProcessConfig::expertNode);
        config.ops().checked();
        final int id = config.role().nodeId();
        try (ConsoleProgress progress = new ConsoleProgress();
                ShutdownSignal signal = options.shutdownSignal(false);
                Operations operations = Operations.open("expert-node", id, config, signal::requested);
                ExecutorService loader = Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().daemon().name("unit-loader").factory());
                MemberProcess process = MemberProcess.joining(config, ClusterRole.EXPERT_NODE, progress)) {
            final ExpertNodeRole node = ExpertNodeRole.start(
                    process,
                    id,
                    config.role().channel(),
                    config.role().failureDomain(),
                    NodeMemory.limitBytes(
                            config.expertNode().maxWeightBytes(),
                            process.device().gpuBytes()),
                    loader,
                    (from, to, reason) -> {
                        System.out.println("expert-node " + id + ": " + to + ": " + reason);
                        if (to == NodeState.LOADING) {
                            System.out.println(
                                    ChildProcess.UP + ": expert node " + id + ": operations " + operations.url());
                        }
                        if (to == NodeState.STOPPED) {
                            signal.request();
                        }
                    });
            process.showOn(operations);
            node.showOn(operations, process);
            process.leaveOnShutdown("expert-node", node::leave);
            return ExitStatus.await("expert node " + id, signal, process.cluster());
        }
    }
}
