package io.cheshire.router.runtime.engine;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.router.core.Engine.Admission;
import io.cheshire.router.core.GenerationListener;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.sample.SamplingPlan;
import io.cheshire.router.runtime.engine.Sequences.Failure;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Decides who gets in, from any thread, and holds who did until the engine thread takes it. No more than a limit wait,
 * here and in the scheduler together; beyond it a submitter is told when to come back. Once closed, what is still here
 * fails, and so does what was on its way.
 */
final class Admissions {
    private static final int MAX_RETRY_AFTER_SECONDS = 60;

    private final int limit;
    private final int contextTokens;
    private final ModelConfig model;
    private final Runnable onCancel;
    private final ManyToOneConcurrentArrayQueue<Ticket> submissions;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile @Nullable Failure whyClosed;
    private volatile long intervalNs;
    /** The engine thread's. */
    private long lastLeftNs;

    private long meanIntervalNs;

    /**
     * @param limit    how many may wait
     * @param onCancel run on the canceller's thread
     */
    Admissions(
            final int limit,
            final int contextTokens,
            final ModelConfig model,
            final Runnable onCancel,
            final long nowNs) {
        this.limit = limit;
        this.contextTokens = contextTokens;
        this.model = model;
        this.onCancel = onCancel;
        this.submissions = new ManyToOneConcurrentArrayQueue<>(limit);
        this.lastLeftNs = nowNs;
    }

    // ---- any thread ----

    /** @throws IllegalArgumentException naming a token that the model hasn't, or what its head can't do */
    Admission submit(final GenerationRequest request, final GenerationListener listener) {
        final long tokens = (long) request.promptTokens().size() + request.maxTokens();
        if (tokens > contextTokens) {
            return new Admission.TooLong((int) Math.min(tokens, Integer.MAX_VALUE), contextTokens);
        }
        requireKnownTokens(request);
        requireHead(request);
        if (waiting.incrementAndGet() > limit) {
            waiting.decrementAndGet();
            return new Admission.QueueFull(limit, retryAfterSeconds());
        }
        final Ticket ticket = new Ticket(request, listener, new SamplingPlan(request, model.vocabSize()), onCancel);
        if (!submissions.offer(ticket)) {
            waiting.decrementAndGet();
            return new Admission.QueueFull(limit, retryAfterSeconds());
        }
        final Failure why = whyClosed;
        if (why != null) {
            failLeftovers(why); // the agent may have looked for the last time before the offer
        }
        return new Admission.Accepted(ticket);
    }

    private void requireKnownTokens(final GenerationRequest request) {
        for (final int token : request.promptTokens()) {
            if (token < 0 || token >= model.vocabSize()) {
                throw new IllegalArgumentException(
                        "token id " + token + " is outside the vocabulary of " + model.vocabSize());
            }
        }
    }

    /** A head that scores draws no tokens, and one of a language model scores no texts. */
    private void requireHead(final GenerationRequest request) {
        final boolean isPooled = !request.scoring().pooled().isEmpty();
        final boolean isDrawn = request.maxTokens() > 0 || request.promptLogprobCount() >= 0;
        if (model.scoreHead() == null ? isPooled : isDrawn || !isPooled) {
            throw new IllegalArgumentException(
                    model.scoreHead() == null
                            ? "the model has no head that scores"
                            : "the model's head scores texts and draws no tokens");
        }
    }

    /** The time that the queue took lately to take in as many as wait now. */
    private int retryAfterSeconds() {
        final long waitNs = intervalNs * waiting.get();
        return Math.clamp(Math.ceilDiv(waitNs, 1_000_000_000L), 1, MAX_RETRY_AFTER_SECONDS);
    }

    /** How many wait. */
    int size() {
        return waiting.get();
    }

    // ---- engine thread ----

    /** The next to take in, or null; it goes on counting as one that waits. */
    @Nullable
    Ticket poll() {
        return submissions.poll();
    }

    /** None is to be taken in. */
    boolean isEmpty() {
        return submissions.isEmpty();
    }

    /** So many have left the scheduler's queue, into lanes or for good. */
    void left(final int count, final long nowNs) {
        if (count > 0) {
            waiting.addAndGet(-count);
            final long eachNs = (nowNs - lastLeftNs) / count;
            meanIntervalNs += (eachNs - meanIntervalNs) / 8;
            intervalNs = meanIntervalNs;
            lastLeftNs = nowNs;
        }
    }

    void close(final Failure why) {
        whyClosed = why;
        failLeftovers(why);
    }

    /** Ends submissions that no duty cycle will take. Submitters may get here at the same time as the agent. */
    private synchronized void failLeftovers(final Failure why) {
        for (Ticket ticket = submissions.poll(); ticket != null; ticket = submissions.poll()) {
            waiting.decrementAndGet();
            ticket.listener.onFailed(why.error(), why.message());
        }
    }
}
