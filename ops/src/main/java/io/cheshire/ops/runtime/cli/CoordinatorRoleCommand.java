package io.cheshire.ops.runtime.cli;

import io.cheshire.coordinator.runtime.ClusterRole;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.ops.runtime.ShutdownSignal;
import io.cheshire.ops.runtime.local.ChildProcess;
import io.cheshire.ops.runtime.process.CoordinatorRole;
import io.cheshire.ops.runtime.process.Operations;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.ops.runtime.process.ServedModel;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cheshire coordinator}: may host the coordinator. */
@Command(
        name = "coordinator",
        mixinStandardHelpOptions = true,
        description = "Runs a coordinator: places units on expert nodes and tells routers.")
final class CoordinatorRoleCommand implements Callable<Integer> {
    @Mixin
    private RoleOptions options = new RoleOptions();

    @Override
    public Integer call() throws InterruptedException {
        final ProcessConfig config = options.settings(Map.of()).read(ProcessConfig::coordinator);
        config.ops().checked();
        try (ConsoleProgress progress = new ConsoleProgress();
                ShutdownSignal signal = options.shutdownSignal(false);
                Operations operations = Operations.open("coordinator", -1, config, signal::requested);
                ServedModel model = ServedModel.open(config.model(), progress);
                ClusterSystem cluster = ClusterSystem.join(ClusterRole.COORDINATOR, config.control())) {
            CoordinatorRole.start(model, cluster, operations);
            System.out.println(ChildProcess.UP + ": coordinator: operations " + operations.url());
            return ExitStatus.await("coordinator", signal, cluster);
        }
    }
}
