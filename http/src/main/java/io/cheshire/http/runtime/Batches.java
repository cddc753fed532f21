package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.http.core.BatchHead;
import io.cheshire.http.core.FileHead;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.BatchParser;
import io.cheshire.http.protocol.BatchRequest;
import io.cheshire.http.runtime.store.FullException;
import io.cheshire.http.runtime.store.KeptThings;
import io.cheshire.http.runtime.store.KeptThings.Kept;
import io.cheshire.http.runtime.store.KeptThings.Kind;
import io.cheshire.http.runtime.store.StoreConfig;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The batches of all tenants: made, listed, cancelled, and each worked off on a thread of its own, which takes turns
 * with the others for each line. What a process left unfinished the next one goes on with. Thread-safe.
 */
final class Batches implements AutoCloseable {
    private static final int FULL_RETRY_SECONDS = 60;
    private static final long JOIN_MS = 10_000;

    private final KeptThings things;
    private final StoreConfig config;
    private final BatchParser parser;
    private final BatchLines lines;
    private final LongSupplier nowSeconds;
    private final Semaphore places;
    /** By batch. */
    private final Map<String, BatchRun> running = new ConcurrentHashMap<>();

    private volatile boolean isStopping;

    Batches(
            final KeptThings things,
            final StoreConfig config,
            final BatchParser parser,
            final BatchLines lines,
            final LongSupplier nowSeconds) {
        this.things = things;
        this.config = config;
        this.parser = parser;
        this.lines = lines;
        this.nowSeconds = nowSeconds;
        this.places = new Semaphore(config.batchRequests(), true);
    }

    /** Goes on with what isn't over; before anybody makes another. */
    void resume() {
        for (final Kept kept : things.all(Kind.BATCH)) {
            final BatchHead head = head(kept);
            if (!head.status().isOver()) {
                final BatchRun run = run(kept.tenant(), head);
                if (running.putIfAbsent(head.id(), run) == null) {
                    start(run);
                }
            }
        }
    }

    /** A new batch, which is begun. */
    BatchHead create(final String tenant, final byte[] body) {
        final BatchRequest request = parser.batch(body);
        final Kept file = things.get(Kind.FILE, tenant, request.inputFileId());
        if (file == null || FileHead.isHidden((ObjectNode) Replies.tree(file.value()))) {
            throw ApiException.invalid("input_file_id", "input_file_id is the id of no file that is kept.");
        }
        final long now = nowSeconds.getAsLong();
        final BatchHead head = BatchHead.of(request, RequestIds.fresh(), now);
        final BatchRun run = run(tenant, new BatchHead(head.kept().deepCopy()));
        reserve(head.id(), run);
        boolean isBegun = false;
        try {
            hide(tenant, head.outputFile(), head.id() + "_output.jsonl", now);
            hide(tenant, head.errorFile(), head.id() + "_error.jsonl", now);
            things.put(Kind.BATCH, tenant, head.id(), Replies.bytes(head.kept()));
            start(run);
            isBegun = true;
        } catch (final FullException full) {
            throw FileEndpoints.full(full);
        } finally {
            if (!isBegun) {
                running.remove(head.id());
                things.delete(Kind.BATCH, tenant, head.id());
                things.delete(Kind.FILE, tenant, head.outputFile());
                things.delete(Kind.FILE, tenant, head.errorFile());
            }
        }
        return head;
    }

    /** Takes a place among those that aren't over, before the store has it: as many as ask at once would be let in. */
    private void reserve(final String id, final BatchRun run) {
        synchronized (running) {
            final int open = running.size();
            if (open >= config.batchesOpen()) {
                throw new ApiException(ApiError.overloaded(
                        "There are " + open + " batches that aren't over"
                                + " (cheshire.router.http.store.batches-open); come back later.",
                        GenerationService.jittered(FULL_RETRY_SECONDS)));
            }
            running.put(id, run);
        }
    }

    private void hide(final String tenant, final String id, final String name, final long now) {
        things.put(Kind.FILE, tenant, id, Replies.bytes(FileHead.of(id, name, FileHead.BATCH_OUTPUT, 0, now, true)));
    }

    private BatchRun run(final String tenant, final BatchHead head) {
        return new BatchRun(
                new BatchProgress(tenant, head, things, nowSeconds),
                things,
                lines,
                places,
                () -> running.remove(head.id()));
    }

    private void start(final BatchRun run) {
        run.start();
        if (isStopping) {
            run.stop();
        }
    }

    /** A tenant's batch, or null. What runs is asked first: its end is kept before it no longer runs. */
    @Nullable
    BatchHead find(final String tenant, final String id) {
        final BatchRun run = running.get(id);
        if (run != null && run.isOf(tenant)) {
            return run.head();
        }
        final Kept kept = things.get(Kind.BATCH, tenant, id);
        return kept == null ? null : head(kept);
    }

    /** A tenant's batches, oldest first. */
    List<BatchHead> all(final String tenant) {
        final Map<String, BatchRun> runs = Map.copyOf(running);
        return things.all(Kind.BATCH, tenant).stream()
                .map(kept -> {
                    final BatchRun run = runs.get(kept.id());
                    return run == null ? head(kept) : run.head();
                })
                .toList();
    }

    /** No further line is begun; null: there is no such batch. */
    @Nullable
    BatchHead cancel(final String tenant, final String id) {
        final BatchRun run = running.get(id);
        if (run != null && run.isOf(tenant) && run.cancel()) {
            return run.head();
        }
        final BatchHead head = find(tenant, id);
        if (head == null) {
            return null;
        }
        final String status = head.status().name().toLowerCase(Locale.ROOT);
        throw new ApiException(ApiError.of(409, "batch_over", "The batch is " + status + " already."));
    }

    /** A batch that isn't over and reads that file, or null. */
    @Nullable
    String readerOf(final String fileId) {
        return running.values().stream()
                .filter(run -> run.reads(fileId))
                .map(BatchRun::id)
                .findAny()
                .orElse(null);
    }

    private static BatchHead head(final Kept kept) {
        return new BatchHead((ObjectNode) Replies.tree(kept.value()));
    }

    /** No further line is begun; what isn't answered the next process does. */
    void stop() {
        isStopping = true;
        running.values().forEach(BatchRun::stop);
    }

    /** Returns when nothing runs any more. */
    @Override
    public void close() {
        stop();
        running.values().forEach(run -> run.join(JOIN_MS));
    }
}
