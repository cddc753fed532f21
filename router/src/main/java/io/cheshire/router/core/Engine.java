package io.cheshire.router.core;

/** The router's engine as the HTTP API drives it. Every method is safe from any thread and never blocks. */
public interface Engine {
    /** Asks for a sequence. Limits apply before any work: a rejected request has cost nothing. */
    Admission submit(GenerationRequest request, GenerationListener listener);

    /** Figures for metrics and limits. */
    EngineStatus status();

    /** The answer to a submission. */
    sealed interface Admission {
        /** In the queue; the listener will hear a terminal call. */
        record Accepted(Handle handle) implements Admission {}

        /** The waiting queue is full: 429, come back after about {@code retryAfterSeconds}. */
        record QueueFull(int queueLimit, int retryAfterSeconds) implements Admission {}

        /** Can never be served: prompt plus output exceed the context or the whole KV pool. */
        record TooLong(int tokens, int limitTokens) implements Admission {}

        /** Draining or stopped. */
        record NotServing() implements Admission {}
    }

    /** A sequence in flight. */
    interface Handle {
        /** Ends the sequence within one step and frees its KV blocks; safe to call at any time and again. */
        void cancel();
    }

    /**
     * A snapshot.
     *
     * @param ready             every unit of the placement has a reachable node
     * @param contextTokens     the longest sequence, prompt and output together
     * @param waiting           sequences in the queue
     * @param running           sequences in lanes
     * @param kvBlocksTotal     size of the pool
     * @param kvBlocksFree      free blocks, those held only by the prefix cache counted as free
     * @param preemptions       sequences sent back to be recomputed, since start
     * @param promptTokens      prompt tokens taken in, since start
     * @param cachedTokens      of these found in the prefix cache
     * @param generatedTokens   tokens generated, since start
     * @param steps             steps run, since start
     */
    record EngineStatus(
            boolean ready,
            int contextTokens,
            int waiting,
            int running,
            int kvBlocksTotal,
            int kvBlocksFree,
            long preemptions,
            long promptTokens,
            long cachedTokens,
            long generatedTokens,
            long steps) {}
}
