package io.cheshire.http.runtime;

import io.cheshire.http.core.TenantQueue;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.HttpLimits;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The few threads that parse, render and tokenise. What waits for them is bounded, as a whole and by tenant, and
 * tenants take turns ({@link TenantQueue}). Each piece of work either runs or hears why it won't, exactly once.
 * Thread-safe.
 */
final class TokenizerPool implements AutoCloseable {
    /** Weight of the newest piece of work in the average: an eighth follows a change of load within a few. */
    private static final double NEWEST = 1.0 / 8;
    /** More would keep clients away longer than any backlog within the bounds lasts. */
    private static final int MAX_RETRY_SECONDS = 120;

    /** A native call can't be interrupted; the largest prompt takes a second. */
    private static final int CLOSE_GRACE_SECONDS = 30;

    private static final Logger LOG = LoggerFactory.getLogger(TokenizerPool.class);

    /** What waits; {@code refused} is told if it won't run. */
    private record Work(Runnable run, Consumer<ApiError> refused) {}

    private final HttpLimits.Api limits;
    /** One call of {@link #runNext} for each piece of work in {@link #lines}, so it has the same bound. */
    private final ThreadPoolExecutor threads;
    /** Guarded by itself, as are those below. */
    private final TenantQueue<Work> lines;
    /** When the work that runs began, the first one first; one for each thread at most. */
    private final Deque<Long> running = new ArrayDeque<>();

    private double meanNs;
    private boolean closed;

    TokenizerPool(final HttpLimits.Api limits) {
        this.limits = limits;
        this.threads = new ThreadPoolExecutor(
                limits.tokenizerThreads(),
                limits.tokenizerThreads(),
                1,
                TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("cheshire-tokenizer-", 0).daemon().factory());
        this.lines = new TenantQueue<>(limits.tokenizerQueue(), limits.tokenizerQueuePerTenant());
    }

    /** Runs {@code run} in its tenant's turn, or tells {@code refused} why not. */
    void submit(final String tenant, final Runnable run, final Consumer<ApiError> refused) {
        final TenantQueue.@Nullable Offer<Work> offer;
        final int retrySeconds;
        synchronized (lines) {
            offer = closed ? null : lines.offer(tenant, new Work(run, refused));
            retrySeconds = secondsFor(lines.aheadOf(tenant));
        }
        switch (offer) {
            case null -> refused.accept(stopping());
            case TenantQueue.Offer.Queued<Work>(final @Nullable Work displaced) -> {
                if (displaced == null) {
                    start();
                } else {
                    // The call that was meant for it runs what took its place.
                    displaced.refused().accept(full(retrySeconds));
                }
            }
            case TenantQueue.Offer.LineFull<Work>() ->
                refused.accept(overloaded(
                        "Too many of your requests wait to be read (" + limits.tokenizerQueuePerTenant()
                                + "); send fewer at once.",
                        retrySeconds));
            case TenantQueue.Offer.Full<Work>() -> refused.accept(full(retrySeconds));
        }
    }

    /** Pieces of work that wait. */
    int waiting() {
        synchronized (lines) {
            return lines.waiting();
        }
    }

    private void start() {
        try {
            threads.execute(this::runNext);
        } catch (final RejectedExecutionException e) {
            refuseWaiting();
        }
    }

    private void runNext() {
        final Work next;
        final long startNs = System.nanoTime();
        synchronized (lines) {
            next = lines.poll();
            if (next != null) {
                running.addLast(startNs);
            }
        }
        if (next == null) {
            return;
        }
        try {
            next.run().run();
        } finally {
            final long endNs = System.nanoTime();
            synchronized (lines) {
                running.remove(startNs);
                meanNs += (endNs - startNs - meanNs) * NEWEST;
            }
        }
    }

    /** How long this many pieces of work take, judged by the last ones, or by those that run if they take longer. */
    private int secondsFor(final int ahead) {
        final Long oldestNs = running.peekFirst();
        final double oneNs = oldestNs == null ? meanNs : Math.max(meanNs, (double) (System.nanoTime() - oldestNs));
        final double seconds = ahead * oneNs / limits.tokenizerThreads() / TimeUnit.SECONDS.toNanos(1);
        return (int) Math.clamp(Math.ceil(seconds), 1, MAX_RETRY_SECONDS);
    }

    private ApiError full(final int retrySeconds) {
        return overloaded("Too many requests wait to be read (" + limits.tokenizerQueue() + ").", retrySeconds);
    }

    private static ApiError overloaded(final String message, final int retrySeconds) {
        return ApiError.overloaded(
                message + " Come back after the seconds of Retry-After.", GenerationService.jittered(retrySeconds));
    }

    /**
     * Tells what waits that it won't run any more, takes nothing new, and gives work that runs a while to end: who
     * closes this closes next what the work uses.
     */
    @Override
    public void close() {
        refuseAll();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSE_GRACE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a request was still being read {} s after the end", CLOSE_GRACE_SECONDS);
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Tells what waits, and all that still comes, that it won't run. */
    void refuseAll() {
        synchronized (lines) {
            closed = true;
        }
        refuseWaiting();
    }

    private void refuseWaiting() {
        while (true) {
            final Work next;
            synchronized (lines) {
                next = lines.poll();
            }
            if (next == null) {
                return;
            }
            next.refused().accept(stopping());
        }
    }

    private static ApiError stopping() {
        return ApiError.of(503, "shutting_down", "The server is stopping; send the request again.");
    }
}
