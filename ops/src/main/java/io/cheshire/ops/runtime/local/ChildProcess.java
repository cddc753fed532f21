package io.cheshire.ops.runtime.local;

import io.cheshire.ops.core.ClusterPlan;
import io.cheshire.ops.core.LocalProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One role running in a JVM of its own, started with this JVM's class path. Its standard input stays open as long as
 * this process lives, so that children end with a parent that was killed. Used by one thread.
 */
public final class ChildProcess {
    /** What a role prints when it is up. */
    public static final String UP = "cheshire role is up";

    /**
     * A terminal sends Ctrl-C to all its processes at once; the children must outlast it, since their parent ends them
     * in order.
     */
    private static final List<String> DEAF_TO_THE_TERMINAL =
            List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "cheshire");

    private final ClusterPlan.RoleProcess plan;
    private final List<String> arguments;
    private final Process process;
    private final Path log;
    private boolean up;

    private ChildProcess(
            final ClusterPlan.RoleProcess plan, final List<String> arguments, final Process process, final Path log) {
        this.plan = plan;
        this.arguments = List.copyOf(arguments);
        this.process = process;
        this.log = log;
    }

    /** Starts it; what it prints is added to {@code logDirectory/NAME.log}. */
    static ChildProcess start(
            final ClusterPlan.RoleProcess plan,
            final List<String> arguments,
            final JvmCommand jvm,
            final Path logDirectory) {
        final List<String> command = new ArrayList<>(DEAF_TO_THE_TERMINAL);
        command.addAll(jvm.prefix(plan.jvmFlags()));
        command.add(plan.role());
        command.addAll(arguments);
        final Path log = logDirectory.resolve(plan.name() + ".log");
        final File logFile = log.toFile();
        try {
            final Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile))
                    .start();
            return new ChildProcess(plan, arguments, process, log);
        } catch (final IOException cause) {
            throw new UncheckedIOException("cannot start " + plan.name() + ": " + cause.getMessage(), cause);
        }
    }

    String name() {
        return plan.name();
    }

    /** What it was started from. */
    ClusterPlan.RoleProcess plan() {
        return plan;
    }

    long pid() {
        return process.pid();
    }

    /** As it is now, for programs. */
    LocalProcess state(final int starts) {
        final boolean running = alive();
        return new LocalProcess(
                plan.name(),
                plan.role(),
                LocalProcess.idIn(arguments),
                pid(),
                running,
                running ? null : exitStatus(),
                starts,
                LocalProcess.portsIn(arguments),
                log.toAbsolutePath().toString());
    }

    Path log() {
        return log;
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Alive and not yet up: every role prints {@link #UP} once it has joined. */
    boolean starting() {
        if (!up) {
            up = saysUp();
        }
        return !up && alive();
    }

    private boolean saysUp() {
        try {
            return Files.readString(log).contains(UP);
        } catch (final IOException notYetWritten) {
            return false;
        }
    }

    /** The end of its log. */
    String lastLines(final int count) {
        try {
            final List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - count), lines.size()));
        } catch (final IOException unreadable) {
            return "(" + log + " can't be read: " + unreadable + ")";
        }
    }

    /** Exit status; only after {@link #alive()} answered false. */
    int exitStatus() {
        return process.exitValue();
    }

    /** SIGTERM: the role drains and leaves in order. */
    void terminate() {
        process.destroy();
    }

    /** Closes its standard input: the whole cluster stops, so it ends without handing anything over. */
    void abandon() {
        try {
            process.getOutputStream().close();
        } catch (final IOException alreadyGone) {
            process.destroyForcibly();
        }
    }

    /** Waits, then kills. True when it ended by itself. */
    boolean awaitOrKill(final long timeoutMs) throws InterruptedException {
        if (process.waitFor(timeoutMs, TimeUnit.MILLISECONDS)) {
            return true;
        }
        process.destroyForcibly();
        process.waitFor();
        return false;
    }
}
