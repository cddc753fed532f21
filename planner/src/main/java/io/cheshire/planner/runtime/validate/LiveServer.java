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
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A real server with the real engine: what a deployment says. Ends with its closing. */
interface LiveServer extends AutoCloseable {
    /** For all its units to be there. */
    Duration START = Duration.ofMinutes(4);

    Duration STOP = Duration.ofSeconds(30);
    long POLL_NS = 2_000_000;

    /** A client of it. */
    LiveLoad load(long seed);

    @Override
    void close();

    /** Starts it; returns once it serves. */
    static LiveServer start(final Deployment deployment, final Path model, final Calibration calibration)
            throws IOException, InterruptedException {
        return deployment.ofProcesses()
                ? cluster(deployment, model, calibration)
                : alone(deployment, model, calibration.origin().threads());
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
        final SingleProcess server =
                SingleProcess.start(config, config.http(), Progress.NONE, new AtomicInteger());
        try {
            awaitReady(server);
        } catch (final RuntimeException late) {
            server.close();
            throw late;
        }
        return new LiveServer() {
            @Override
            public LiveLoad load(final long seed) {
                return new LiveLoad(
                        server.router().api().port(),
                        server.model().name(),
                        server.model().config().vocabSize(),
                        seed);
            }

            @Override
            public void close() {
                server.close();
            }
        };
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

    private static LiveServer cluster(
            final Deployment deployment, final Path model, final Calibration calibration)
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
                        "-D" + DeviceConfig.THREADS + "="
                                + calibration.origin().threads()));
        try {
            cluster.awaitWhole(deployment.nodes(), deployment.replicas(), START);
            final String name =
                    cluster.api().get("/v1/models").ok().at("/data/0/id").asText();
            return new LiveServer() {
                @Override
                public LiveLoad load(final long seed) {
                    return new LiveLoad(
                            cluster.apiPort(), name, calibration.origin().shape().vocabSize(), seed);
                }

                @Override
                public void close() {
                    cluster.close(STOP);
                }
            };
        } catch (final IOException | RuntimeException | InterruptedException failed) {
            cluster.close(STOP);
            throw failed;
        }
    }
}
