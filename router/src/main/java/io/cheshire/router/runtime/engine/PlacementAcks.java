package io.cheshire.router.runtime.engine;

import io.cheshire.router.core.exchange.Exchange;
import java.util.ArrayDeque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * Placements taken over and not yet acknowledged: shards chosen under older ones are still open. The engine thread's.
 */
final class PlacementAcks {
    private record Pending(long epoch, CompletableFuture<Long> done) {}

    private final Exchange exchange;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();

    PlacementAcks(final Exchange exchange) {
        this.exchange = exchange;
    }

    void add(final long epoch, final CompletableFuture<Long> done) {
        pending.addLast(new Pending(epoch, done));
    }

    /** Completes what can be completed, oldest epoch first; answers how many. */
    int poll() {
        int completed = 0;
        while (!pending.isEmpty()
                && !exchange.hasOpenShardBefore(pending.getFirst().epoch())) {
            final Pending next = pending.removeFirst();
            next.done().complete(next.epoch());
            completed++;
        }
        return completed;
    }

    boolean isEmpty() {
        return pending.isEmpty();
    }

    void close() {
        pending.forEach(p -> p.done().completeExceptionally(new CancellationException("the engine has stopped")));
        pending.clear();
    }
}
