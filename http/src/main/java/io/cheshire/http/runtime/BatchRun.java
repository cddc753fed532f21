package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.http.core.BatchHead;
import io.cheshire.http.core.BatchHead.Status;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.BatchParser;
import io.cheshire.http.runtime.store.KeptThings;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One batch, worked off: its lines are checked, then answered in their order, several at a time, each once: an answer
 * that is kept is never made again. Line {@code i} of the input is part {@code i} of the output, or of the errors.
 */
final class BatchRun {
    private static final Logger LOG = LoggerFactory.getLogger(BatchRun.class);
    private static final long FIRST_WAIT_MS = 200;
    private static final long LONGEST_WAIT_MS = 5_000;

    private final BatchProgress progress;
    private final KeptThings things;
    private final BatchLines lines;
    private final Semaphore places;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    BatchRun(
            final BatchProgress progress,
            final KeptThings things,
            final BatchLines lines,
            final Semaphore places,
            final Runnable atEnd) {
        this.progress = progress;
        this.things = things;
        this.lines = lines;
        this.places = places;
        this.thread = Thread.ofVirtual().name(progress.id()).unstarted(() -> {
            try {
                runToEnd();
            } catch (final RuntimeException | Error e) {
                LOG.error("{} ran and can't be ended", progress.id(), e);
            } finally {
                atEnd.run();
            }
        });
    }

    void start() {
        thread.start();
    }

    /** How it stands. */
    BatchHead head() {
        return progress.head();
    }

    boolean isOf(final String tenant) {
        return progress.tenant().equals(tenant);
    }

    String id() {
        return progress.id();
    }

    /** It isn't over, and that is its input. */
    boolean reads(final String fileId) {
        return progress.inputFile().equals(fileId) && !progress.status().isOver();
    }

    /** False: it is too late. */
    boolean cancel() {
        return progress.cancel();
    }

    void stop() {
        stopped.countDown();
    }

    /** Waits for its end, if it was started. */
    void join(final long ms) {
        try {
            if (thread.getState() != Thread.State.NEW && !thread.join(Duration.ofMillis(ms))) {
                LOG.warn("{} still runs", progress.id());
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    private boolean isWanted() {
        return !isStopped() && !progress.isCancelled();
    }

    private boolean goesOn() {
        return isWanted() && !progress.isExpired() && !progress.hasFailed();
    }

    private void runToEnd() {
        guarded(0, this::run);
        if (progress.hasFailed()) {
            progress.end(progress.isCancelled() ? Status.CANCELLED : Status.FAILED);
        }
    }

    /** A part of the work. */
    @FunctionalInterface
    private interface Step {
        void run() throws InterruptedException;
    }

    /** The batch says what becomes of a step, so that the others end; {@code line} is 0 where it is no line's. */
    private void guarded(final int line, final Step step) {
        try {
            step.run();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (final ApiException goneOrNone) {
            progress.fail(line, goneOrNone.error());
        } catch (final RuntimeException | Error e) {
            broke(e);
        }
    }

    /** Nobody expected it: the batch says so, unless the next process may go on with it. */
    private void broke(final Throwable unexpected) {
        if (isStopped()) {
            LOG.warn("{} is left to the next process", progress.id(), unexpected);
            return;
        }
        LOG.error("{} failed", progress.id(), unexpected);
        final String told = "The server failed; its log says why under " + progress.id() + ".";
        progress.fail(0, ApiError.of(500, "internal_error", told));
    }

    private void run() {
        progress.begin();
        final BatchInput input = BatchInput.of(things, lines.parser(), progress);
        progress.total(input.count());
        if (progress.status() == Status.VALIDATING) {
            final boolean isValid = input.isValid(progress::addError, this::isWanted);
            if (isStopped()) {
                return; // The next process checks all of it.
            }
            if (!isValid) {
                progress.end(progress.isCancelled() ? Status.CANCELLED : Status.FAILED);
                return;
            }
            progress.move(Status.IN_PROGRESS);
        }
        answerAll(input);
        if (!isStopped() || progress.isWhole()) {
            finish(input);
        }
    }

    /** Returns when no line is being answered any more. */
    private void answerAll(final BatchInput input) {
        final ThreadFactory named =
                Thread.ofVirtual().name(progress.id() + "-", 0).factory();
        try (ExecutorService open = Executors.newThreadPerTaskExecutor(named)) {
            guarded(0, () -> beginAll(open, input));
        }
    }

    private void beginAll(final ExecutorService open, final BatchInput input) throws InterruptedException {
        for (int i = 0; i < input.parts() && goesOn(); i++) {
            if (!input.isBlank(i) && !progress.isAnswered(i)) {
                places.acquire();
                begin(open, input, i);
            }
        }
    }

    /** Has a place, which is given back however it goes. */
    private void begin(final ExecutorService open, final BatchInput input, final int index) {
        try {
            open.execute(() -> {
                try {
                    guarded(index + 1, () -> answer(index, input.line(index)));
                } finally {
                    places.release();
                }
            });
        } catch (final RuntimeException | Error e) {
            places.release();
            throw e;
        }
    }

    private void answer(final int index, final BatchParser.Line line) throws InterruptedException {
        long waitMs = FIRST_WAIT_MS;
        while (goesOn()) {
            final BatchLines.Answered answered = lines.answer(progress.tenant(), progress.endpoint(), line.body());
            if (!answered.isLater()) {
                progress.keep(index, answered.isGood(), answered.line(progress.id(), index, line.customId()));
                return;
            }
            if (stopped.await(waitMs, TimeUnit.MILLISECONDS)) {
                return;
            }
            waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs);
        }
    }

    private void finish(final BatchInput input) {
        final boolean isWhole = progress.isWhole();
        if (!isWhole && !progress.isCancelled() && !progress.hasFailed()) {
            expireRest(input);
        }
        if (progress.hasFailed()) {
            return;
        }
        progress.move(Status.FINALIZING);
        progress.end(isWhole ? Status.COMPLETED : progress.isCancelled() ? Status.CANCELLED : Status.EXPIRED);
    }

    private void expireRest(final BatchInput input) {
        for (int i = 0; i < input.parts() && !progress.hasFailed(); i++) {
            if (input.isBlank(i) || progress.isAnswered(i)) {
                continue;
            }
            final ObjectNode line = Replies.MAPPER.createObjectNode();
            line.put("id", BatchLines.lineId(progress.id(), i));
            line.put("custom_id", input.line(i).customId());
            line.putNull("response");
            line.putObject("error")
                    .put("code", "batch_expired")
                    .put("message", "The batch's completion_window was over before this line's turn.");
            progress.keep(i, false, BatchLines.ended(line));
        }
    }
}
