package io.cheshire.transport.runtime;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * What other threads want done by the one that Aeron's client belongs to. Whoever waits hears of the end in any case:
 * of the work, however it ends, or of this.
 */
final class ClientTasks {
    private static final int LIMIT = 64;

    private final ManyToOneConcurrentArrayQueue<Task<?>> tasks = new ManyToOneConcurrentArrayQueue<>(LIMIT);
    private volatile boolean closed;

    private record Task<T>(Supplier<T> work, CompletableFuture<T> done) {
        private void run() {
            if (done.isDone()) {
                return; // it was refused already
            }
            try {
                done.complete(work.get());
            } catch (final RuntimeException cause) {
                done.completeExceptionally(cause);
            } catch (final Error cause) {
                done.completeExceptionally(cause);
                throw cause; // nor is it the caller's alone
            }
        }

        private void refuse() {
            done.completeExceptionally(new IllegalStateException("the data plane is closed"));
        }
    }

    /** Waits until it is done by the thread that calls {@link #runNext}, which isn't the caller's. */
    <T> T call(final Supplier<T> work) {
        final Task<T> task = new Task<>(work, new CompletableFuture<>());
        if (closed) {
            task.refuse();
        } else if (!tasks.offer(task)) {
            throw new IllegalStateException("more than " + LIMIT + " threads open channels at once");
        } else if (closed) { // the queue may have been emptied for the last time before the offer
            task.refuse();
        }
        return task.done.join();
    }

    /** Does what waits longest; answers how many it did. */
    int runNext() {
        final Task<?> task = tasks.poll();
        if (task == null) {
            return 0;
        }
        task.run();
        return 1;
    }

    /** Nobody calls {@link #runNext} any more: refuses what waits, and all that comes. */
    synchronized void close() {
        closed = true;
        tasks.drain(Task::refuse);
    }
}
