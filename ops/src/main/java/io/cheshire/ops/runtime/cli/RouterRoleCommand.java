package io.cheshire.ops.runtime.cli;

import io.cheshire.coordinator.runtime.ClusterRole;
import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.ops.runtime.ShutdownSignal;
import io.cheshire.ops.runtime.local.ChildProcess;
import io.cheshire.ops.runtime.process.MemberProcess;
import io.cheshire.ops.runtime.process.Operations;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.ops.runtime.process.RoleConfig;
import io.cheshire.ops.runtime.process.RouterRole;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cheshire router}: attention, gate and the OpenAI API. */
@Command(
        name = "router",
        mixinStandardHelpOptions = true,
        description = "Runs a router: attention, gating, KV cache and the OpenAI API.")
final class RouterRoleCommand implements Callable<Integer> {
    @Mixin
    private RoleOptions options = new RoleOptions();

    @Option(names = "--router-id", paramLabel = "ID", description = "Number of the router, from 0. Default: 0.")
    private @Nullable Integer routerId;

    @Override
    public Integer call() throws InterruptedException {
        final ProcessConfig config = options.settings(RoleOptions.flag(RoleConfig.ROUTER_ID, routerId))
                .read(ProcessConfig::router);
        final int id = config.role().routerId();
        config.ops().checked();
        final ApiConfig api = config.http().checked();
        try (ConsoleProgress progress = new ConsoleProgress();
                ShutdownSignal signal = options.shutdownSignal(true);
                Operations operations = Operations.open("router", id, config, signal::requested);
                MemberProcess process = MemberProcess.joining(config, ClusterRole.ROUTER, progress)) {
            final RouterRole router =
                    RouterRole.start(process, id, config.role().channel(), api, operations);
            System.out.println(
                    ChildProcess.UP + ": router " + id + ": " + router.api().url() + " operations " + operations.url());
            final int status = ExitStatus.await("router " + id, signal, process.cluster());
            router.drain(config.drainTimeout());
            return status;
        }
    }
}
