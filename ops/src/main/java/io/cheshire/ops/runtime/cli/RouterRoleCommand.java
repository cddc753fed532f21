package io.cheshire.ops.runtime.cli;

import io.cheshire.coordinator.runtime.ClusterRole;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.ShutdownSignal;
import io.cheshire.ops.runtime.local.ChildProcess;
import io.cheshire.ops.runtime.node.MemberProcess;
import io.cheshire.ops.runtime.node.RouterRole;
import java.util.concurrent.Callable;
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

    @Option(names = "--router-id", defaultValue = "0", paramLabel = "ID", description = "Number of the router, from 0.")
    private int routerId;

    @Override
    public Integer call() throws InterruptedException {
        final Settings settings = options.settings();
        try (ConsoleProgress progress = new ConsoleProgress();
                ShutdownSignal signal = options.shutdownSignal(true);
                MemberProcess process = MemberProcess.joining(settings, ClusterRole.ROUTER, progress)) {
            final RouterRole router = RouterRole.start(process, routerId, options.channel());
            process.cluster().whenTerminated().thenRun(signal::request);
            System.out.println(ChildProcess.UP + ": router " + routerId + ": http://localhost:"
                    + router.api().port() + " operations http://localhost:"
                    + router.api().opsPort());
            signal.await();
            router.drain(settings.config().getDuration("cheshire.shutdown.drain-timeout"));
        }
        return 0;
    }
}
