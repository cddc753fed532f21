package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.runtime.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever is stopped goes on, whatever becomes of who stopped it. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ResumeGuardIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** Stops the process that it is given, and is killed then. */
    static final class Runner {
        private Runner() {}

        public static void main(final String[] args) throws InterruptedException {
            ResumeGuard.stop(Long.parseLong(args[0]), Duration.ofSeconds(2));
            Thread.sleep(60_000);
        }
    }

    private static char state(final Process process) {
        try {
            final String line = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return line.charAt(line.lastIndexOf(')') + 2);
        } catch (final IOException ended) {
            throw new UncheckedIOException(ended);
        }
    }

    private static void awaitState(final Process process, final boolean stopped) {
        Await.until(
                stopped ? "it is stopped" : "it goes on",
                LIMIT,
                () -> (state(process) == 'T') == stopped,
                () -> "state " + state(process));
    }

    @Test
    void shouldLetAProcessGoOnBeforeItsTimeWhenAsked() throws Exception {
        final Process victim = new ProcessBuilder("sleep", "60").start();
        try {
            final ResumeGuard guard = ResumeGuard.stop(victim.pid(), Duration.ofMinutes(10));
            awaitState(victim, true);
            guard.resume(Duration.ZERO);
            awaitState(victim, false);
        } finally {
            victim.destroyForcibly();
        }
    }

    @Test
    void shouldLetAProcessGoOnWhenTheRunnerThatStoppedItWasKilled() throws Exception {
        final Process victim = new ProcessBuilder("sleep", "60").start();
        final Process runner = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Runner.class.getName(),
                        Long.toString(victim.pid()))
                .inheritIO()
                .start();
        try {
            awaitState(victim, true);
            runner.destroyForcibly().waitFor();
            awaitState(victim, false);
        } finally {
            runner.destroyForcibly();
            victim.destroyForcibly();
        }
    }
}
