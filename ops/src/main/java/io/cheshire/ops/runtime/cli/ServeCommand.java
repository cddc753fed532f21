package io.cheshire.ops.runtime.cli;

import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.ShutdownSignal;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.ops.runtime.process.SingleProcess;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cheshire serve}: everything in one JVM. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = "Serves a model: coordinator, router and expert nodes in one process.")
final class ServeCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);
    private static final long POLL_NS = 5_000_000;

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Override
    public Integer call() throws InterruptedException {
        final long startNs = System.nanoTime();
        final Settings settings = options.settings();
        if (LOG.isDebugEnabled()) {
            LOG.debug("effective configuration:\n{}", settings.render());
        }
        final ProcessConfig config = settings.read(ProcessConfig::alone);
        config.ops().checked();
        final ApiConfig api = config.http().checked();
        final AtomicInteger nodesServing = new AtomicInteger();
        final StartupReport report = new StartupReport(startNs);
        report.step("opening " + config.model().directory());
        try (ConsoleProgress progress = new ConsoleProgress();
                ShutdownSignal signal = ShutdownSignal.install();
                SingleProcess server = SingleProcess.start(config, api, progress, nodesServing)) {
            awaitReady(server, nodesServing, report, signal);
            if (!signal.requested()) {
                report.ready(server);
            }
            signal.await();
            final Duration patience = config.drainTimeout();
            System.err.println("Draining: running requests finish, at most " + patience.toSeconds() + " s ...");
            server.drain(patience);
        }
        System.err.println("Stopped.");
        return 0;
    }

    private static void awaitReady(
            final SingleProcess server,
            final AtomicInteger nodesServing,
            final StartupReport report,
            final ShutdownSignal signal) {
        int shown = -1;
        while (!server.ready() && !signal.requested()) {
            final int serving = nodesServing.get();
            if (serving != shown) {
                report.nodes(serving, server.nodeCount());
                shown = serving;
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }
}
