package io.cheshire.planner.runtime.validate;

import io.cheshire.chaos.process.ClusterProcesses;
import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.http.runtime.OpsConfig;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.process.DeviceConfig;
import io.cheshire.ops.runtime.process.ModelSettings;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.ops.runtime.process.SingleProcess;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.protocol.run.RequestStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Servers as a deployment says: all in this process, or a local cluster. */
final class LiveServers {
    /** For all units to be there. */
    private static final Duration START = Duration.ofMinutes(4);

    private static final Duration STOP = Duration.ofSeconds(30);
    private static final long POLL_NS = 2_000_000;
    private static final long SEED = 1;

    private LiveServers() {}

    /** Starts one; returns once it serves. */
    static LiveServer start(final Deployment deployment, final Path model, final Calibration calibration)
            throws IOException, InterruptedException {
        return deployment.ofProcesses()
                ? cluster(deployment, model, calibration)
                : alone(deployment, model, calibration.origin().threads());
    }

    private record Running(LiveLoad load, Runnable end) implements LiveServer {
        @Override
        public CellOutcome run(final RequestStream requests) throws InterruptedException {
            return MeasuredOutcome.of(load.run(requests));
        }

        @Override
        public void close() {
            load.close();
            end.run();
        }
    }

    private static LiveServer alone(final Deployment deployment, final Path model, final int threads) {
        final ProcessConfig config = Settings.load(
                        null,
                        Map.of(
                                ModelSettings.DIRECTORY,
                                model.toString(),
                                DeviceConfig.THREADS,
                                threads,
                                ApiConfig.PORT,
                                0,
                                OpsConfig.PORT,
                                0,
                                ProcessConfig.NODES,
                                deployment.nodes()))
                .read(ProcessConfig::alone);
        final SingleProcess server = SingleProcess.start(config, config.http(), Progress.NONE, new AtomicInteger());
        try {
            awaitReady(server);
        } catch (final RuntimeException late) {
            server.close();
            throw late;
        }
        final LiveLoad load = new LiveLoad(
                server.router().api().port(),
                server.model().name(),
                server.model().config().vocabSize(),
                SEED);
        return new Running(load, server::close);
    }

    private static void awaitReady(final SingleProcess server) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(START.toSeconds());
        while (!server.ready()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException(
                        "the server has not loaded its units within " + START.toMinutes() + " minutes");
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private static LiveServer cluster(final Deployment deployment, final Path model, final Calibration calibration)
            throws IOException, InterruptedException {
        final ClusterProcesses cluster = ClusterProcesses.start(
                START,
                List.of(
                        "--nodes",
                        Integer.toString(deployment.nodes()),
                        "--replicas",
                        Integer.toString(deployment.replicas()),
                        "--model",
                        model.toString(),
                        "-D" + DeviceConfig.THREADS + "=" + calibration.origin().threads()));
        try {
            cluster.awaitWhole(deployment.nodes(), deployment.replicas(), START);
            final String name =
                    cluster.api().get("/v1/models").ok().at("/data/0/id").asText();
            return new Running(
                    new LiveLoad(
                            cluster.apiPort(),
                            name,
                            calibration.origin().shape().vocabSize(),
                            SEED),
                    () -> cluster.close(STOP));
        } catch (final IOException | RuntimeException | InterruptedException failed) {
            cluster.close(STOP);
            throw failed;
        }
    }
}
