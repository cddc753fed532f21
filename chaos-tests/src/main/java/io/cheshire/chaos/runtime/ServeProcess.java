package io.cheshire.chaos.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code cheshire serve}, {@code cheshire local-cluster} with its own children, or one role, as a process of its own,
 * started as {@code ./cheshire} starts it. It ends with this JVM, however that ends ({@code serve}: not by kill -9).
 * One thread.
 */
public final class ServeProcess implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("(?:Ready in|role is up: router) .*?http://localhost:(\\d+)");
    private static final Pattern OPERATIONS = Pattern.compile("[Oo]perations.* http://localhost:(\\d+)");
    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);
    private static final long POLL_NS = 100_000_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final @Nullable Path stateFile;
    private final List<Thread> readers;
    private final Queue<String> output = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private final CompletableFuture<Integer> opsPort = new CompletableFuture<>();

    private final String subcommand;

    private ServeProcess(final String subcommand, final Process process, final @Nullable Path stateFile) {
        this.subcommand = subcommand;
        this.process = process;
        this.stateFile = stateFile;
        readers =
                List.of(follow(process.getInputStream(), this::onLine), follow(process.getErrorStream(), this::onLine));
    }

    /** Starts {@code serve} with these flags beside those for free ports; returns when it says that it is ready. */
    public static ServeProcess start(final String... flags) throws IOException, InterruptedException {
        return start("serve", START_LIMIT, List.of(flags));
    }

    /** The same for {@code local-cluster}; terminate it and wait, else its children are killed with it. */
    public static ServeProcess startCluster(final String... flags) throws IOException, InterruptedException {
        return startCluster(START_LIMIT, List.of(flags));
    }

    /** The same with a limit of its own for the start. */
    public static ServeProcess startCluster(final Duration startLimit, final List<String> flags)
            throws IOException, InterruptedException {
        final Path stateFile = Files.createTempDirectory("cheshire-state").resolve("cluster.json");
        final List<String> all = new ArrayList<>(flags);
        all.addAll(List.of("--exit-with-parent", "--state-file", stateFile.toString()));
        final ServeProcess cluster = launch("local-cluster", all, stateFile);
        try {
            cluster.awaitReady(startLimit);
            return cluster;
        } catch (final IllegalStateException failure) {
            cluster.close();
            throw failure;
        }
    }

    private void awaitReady(final Duration limit) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + limit.toNanos();
        while (true) {
            final boolean alive = process.isAlive();
            final JsonNode state = clusterState();
            if (state.path("state").asText().equals("ready")) {
                port.complete(URI.create(state.path("api").asText()).getPort());
                opsPort.complete(URI.create(state.path("operations").asText()).getPort());
                return;
            }
            if (!alive) {
                awaitLastWords();
                throw new IllegalStateException(
                        "did not get ready; it wrote: " + output(),
                        new IllegalStateException("it ended with status " + process.exitValue()));
            }
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new IllegalStateException("did not get ready; it wrote: " + output());
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private void awaitLastWords() throws InterruptedException {
        for (final Thread reader : readers) {
            reader.join(LAST_WORDS);
        }
    }

    /** What a {@code local-cluster} says of itself now; missing before it has said anything. */
    public JsonNode clusterState() {
        final Path file = stateFile;
        if (file == null) {
            throw new IllegalStateException("only a local-cluster has a state file");
        }
        if (!Files.exists(file)) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(file.toFile());
        } catch (final IOException cause) {
            throw new java.io.UncheckedIOException(cause);
        }
    }

    /** The same for a further {@code router} of a cluster that runs; {@code flags} say how to join it. */
    public static ServeProcess startRouter(final List<String> flags) throws IOException, InterruptedException {
        final List<String> all = new ArrayList<>(flags);
        all.add("--exit-with-parent");
        return start("router", START_LIMIT, all);
    }

    private static ServeProcess start(final String subcommand, final Duration startLimit, final List<String> flags)
            throws IOException, InterruptedException {
        final ServeProcess server = launch(subcommand, flags);
        final CompletionStage<Process> end = server.process.onExit();
        end.thenAccept(ended -> server.gaveUp(ended.exitValue()));
        try {
            server.port.get(startLimit.toSeconds(), TimeUnit.SECONDS);
            server.opsPort.get(startLimit.toSeconds(), TimeUnit.SECONDS);
            return server;
        } catch (final ExecutionException | TimeoutException failure) {
            server.close();
            throw new IllegalStateException("did not get ready; it wrote: " + server.output(), failure);
        }
    }

    /** Starts a subcommand and waits for nothing. */
    public static ServeProcess launch(final String subcommand, final List<String> flags) throws IOException {
        return launch(subcommand, flags, null);
    }

    private static ServeProcess launch(
            final String subcommand, final List<String> flags, final @Nullable Path stateFile) throws IOException {
        final List<String> command = new ArrayList<>(BuiltProduct.command());
        command.addAll(List.of(subcommand, "--port", "0", "--ops-port", "0"));
        command.addAll(flags);
        return new ServeProcess(subcommand, OwnProcesses.start(new ProcessBuilder(command)), stateFile);
    }

    /** On threads of the system: a read from a pipe holds its carrier, and two of them are all that two cores have. */
    private static Thread follow(final InputStream in, final Consumer<String> lines) {
        return Thread.ofPlatform().daemon().name("output-reader").start(() -> {
            try (BufferedReader reader =
                    new BufferedReader(new java.io.InputStreamReader(in, StandardCharsets.UTF_8))) {
                reader.lines().forEach(lines);
            } catch (final IOException | java.io.UncheckedIOException ended) {
                lines.accept("output ended: " + ended);
            }
        });
    }

    private void onLine(final String line) {
        output.add(line);
        ProcessErrors.OF_ALL.printed(subcommand, line);
        complete(port, READY.matcher(line));
        complete(opsPort, OPERATIONS.matcher(line));
    }

    private void gaveUp(final int status) {
        final IllegalStateException early = new IllegalStateException("it ended with status " + status);
        port.completeExceptionally(early);
        opsPort.completeExceptionally(early);
    }

    private static void complete(final CompletableFuture<Integer> port, final Matcher said) {
        if (said.find()) {
            port.complete(Integer.valueOf(said.group(1)));
        }
    }

    /** Port of the OpenAI API. */
    public int port() {
        return port.join();
    }

    /** Port of the operations listener. */
    public int opsPort() {
        return opsPort.join();
    }

    /** Sends SIGTERM; what it says until its end is still read, which {@link Process#destroy} would not do. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /**
     * Sends it a signal that the JDK can't send, such as {@code STOP}; the shell's own kill needs no further program.
     */
    public void signal(final String signal) {
        try {
            final Process shell = new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + process.pid()).start();
            if (shell.waitFor() != 0) {
                throw new IllegalStateException("cannot send SIG" + signal + " to pid " + process.pid());
            }
        } catch (final IOException cause) {
            throw new java.io.UncheckedIOException(cause);
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while signalling pid " + process.pid(), interrupted);
        }
    }

    /**
     * Waits for the end.
     *
     * @return the exit status
     * @throws IllegalStateException if it still runs after {@code limit}
     */
    public int exitStatus(final Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("still runs after " + limit.toSeconds() + " s; it wrote: " + output());
        }
        awaitLastWords();
        return process.exitValue();
    }

    /** Number of the process. */
    public long pid() {
        return process.pid();
    }

    /** Still running. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Lines of both outputs so far. */
    public List<String> output() {
        return List.copyOf(output);
    }

    /** Kills it if it still runs. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
