package io.cheshire.http.runtime;

import com.linecorp.armeria.common.HttpResponse;
import io.cheshire.http.protocol.ApiException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/** Answers that block or compute: so many at a time, on threads of their own; what comes beyond is 503. Thread-safe. */
final class BlockingCalls implements AutoCloseable {
    private final String busy;
    private final Class<? extends RuntimeException> refusal;
    private final Semaphore places;
    private final ExecutorService threads;

    /**
     * @param busy    what is told where all places are taken
     * @param refusal what an answer throws that is to be told as 409
     */
    BlockingCalls(
            final int most,
            final String busy,
            final Class<? extends RuntimeException> refusal,
            final ThreadFactory threads) {
        this.busy = busy;
        this.refusal = refusal;
        this.places = new Semaphore(most);
        this.threads = Executors.newThreadPerTaskExecutor(threads);
    }

    CompletableFuture<HttpResponse> answer(final Supplier<HttpResponse> answer) {
        if (!places.tryAcquire()) {
            return CompletableFuture.failedFuture(ApiException.of(503, "busy", busy));
        }
        try {
            return CompletableFuture.supplyAsync(() -> placed(answer), threads);
        } catch (final RejectedExecutionException closed) {
            places.release();
            return CompletableFuture.failedFuture(
                    ApiException.of(503, "shutting_down", "The router is stopping; ask another one."));
        } catch (final RuntimeException | Error notStarted) {
            places.release();
            throw notStarted;
        }
    }

    private HttpResponse placed(final Supplier<HttpResponse> answer) {
        try {
            return answer.get();
        } catch (final RuntimeException failure) {
            throw refusal.isInstance(failure)
                    ? ApiException.of(409, "refused", String.valueOf(failure.getMessage()))
                    : failure;
        } finally {
            // Before it is told: whoever has the answer may ask again.
            places.release();
        }
    }

    /** Interrupts what is being answered, and takes no more. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
