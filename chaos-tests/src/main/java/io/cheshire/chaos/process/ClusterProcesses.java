package io.cheshire.chaos.process;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.chaos.runtime.ServeProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A {@code local-cluster} of processes that restarts what is killed, with clients of both listeners. One thread. */
public final class ClusterProcesses implements AutoCloseable {
    private static final String OPS_KEY = "-Dcheshire.ops.key=";
    private static final long POLL_NS = 200_000_000;
    private static final Duration STOP_LIMIT = Duration.ofMinutes(2);

    private final ServeProcess launcher;
    private final JsonClient api;
    private final JsonClient ops;

    private ClusterProcesses(final ServeProcess launcher, final List<String> flags) {
        this.launcher = launcher;
        this.api = new JsonClient(launcher.port());
        this.ops = new JsonClient(launcher.opsPort(), opsKey(flags));
    }

    private static @Nullable String opsKey(final List<String> flags) {
        return flags.stream()
                .filter(flag -> flag.startsWith(OPS_KEY))
                .map(flag -> flag.substring(OPS_KEY.length()))
                .findFirst()
                .orElse(null);
    }

    /**
     * Starts it; returns when it answers.
     *
     * @param startLimit how long that may take
     * @param flags      of {@code local-cluster}
     */
    public static ClusterProcesses start(final Duration startLimit, final List<String> flags)
            throws IOException, InterruptedException {
        return new ClusterProcesses(ServeProcess.startCluster(startLimit, flags), flags);
    }

    /** Port of its operations listener. */
    int opsPort() {
        return launcher.opsPort();
    }

    /** Port of the API. */
    public int apiPort() {
        return launcher.port();
    }

    /** A client of the operations listener. */
    public JsonClient ops() {
        return ops;
    }

    /** A client of the API. */
    public JsonClient api() {
        return api;
    }

    /** Flags for a data plane over UDP that loses packets, drawn from a seed. */
    static List<String> lossy(final double rate, final long seed) {
        return List.of(
                "--data-plane",
                "udp",
                "-Dcheshire.transport.driver.loss.rate=" + rate,
                "-Dcheshire.transport.driver.loss.seed=" + seed);
    }

    /** Flags with which a further process joins it. */
    public List<String> joinFlags() {
        final JsonNode state = launcher.clusterState();
        return List.of(
                "--seed",
                state.required("seed").asText(),
                "--aeron-dir",
                state.required("aeronDirectory").asText());
    }

    /** What it has printed so far. */
    List<String> output() {
        return launcher.output();
    }

    /** The process that runs now under this name, such as {@code expert-node-3}. */
    public ProcessHandle process(final String name) {
        final JsonNode process = member(name);
        return ProcessHandle.of(process.required("pid").asLong())
                .orElseThrow(() -> new IllegalStateException(name + " doesn't run: " + process));
    }

    /** Port of the operations listener of the process that was started last under this name. */
    public int opsPort(final String name) {
        return member(name).required("ports").required("ops").asInt();
    }

    /** What the state file says of the process. */
    private JsonNode member(final String name) {
        for (final JsonNode process : launcher.clusterState().required("processes")) {
            if (process.required("name").asText().equals(name)) {
                return process;
            }
        }
        throw new IllegalStateException("no process has the name " + name);
    }

    /** Hurts the process. */
    public void harm(final String name, final Harm harm) {
        switch (harm) {
            case KILL -> process(name).destroyForcibly();
            case STOP -> signal(name, "STOP");
            case TERMINATE -> process(name).destroy();
        }
    }

    /** Lets a stopped process go on. */
    public void resume(final String name) {
        signal(name, "CONT");
    }

    /** What a terminal does to it at Ctrl-C. */
    void interrupt(final String name) {
        signal(name, "INT");
    }

    private void signal(final String name, final String signal) {
        final String pid = Long.toString(process(name).pid());
        try {
            // The JDK can't send these; the shell's own kill needs no further program.
            final Process shell = new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + pid).start();
            if (shell.waitFor() != 0) {
                throw new IllegalStateException("cannot send SIG" + signal + " to " + name + ", pid " + pid);
            }
        } catch (final IOException cause) {
            throw new java.io.UncheckedIOException(cause);
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while signalling " + name, interrupted);
        }
    }

    /** Waits until so many nodes serve, and every unit is published on {@code replicas} of them. */
    public void awaitWhole(final int nodes, final int replicas, final Duration limit) throws InterruptedException {
        final long startNs = System.nanoTime();
        String state = "no answer yet";
        while (System.nanoTime() - startNs < limit.toNanos()) {
            try {
                final JsonNode cluster = ops.get("/admin/v1/cluster").ok();
                state = describe(cluster, replicas);
                if (state.equals(whole(nodes))) {
                    return;
                }
            } catch (final IOException | IllegalStateException notNow) {
                state = String.valueOf(notNow.getMessage());
            }
            LockSupport.parkNanos(POLL_NS);
        }
        throw new IllegalStateException("the cluster was not whole within " + limit.toSeconds() + " s: " + state);
    }

    private static String whole(final int nodes) {
        return nodes + " nodes serve, phase STEADY, 0 units with too few replicas";
    }

    private static String describe(final JsonNode cluster, final int replicas) {
        int serving = 0;
        for (final JsonNode node : cluster.get("nodes")) {
            serving += node.get("state").asText().equals("SERVING") ? 1 : 0;
        }
        int missing = 0;
        for (final JsonNode holders : cluster.at("/placement/nodesByUnit")) {
            missing += holders.size() < replicas ? 1 : 0;
        }
        return serving + " nodes serve, phase " + cluster.get("phase").asText() + ", " + missing
                + " units with too few replicas";
    }

    @Override
    public void close() {
        close(STOP_LIMIT);
    }

    /**
     * Ends it; kills all of it if it hasn't ended by then.
     *
     * @throws IllegalStateException it had to be killed
     */
    public void close(final Duration limit) {
        api.close();
        ops.close();
        launcher.terminate();
        try {
            launcher.exitStatus(limit);
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            launcher.close();
        }
    }
}
