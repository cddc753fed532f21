package io.cheshire.ops.runtime.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A role of a cluster in a process of its own, of this JVM's class path and with the small model. One thread. */
final class StartedRole implements AutoCloseable {
    static final Path MINI = Path.of(System.getProperty("cheshire.root", ".."), "models", "cheshire-mini")
            .toAbsolutePath();

    private static final long POLL_NS = 20_000_000;

    private final Process process;
    private final Queue<String> output = new ConcurrentLinkedQueue<>();

    private StartedRole(final Process process) {
        this.process = process;
        Thread.ofPlatform().daemon().name("output-of-" + process.pid()).start(this::follow);
    }

    /** @param environment beside this process's own; the log is as talkative as it says or {@code INFO} */
    static StartedRole start(final Map<String, String> environment, final List<String> arguments) throws IOException {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--"))
                .forEach(command::add);
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        // As the product logs; the class path has its tests' files, too.
        command.addAll(List.of("-Dlogback.configurationFile=logback.xml", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.add("io.cheshire.ops.runtime.cli.Main");
        command.addAll(arguments);
        if (!arguments.contains("--ops-port")) {
            command.addAll(List.of("--ops-port", "0")); // several of a role run here at once
        }
        final ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("CHESHIRE_LOG_LEVEL", "INFO");
        builder.environment().putAll(environment);
        return new StartedRole(builder.start());
    }

    private void follow() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            lines.lines().forEach(output::add);
        } catch (final IOException | UncheckedIOException ended) {
            output.add("output ended: " + ended);
        }
    }

    /** Waits until it has said something with this text in it, and answers the first such line. */
    String awaitLine(final String text, final Duration limit) {
        final long deadlineNs = System.nanoTime() + limit.toNanos();
        while (true) {
            final boolean alive = process.isAlive();
            for (final String line : output) {
                if (line.contains(text)) {
                    return line;
                }
            }
            if (!alive || System.nanoTime() - deadlineNs >= 0) {
                throw new AssertionError("\"" + text + "\" wasn't said by process " + process.pid() + ", which "
                        + (alive ? "runs" : "ended with status " + process.exitValue()) + ": "
                        + String.join("\n", output));
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    /** Waits for its end, and answers all that it said. */
    String awaitEnd(final Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("process " + process.pid() + " still runs: " + String.join("\n", output));
        }
        return String.join("\n", output);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    List<String> output() {
        return List.copyOf(output);
    }

    /** SIGKILL; returns when it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM; returns when it is gone. */
    void terminate(final Duration limit) throws InterruptedException {
        process.toHandle().destroy();
        awaitEnd(limit);
    }

    /** A signal that the JDK can't send, such as {@code STOP}. */
    void signal(final String name) throws IOException, InterruptedException {
        final Process shell = new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + process.pid()).start();
        if (shell.waitFor() != 0) {
            throw new IllegalStateException("can't send SIG" + name + " to process " + process.pid());
        }
    }

    /** Kills it if it still runs. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
