package io.cheshire.chaos.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Processes that this JVM started and that end with it: SIGTERM and Ctrl-C end them too, at whichever moment they come,
 * because the hook is there before the first of them. Against kill -9 of this JVM only the process itself can help: its
 * standard input ends ({@code --exit-with-parent}). Safe from any thread.
 */
final class OwnProcesses {
    /** A router may take a minute for requests that run, and its cluster some seconds more. */
    private static final Duration ORDERLY_END = Duration.ofSeconds(90);

    private static final OwnProcesses OF_THIS_JVM = new OwnProcesses();

    private final List<Process> running = new ArrayList<>();
    private boolean hooked;
    private boolean ending;

    private OwnProcesses() {}

    /**
     * Starts it.
     *
     * @throws IOException           it can't be started
     * @throws IllegalStateException this JVM is ending
     */
    static Process start(final ProcessBuilder builder) throws IOException {
        return OF_THIS_JVM.add(builder);
    }

    /** Held throughout, so that the hook sees a process or none is started any more. */
    private synchronized Process add(final ProcessBuilder builder) throws IOException {
        if (!hooked) {
            Runtime.getRuntime()
                    .addShutdownHook(
                            Thread.ofPlatform().name("end-of-own-processes").unstarted(this::endAll));
            hooked = true;
        }
        if (ending) {
            throw new IllegalStateException("this process is ending and starts no other");
        }
        running.removeIf(process -> !process.isAlive());
        final Process process = builder.start();
        running.add(process);
        return process;
    }

    private synchronized List<Process> noMore() {
        ending = true;
        return List.copyOf(running);
    }

    private void endAll() {
        final List<Process> left = noMore().stream().filter(Process::isAlive).toList();
        if (left.isEmpty()) {
            return;
        }
        System.err.println("Stopping what was started ...");
        left.forEach(process -> process.toHandle().destroy());
        final long deadlineNs = System.nanoTime() + ORDERLY_END.toNanos();
        for (final Process process : left) {
            try {
                process.waitFor(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (final InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
