package io.cheshire.router.runtime.engine;

import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.GenerationListener.GenerationError;
import io.cheshire.router.core.TokenScores;
import io.cheshire.router.core.schedule.Scheduler;
import io.cheshire.router.core.schedule.Sequence;
import io.cheshire.router.runtime.engine.EngineMetrics.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sequences that haven't ended, and the one way in which each ends: exactly one terminal call, then its blocks are
 * freed, at once or when the step that holds it is over. Guards the engine against listeners that throw. The engine
 * thread's.
 */
final class Sequences {
    private static final Logger LOG = LoggerFactory.getLogger(Sequences.class);

    private final Scheduler scheduler;
    private final EngineMetrics metrics;
    private final List<Ticket> live = new ArrayList<>();
    private long nextDeadlineNs;

    /** How a sequence failed. */
    record Failure(GenerationError error, String message) {}

    Sequences(final Scheduler scheduler, final EngineMetrics metrics) {
        this.scheduler = scheduler;
        this.metrics = metrics;
    }

    /**
     * Takes it in. One that was cancelled on its way ends at once: whoever looked for cancelled ones didn't find it
     * here yet.
     */
    void add(final Ticket ticket, final Sequence sequence) {
        ticket.sequence = sequence;
        final long deadlineNs = ticket.request.deadlineNs();
        if (live.isEmpty() || deadlineNs - nextDeadlineNs < 0) {
            nextDeadlineNs = deadlineNs;
        }
        live.add(ticket);
        scheduler.enqueue(sequence);
        metrics.add(Counter.PROMPT_TOKENS, sequence.promptLength);
        if (ticket.cancelled()) {
            finish(sequence, FinishReason.CANCELLED);
        }
    }

    boolean isEmpty() {
        return live.isEmpty();
    }

    /** Ends those whose handle was cancelled. */
    int endCancelled() {
        int ended = 0;
        for (int i = live.size() - 1; i >= 0; i--) {
            if (live.get(i).cancelled()) {
                finish(sequence(live.get(i)), FinishReason.CANCELLED);
                ended++;
            }
        }
        return ended;
    }

    /** Ends those past their deadline; {@code why} says what held a sequence up. */
    int endOverdue(final long nowNs, final Function<Sequence, Failure> why) {
        if (live.isEmpty() || nextDeadlineNs - nowNs > 0) {
            return 0;
        }
        int ended = 0;
        for (int i = live.size() - 1; i >= 0; i--) {
            final Sequence sequence = sequence(live.get(i));
            if (sequence.request.deadlineNs() - nowNs <= 0) {
                fail(sequence, why.apply(sequence));
                ended++;
            }
        }
        for (int i = 0; i < live.size(); i++) {
            final long deadlineNs = live.get(i).request.deadlineNs();
            nextDeadlineNs = i == 0 || deadlineNs - nextDeadlineNs < 0 ? deadlineNs : nextDeadlineNs;
        }
        return ended;
    }

    void failAll(final Failure failure) {
        for (int i = live.size() - 1; i >= 0; i--) {
            fail(sequence(live.get(i)), failure);
        }
    }

    void finish(final Sequence sequence, final FinishReason reason) {
        if (!sequence.ended) {
            metrics.add(reason == FinishReason.CANCELLED ? Counter.SEQUENCES_CANCELLED : Counter.SEQUENCES_FINISHED, 1);
            end(sequence);
            try {
                sequence.listener.onFinished(reason);
            } catch (final RuntimeException e) {
                LOG.error("a listener threw on its terminal call", e);
            }
        }
    }

    void fail(final Sequence sequence, final Failure failure) {
        if (!sequence.ended) {
            metrics.add(Counter.SEQUENCES_FAILED, 1);
            end(sequence);
            try {
                sequence.listener.onFailed(failure.error(), failure.message());
            } catch (final RuntimeException e) {
                LOG.error("a listener threw on its terminal call", e);
            }
        }
    }

    void reportPrompt(final Sequence sequence) {
        if (sequence.promptReported) {
            return;
        }
        sequence.promptReported = true;
        try {
            sequence.listener.onPrompt(List.copyOf(sequence.promptScores), Math.max(0, sequence.cachedTokens));
            if (!sequence.ended && !sequence.pooledRows.isEmpty()) {
                sequence.listener.onPooled(List.copyOf(sequence.pooledRows));
            }
        } catch (final RuntimeException e) {
            listenerThrew(sequence, e);
        }
    }

    void reportGuessed(final Sequence sequence, final int accepted, final int rejected) {
        try {
            sequence.listener.onGuessed(accepted, rejected);
        } catch (final RuntimeException e) {
            listenerThrew(sequence, e);
        }
    }

    void reportToken(final Sequence sequence, final int token, final @Nullable TokenScores scores) {
        metrics.add(Counter.GENERATED_TOKENS, 1);
        try {
            sequence.listener.onToken(sequence.generated() - 1, token, scores);
        } catch (final RuntimeException e) {
            listenerThrew(sequence, e);
        }
    }

    /** Its step is over: an ended sequence gives its blocks back now. */
    void stepOver(final Sequence sequence) {
        if (sequence.ended) {
            scheduler.remove(sequence);
        }
    }

    private void listenerThrew(final Sequence sequence, final RuntimeException cause) {
        LOG.error("a listener threw; its sequence ends", cause);
        fail(sequence, new Failure(GenerationError.INTERNAL, "the server could not deliver the output"));
    }

    private void end(final Sequence sequence) {
        sequence.ended = true;
        for (int i = 0; i < live.size(); i++) {
            if (live.get(i).sequence == sequence) {
                final Ticket last = live.removeLast();
                if (i < live.size()) {
                    live.set(i, last);
                }
                break;
            }
        }
        if (!sequence.inFlight) {
            scheduler.remove(sequence);
        }
    }

    private static Sequence sequence(final Ticket ticket) {
        final Sequence sequence = ticket.sequence;
        if (sequence == null) {
            throw new IllegalStateException("a live ticket has a sequence");
        }
        return sequence;
    }
}
