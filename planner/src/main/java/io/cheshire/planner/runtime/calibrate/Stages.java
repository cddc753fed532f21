package io.cheshire.planner.runtime.calibrate;

import io.cheshire.model.protocol.calibration.CalibrationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a calibration's parts one after another, each on a thread of its own until its end or its time is over,
 * whichever is first: so the whole has a bound, whatever a part does. One thread.
 */
final class Stages {
    private static final double NS_PER_SECOND = 1e9;

    private final boolean quick;
    private final double patience;
    private final Consumer<String> progress;
    private final long beganNs = System.nanoTime();
    private final List<Done> done = new ArrayList<>();

    /** How a stage ended. */
    enum Outcome {
        /** All that it was to do is done. */
        WHOLE,
        /** It had less time than that takes; what it did counts. */
        SHORTENED,
        /** Nothing of it counts. */
        MISSED
    }

    /**
     * A stage that is over.
     *
     * @param seconds that it took
     * @param limit   seconds that it had
     */
    record Done(Stage stage, Outcome outcome, double seconds, double limit) {}

    /** @param patience multiplies all times, for models and machines for which they are too short */
    Stages(final boolean quick, final double patience, final Consumer<String> progress) {
        this.quick = quick;
        this.patience = patience;
        this.progress = progress;
    }

    /** Until when a stage may run: the time of all up to it. */
    long deadlineNs(final Stage last) {
        double seconds = 0;
        for (final Stage stage : Stage.values()) {
            seconds += stage.compareTo(last) <= 0 ? stage.seconds(quick) : 0;
        }
        return beganNs + Math.round(patience * seconds * NS_PER_SECOND);
    }

    /** What a part measured. */
    record Measured<T>(T value, Outcome outcome) {}

    /**
     * Runs a part without which there is no calibration.
     *
     * @throws CalibrationException it took too long
     */
    <T> T require(final Stage stage, final Callable<T> work) throws InterruptedException {
        final Measured<T> measured = run(stage, stage, () -> new Measured<>(work.call(), Outcome.WHOLE));
        if (measured == null) {
            final Done late = done.getLast();
            throw new CalibrationException(
                    "nothing was calibrated",
                    List.of(String.format(
                            Locale.ROOT,
                            "stage %s had %.0f s and took longer; give the machine less to do, %sor raise the limits:"
                                    + " --patience %.0f",
                            name(stage),
                            late.limit(),
                            quick ? "leave out --quick, " : "",
                            Math.ceil(2 * patience))));
        }
        return measured.value();
    }

    /**
     * Runs a part that may be missing, and which looks at its deadline itself.
     *
     * @param end until whose end what it leaves behind has time to end
     */
    void attempt(final Stage stage, final Stage end, final Callable<Outcome> work) throws InterruptedException {
        run(stage, end, () -> new Measured<>(true, work.call()));
    }

    private <T> @Nullable Measured<T> run(final Stage stage, final Stage cutAfter, final Callable<Measured<T>> work)
            throws InterruptedException {
        final long startNs = System.nanoTime();
        final double limit = (deadlineNs(stage) - startNs) / NS_PER_SECOND;
        say(String.format(Locale.ROOT, "%s, at most %.0f s", name(stage), limit));
        final FutureTask<Measured<T>> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().name("calibrate-" + name(stage)).start(task);
        Measured<T> measured = null;
        try {
            measured = task.get(Math.max(0, deadlineNs(cutAfter) - startNs), TimeUnit.NANOSECONDS);
        } catch (final TimeoutException | CancellationException late) {
            task.cancel(true);
        } catch (final ExecutionException failed) {
            throw failed.getCause() instanceof final RuntimeException cause
                    ? cause
                    : new IllegalStateException(name(stage) + ": " + failed.getCause(), failed.getCause());
        }
        final Outcome outcome = measured == null ? Outcome.MISSED : measured.outcome();
        done.add(new Done(stage, outcome, (System.nanoTime() - startNs) / NS_PER_SECOND, limit));
        return measured;
    }

    /** One line of progress, with the time since the start. */
    void say(final String what) {
        progress.accept(
                String.format(Locale.ROOT, "[%5.1f s] %s", (System.nanoTime() - beganNs) / NS_PER_SECOND, what));
    }

    /** Stages that aren't whole, for people. */
    List<String> warnings() {
        return done.stream()
                .filter(stage -> stage.outcome() != Outcome.WHOLE)
                .map(stage -> String.format(
                        Locale.ROOT,
                        "stage %s was %s: it had %.0f s; give the machine less to do%s, or use --patience",
                        name(stage.stage()),
                        stage.outcome() == Outcome.MISSED ? "missed" : "shortened",
                        stage.limit(),
                        quick ? ", leave out --quick" : ""))
                .toList();
    }

    /** Stages that are over, in order. */
    List<Done> done() {
        return List.copyOf(done);
    }

    private static String name(final Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }
}
