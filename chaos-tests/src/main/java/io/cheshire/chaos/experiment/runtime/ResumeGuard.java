package io.cheshire.chaos.experiment.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A process that stops another one for a time. It is a process of its own, which heeds neither Ctrl-C nor hang-ups:
 * whoever is stopped
 * goes on in time, even if the experiment was killed meanwhile.
 */
final class ResumeGuard {
    /** Nothing comes between stop and continue but the time. */
    private static final String SCRIPT =
            "trap '' HUP INT TERM; kill -STOP \"$1\" || exit 1; sleep \"$2\"; kill -CONT \"$1\"";

    private final Process guard;
    private final long pid;

    private ResumeGuard(final Process guard, final long pid) {
        this.guard = guard;
        this.pid = pid;
    }

    /** Stops a process for so long. */
    static ResumeGuard stop(final long pid, final Duration time) {
        final String seconds = String.format(Locale.ROOT, "%.3f", time.toNanos() / 1e9);
        try {
            return new ResumeGuard(
                    new ProcessBuilder("/bin/sh", "-c", SCRIPT, "resume-guard", Long.toString(pid), seconds)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start(),
                    pid);
        } catch (final IOException failure) {
            throw new UncheckedIOException("cannot stop the process " + pid, failure);
        }
    }

    /**
     * Returns when the process goes on.
     *
     * @param slack for the guard's own end; whoever is asked to go on before its time goes on then
     */
    void resume(final Duration slack) throws InterruptedException {
        if (guard.waitFor(slack.toMillis(), TimeUnit.MILLISECONDS)) {
            return;
        }
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -CONT " + pid).start().waitFor();
        } catch (final IOException failure) {
            throw new UncheckedIOException("cannot let the process " + pid + " go on before its time", failure);
        }
        final List<ProcessHandle> sleeping = guard.descendants().toList();
        guard.destroyForcibly();
        sleeping.forEach(ProcessHandle::destroyForcibly);
    }
}
