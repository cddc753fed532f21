package io.cheshire.chaos.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.http.runtime.OpsConfig;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.process.ModelSettings;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.ops.runtime.process.SingleProcess;
import io.cheshire.router.core.Engine.EngineStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What {@code cheshire serve} runs, in this JVM on free ports, with clients of both listeners and a watch on the log.
 * Closing it checks that nothing went wrong unseen. Started and closed by one thread.
 */
public final class TestServer implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration QUIET_LIMIT = Duration.ofSeconds(30);
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(20);

    private final LogWatch log;
    private final SingleProcess process;
    private final JsonClient api;
    private final JsonClient ops;

    private TestServer(final LogWatch log, final SingleProcess process, final @Nullable String opsKey) {
        this.log = log;
        this.process = process;
        this.api = new JsonClient(process.router().api().port());
        this.ops = new JsonClient(process.operations().port(), opsKey);
    }

    /** The small trained model of this repository, whose root is the system property {@code cheshire.root}. */
    public static Path cheshireMini() {
        return root().resolve("models/cheshire-mini");
    }

    /** Root of this repository. */
    public static Path root() {
        final String root = System.getProperty("cheshire.root");
        if (root == null) {
            throw new IllegalStateException("-Dcheshire.root=DIR must name the repository's root");
        }
        return Path.of(root);
    }

    /**
     * Starts a server and waits until all experts are there.
     *
     * @param model directory of the checkpoint
     * @param nodes expert nodes
     * @param more  settings by full path, such as {@code cheshire.model.precision}
     */
    public static TestServer start(final Path model, final int nodes, final Map<String, Object> more) {
        final Map<String, Object> settings = new LinkedHashMap<>(more);
        settings.put(ModelSettings.DIRECTORY, model.toString());
        settings.put(ProcessConfig.NODES, nodes);
        settings.put(ApiConfig.PORT, 0);
        settings.put(OpsConfig.PORT, 0);
        final LogWatch log = LogWatch.open();
        final AtomicInteger serving = new AtomicInteger();
        try {
            final ProcessConfig config = Settings.load(null, settings).read(ProcessConfig::alone);
            final ApiConfig api = config.http();
            final TestServer server = new TestServer(
                    log,
                    SingleProcess.start(config, api, Progress.NONE, serving),
                    config.ops().key());
            Await.until(
                    "all experts are reachable",
                    START_LIMIT,
                    server.process::ready,
                    () -> serving.get() + " of " + nodes + " nodes serve");
            return server;
        } catch (final RuntimeException failure) {
            log.close();
            throw failure;
        }
    }

    /** A client of the OpenAI API. */
    public JsonClient api() {
        return api;
    }

    /** A client of the operations listener. */
    public JsonClient ops() {
        return ops;
    }

    /** Port of the OpenAI API. */
    public int port() {
        return process.router().api().port();
    }

    /** What was started. */
    public SingleProcess process() {
        return process;
    }

    /** The engine's figures. */
    public EngineStatus status() {
        return process.router().engine().status();
    }

    /** Lines of level ERROR since the start. */
    public List<String> errors() {
        return log.errors();
    }

    /**
     * Waits until no request is left and everything that requests hold is free.
     *
     * @throws IllegalStateException if something stays: a leak
     */
    public void awaitQuiet() {
        Await.until(
                "no request runs or waits, and all KV blocks are free",
                QUIET_LIMIT,
                () -> isQuiet(status()) && process.router().api().runningRequests() == 0,
                () -> status() + ", requests " + process.router().api().runningRequests());
    }

    /**
     * Waits until every unit is published on as many nodes as it ought to be.
     *
     * @throws IllegalStateException if that doesn't happen
     */
    public void awaitReplicas() {
        Await.until(
                "every unit has its replicas",
                START_LIMIT,
                Await.CLUSTER_POLL,
                () -> health().get("atTarget").booleanValue()
                        && health().get("unitsShort").intValue() == 0,
                () -> health().toString());
    }

    private JsonNode health() {
        return ops.read("/admin/v1/cluster").get("health");
    }

    private static boolean isQuiet(final EngineStatus status) {
        return status.running() == 0 && status.waiting() == 0 && status.kvBlocksFree() == status.kvBlocksTotal();
    }

    /**
     * Drains and stops.
     *
     * @throws IllegalStateException if an agent failed or an error was logged since the start
     */
    @Override
    public void close() {
        try (log) {
            final boolean isDrained = process.drain(DRAIN_LIMIT);
            final long agentErrors = process.agentErrors();
            process.close();
            api.close();
            ops.close();
            if (!isDrained || agentErrors != 0 || !log.errors().isEmpty()) {
                throw new IllegalStateException(
                        "drained: " + isDrained + ", agent errors: " + agentErrors + ", log: " + log.errors());
            }
        }
    }
}
