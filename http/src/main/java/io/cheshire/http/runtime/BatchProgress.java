package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.http.core.BatchHead;
import io.cheshire.http.core.BatchHead.Status;
import io.cheshire.http.core.FileHead;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.runtime.store.FullException;
import io.cheshire.http.runtime.store.KeptThings;
import io.cheshire.http.runtime.store.KeptThings.Kind;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** How a batch stands, each step of which is kept, and the two files that it writes. Thread-safe. */
final class BatchProgress {
    private final String tenant;
    private final KeptThings things;
    private final LongSupplier nowSeconds;
    /** Under its own lock. Event loops wait for that: nobody reads or computes under it. */
    private final BatchHead head;

    private final String id;
    private final String inputFile;
    private final String outputFile;
    private final String errorFile;
    private final String endpoint;
    private final long expiresSeconds;
    private final AtomicInteger completed = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private volatile int total;
    private volatile boolean isCancelled;
    private volatile boolean hasFailed;

    BatchProgress(final String tenant, final BatchHead head, final KeptThings things, final LongSupplier nowSeconds) {
        this.tenant = tenant;
        this.head = head;
        this.things = things;
        this.nowSeconds = nowSeconds;
        this.id = head.id();
        this.inputFile = head.inputFile();
        this.outputFile = head.outputFile();
        this.errorFile = head.errorFile();
        this.endpoint = head.endpoint();
        this.expiresSeconds = head.expiresSeconds();
        this.total = head.total();
        this.isCancelled = head.isCancelled();
    }

    String tenant() {
        return tenant;
    }

    String id() {
        return id;
    }

    String inputFile() {
        return inputFile;
    }

    String endpoint() {
        return endpoint;
    }

    Status status() {
        synchronized (head) {
            return head.status();
        }
    }

    /** As it is shown. */
    BatchHead head() {
        synchronized (head) {
            final BatchHead copy = new BatchHead(head.kept().deepCopy());
            copy.count(total, completed.get(), failed.get());
            return copy;
        }
    }

    boolean isExpired() {
        return nowSeconds.getAsLong() >= expiresSeconds;
    }

    boolean isCancelled() {
        return isCancelled;
    }

    /** It can't be finished, and the head says why. */
    boolean hasFailed() {
        return hasFailed;
    }

    /** Every line has an answer or a refusal. */
    boolean isWhole() {
        return completed.get() + failed.get() == total;
    }

    /** Some lines may have been answered before. */
    void begin() {
        completed.set(things.sumOfParts(outputFile).count());
        failed.set(things.sumOfParts(errorFile).count());
    }

    /** So many lines there are. */
    void total(final int lines) {
        total = lines;
    }

    /** False: it is too late. */
    boolean cancel() {
        synchronized (head) {
            isCancelled |= head.status().mayBecome(Status.CANCELLING);
            move(Status.CANCELLING);
            return head.status() == Status.CANCELLING;
        }
    }

    /** Nothing happens where that is no way forward. */
    void move(final Status status) {
        synchronized (head) {
            if (head.status().mayBecome(status)) {
                head.move(status, nowSeconds.getAsLong());
                head.count(total, completed.get(), failed.get());
                things.put(Kind.BATCH, tenant, id, Replies.bytes(head.kept()));
            }
        }
    }

    void addError(final int line, final ApiError error) {
        synchronized (head) {
            head.addError(line, error);
        }
    }

    /** It can't be finished; the first reason is told. {@code line} is 0 where it is no line's. */
    void fail(final int line, final ApiError error) {
        synchronized (head) {
            if (!hasFailed) {
                hasFailed = true;
                head.addError(line, error);
            }
        }
    }

    boolean isAnswered(final int index) {
        return things.part(outputFile, index) != null || things.part(errorFile, index) != null;
    }

    void keep(final int index, final boolean isGood, final byte[] answer) {
        final String fileId = isGood ? outputFile : errorFile;
        try {
            if (things.addPart(tenant, fileId, index, answer)) {
                (isGood ? completed : failed).incrementAndGet();
            } else if (!isAnswered(index)) {
                fail(0, BatchInput.gone(fileId).error());
            }
        } catch (final FullException full) {
            fail(0, ApiError.of(503, "store_full", String.valueOf(full.getMessage())));
        }
    }

    /** Its files can be read before it is seen to be over. */
    void end(final Status status) {
        show(outputFile, completed.get() > 0, false);
        show(errorFile, failed.get() > 0, true);
        move(status);
    }

    private void show(final String fileId, final boolean hasLines, final boolean isErrors) {
        if (!hasLines) {
            things.delete(Kind.FILE, tenant, fileId);
            return;
        }
        final String name = id + (isErrors ? "_error.jsonl" : "_output.jsonl");
        final ObjectNode shown = FileHead.of(
                fileId, name, FileHead.BATCH_OUTPUT, things.sumOfParts(fileId).bytes(), nowSeconds.getAsLong(), false);
        things.put(Kind.FILE, tenant, fileId, Replies.bytes(shown));
        synchronized (head) {
            head.show(isErrors);
        }
    }
}
