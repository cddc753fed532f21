package io.cheshire.benchmarks.serve.runtime;

import io.cheshire.benchmarks.serve.core.LoadPlan;
import io.cheshire.benchmarks.serve.core.PlannedRequest;
import io.cheshire.benchmarks.serve.core.RequestResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sends the requests of a plan at their times, or as fast as clients get answers. One run per object. */
public final class LoadRunner {
    private final LoadPlan plan;
    private final Sender sender;
    private final Consumer<RequestResult> results;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger mostInFlight = new AtomicInteger();
    private final long originNs;

    /** Sends one request; the future completes when it ended, never exceptionally. */
    @FunctionalInterface
    public interface Sender {
        /**
         * Starts a request.
         *
         * @param originNs {@link System#nanoTime()} at the start of the run, from which results count
         */
        CompletableFuture<RequestResult> send(PlannedRequest request, long originNs);
    }

    /**
     * @param results takes every result; called by one thread at a time
     */
    public LoadRunner(final LoadPlan plan, final Sender sender, final Consumer<RequestResult> results) {
        this.plan = plan;
        this.sender = sender;
        this.results = results;
        this.originNs = System.nanoTime();
    }

    /** Most requests that were open at once. */
    public int mostInFlight() {
        return mostInFlight.get();
    }

    /** Clients that wait for their answers; blocks until the last one has its own. */
    public void runClosedLoop(final int clients) {
        final List<CompletableFuture<Void>> ends = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < clients; i++) {
                ends.add(CompletableFuture.runAsync(this::client, threads));
            }
        }
        ends.forEach(CompletableFuture::join);
    }

    private void client() {
        for (PlannedRequest next = nextInTime(); next != null; next = nextInTime()) {
            send(next).join();
        }
    }

    private @Nullable PlannedRequest nextInTime() {
        synchronized (plan) {
            return plan.hasNext() && elapsedNs() < plan.durationNs() ? plan.next() : null;
        }
    }

    /**
     * Requests at their planned times; blocks until the last one ended.
     *
     * @param maxInFlight bound on open requests. What would exceed it is sent late, not dropped, and the corrected
     *                    latencies count the delay
     */
    public void runOpenLoop(final int maxInFlight) throws InterruptedException {
        final Semaphore places = new Semaphore(maxInFlight);
        final List<CompletableFuture<Void>> ends = new ArrayList<>();
        while (plan.hasNext()) {
            final PlannedRequest next = plan.next();
            waitUntil(next.arrivalNs());
            places.acquire();
            ends.add(send(next).whenComplete((end, failure) -> places.release()));
        }
        ends.forEach(CompletableFuture::join);
    }

    /** Parks to the time, again when woken early. */
    private void waitUntil(final long arrivalNs) throws InterruptedException {
        for (long leftNs = arrivalNs - elapsedNs(); leftNs > 0; leftNs = arrivalNs - elapsedNs()) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the run was interrupted while it waited for an arrival");
            }
            LockSupport.parkNanos(this, leftNs);
        }
    }

    private CompletableFuture<Void> send(final PlannedRequest request) {
        final int open = inFlight.incrementAndGet();
        mostInFlight.accumulateAndGet(open, Math::max);
        return sender.send(request, originNs).thenAccept(result -> {
            inFlight.decrementAndGet();
            synchronized (results) {
                results.accept(result);
            }
        });
    }

    private long elapsedNs() {
        return System.nanoTime() - originNs;
    }
}
