package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.http.core.BatchHead;
import io.cheshire.http.core.BatchHead.Status;
import io.cheshire.http.core.FileHead;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.BatchParser;
import io.cheshire.http.runtime.store.FullException;
import io.cheshire.http.runtime.store.KeptThings;
import io.cheshire.http.runtime.store.KeptThings.Kind;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
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

    private final String tenant;
    private final BatchHead head;
    private final KeptThings things;
    private final BatchLines lines;
    private final Semaphore places;
    private final LongSupplier nowSeconds;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicInteger completed = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final Phaser open = new Phaser(1);
    private volatile boolean isCancelled;
    private volatile @Nullable String whyFull;
    private volatile int total;
    private @Nullable Thread thread;

    BatchRun(
            final String tenant,
            final BatchHead head,
            final KeptThings things,
            final BatchLines lines,
            final Semaphore places,
            final LongSupplier nowSeconds) {
        this.tenant = tenant;
        this.head = head;
        this.things = things;
        this.lines = lines;
        this.places = places;
        this.nowSeconds = nowSeconds;
        this.isCancelled = head.status() == Status.CANCELLING;
    }

    void start(final Runnable atEnd) {
        thread = Thread.ofVirtual().name(head.id()).start(() -> {
            try {
                run();
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (final RuntimeException | Error e) {
                LOG.error("{} failed", head.id(), e);
            } finally {
                atEnd.run();
            }
        });
    }

    /** How it stands. */
    BatchHead head() {
        synchronized (head) {
            final BatchHead copy = new BatchHead(head.kept().deepCopy());
            copy.count(total, completed.get(), failed.get());
            return copy;
        }
    }

    void cancel() {
        isCancelled = true;
        move(Status.CANCELLING);
    }

    void stop() {
        stopped.countDown();
    }

    void join(final long ms) {
        final Thread own = thread;
        try {
            if (own != null && !own.join(java.time.Duration.ofMillis(ms))) {
                LOG.warn("{} still runs", head.id());
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void move(final Status status) {
        synchronized (head) {
            if (!head.status().isOver()) {
                head.move(status, nowSeconds.getAsLong());
                head.count(total, completed.get(), failed.get());
                things.put(Kind.BATCH, tenant, head.id(), Replies.bytes(head.kept()));
            }
        }
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    private boolean goesOn() {
        final boolean isExpired = nowSeconds.getAsLong() >= head.expiresSeconds();
        return !isStopped() && !isCancelled && !isExpired && whyFull == null;
    }

    private void run() throws InterruptedException {
        final BatchInput input = BatchInput.of(things, lines.parser(), head);
        total = input.count();
        completed.set(things.sumOfParts(head.outputFile()).count());
        failed.set(things.sumOfParts(head.errorFile()).count());
        if (head.status() == Status.VALIDATING) {
            if (!isValid(input)) {
                end(Status.FAILED);
                return;
            }
            move(Status.IN_PROGRESS);
        }
        for (int i = 0; i < input.parts() && goesOn(); i++) {
            if (input.isBlank(i) || isAnswered(i)) {
                continue;
            }
            final int index = i;
            places.acquire();
            open.register();
            Thread.ofVirtual().name(head.id() + "-" + index).start(() -> {
                try {
                    answer(index, input.line(index));
                } catch (final InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    places.release();
                    open.arriveAndDeregister();
                }
            });
        }
        open.arriveAndAwaitAdvance();
        if (!isStopped() || completed.get() + failed.get() == total) {
            finish(input);
        }
    }

    private boolean isValid(final BatchInput input) {
        synchronized (head) {
            return input.isValid();
        }
    }

    private boolean isAnswered(final int index) {
        return things.part(head.outputFile(), index) != null || things.part(head.errorFile(), index) != null;
    }

    private void answer(final int index, final BatchParser.Line line) throws InterruptedException {
        long waitMs = FIRST_WAIT_MS;
        while (goesOn()) {
            final BatchLines.Answered answered = lines.answer(tenant, head.endpoint(), line.body());
            if (!answered.isLater()) {
                keep(index, answered.isGood(), answered.line(head.id(), index, line.customId()));
                return;
            }
            if (stopped.await(waitMs, TimeUnit.MILLISECONDS)) {
                return;
            }
            waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs);
        }
    }

    private void keep(final int index, final boolean isGood, final byte[] answer) {
        try {
            if (things.addPart(tenant, isGood ? head.outputFile() : head.errorFile(), index, answer)) {
                (isGood ? completed : failed).incrementAndGet();
            }
        } catch (final FullException full) {
            whyFull = full.getMessage();
        }
    }

    private void finish(final BatchInput input) {
        final String full = whyFull;
        if (full != null) {
            synchronized (head) {
                head.addError(0, ApiError.of(503, "store_full", full));
            }
            end(Status.FAILED);
            return;
        }
        final boolean isWhole = completed.get() + failed.get() == total;
        if (!isWhole && !isCancelled) {
            expireRest(input);
        }
        move(Status.FINALIZING);
        end(isWhole ? Status.COMPLETED : isCancelled ? Status.CANCELLED : Status.EXPIRED);
    }

    private void expireRest(final BatchInput input) {
        for (int i = 0; i < input.parts() && whyFull == null; i++) {
            if (input.isBlank(i) || isAnswered(i)) {
                continue;
            }
            final ObjectNode line = Replies.MAPPER.createObjectNode();
            line.put("id", "batch_req_" + head.id().substring(head.id().indexOf('_') + 1) + "_" + i);
            line.put("custom_id", input.line(i).customId());
            line.putNull("response");
            line.putObject("error")
                    .put("code", "batch_expired")
                    .put("message", "The batch's completion_window was over before this line's turn.");
            keep(i, false, BatchLines.ended(line));
        }
    }

    /** Its files can be read before it is seen to be over. */
    private void end(final Status status) {
        show(head.outputFile(), completed.get() > 0, false);
        show(head.errorFile(), failed.get() > 0, true);
        move(status);
    }

    private void show(final String fileId, final boolean hasLines, final boolean isErrors) {
        if (!hasLines) {
            things.delete(Kind.FILE, tenant, fileId);
            return;
        }
        final String name = head.id() + (isErrors ? "_error.jsonl" : "_output.jsonl");
        final ObjectNode shown = FileHead.of(
                fileId, name, FileHead.BATCH_OUTPUT, things.sumOfParts(fileId).bytes(), nowSeconds.getAsLong(), false);
        things.put(Kind.FILE, tenant, fileId, Replies.bytes(shown));
        synchronized (head) {
            head.show(isErrors);
        }
    }
}
