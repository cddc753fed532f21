package io.cheshire.expertnode.runtime;

import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * Commands from any thread on their way to the node's, which runs them in order. Each has an outcome, and whoever waits
 * for it hears something in any case: once the node has stopped, what still waits fails, and so does what was on its
 * way.
 */
final class NodeCommands {
    /**
     * One that waits.
     *
     * @param outcome completed by what it does
     * @param action  run by the node's thread
     */
    record Command(CompletableFuture<?> outcome, Runnable action) {}

    private final int nodeId;
    private final ManyToOneConcurrentArrayQueue<Command> waiting;
    private volatile boolean closed;

    /** @param waiting empty; as many may wait as it takes */
    NodeCommands(final int nodeId, final ManyToOneConcurrentArrayQueue<Command> waiting) {
        this.nodeId = nodeId;
        this.waiting = waiting;
    }

    /** What everybody is told who waits for something of a node that has stopped. */
    static IllegalStateException stopped(final int nodeId) {
        return new IllegalStateException("node " + nodeId + " was stopped");
    }

    /** From any thread. */
    void add(final CompletableFuture<?> outcome, final Runnable action) {
        if (closed) {
            outcome.completeExceptionally(stopped(nodeId));
        } else if (!waiting.offer(new Command(outcome, action))) {
            outcome.completeExceptionally(new IllegalStateException("node " + nodeId + " has " + waiting.capacity()
                    + " commands waiting (cheshire.expert-node.max-commands): ask again later"));
        } else if (closed) { // the node's thread may have looked for the last time before the offer
            outcome.completeExceptionally(stopped(nodeId));
        }
    }

    /** Runs all that wait; answers how many. The node's thread, as below. */
    int run() {
        int count = 0;
        for (Command command = waiting.poll(); command != null; command = waiting.poll()) {
            command.action.run();
            count++;
        }
        return count;
    }

    void close() {
        closed = true;
        for (Command command = waiting.poll(); command != null; command = waiting.poll()) {
            command.outcome.completeExceptionally(stopped(nodeId));
        }
    }
}
