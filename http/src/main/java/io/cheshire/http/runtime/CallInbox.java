package io.cheshire.http.runtime;

import io.cheshire.router.core.Engine;
import io.cheshire.router.core.GenerationListener;
import io.cheshire.router.core.PooledRow;
import io.cheshire.router.core.TokenScores;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * From the engine's thread to a call's own: a bounded queue that never blocks the engine. When it is full the call is
 * aborted, all its sequences cancelled at once. Also the place where a call is aborted from outside (client gone,
 * drain). Thread-safe.
 */
final class CallInbox {
    /** Why a call ends early. */
    enum Abort {
        /** Connection closed or stream reset. */
        CLIENT_GONE("client_gone"),
        /** The client reads too slowly or not at all. */
        SLOW_READER("slow_reader"),
        /** Events of whole answers wait for processors that don't come. */
        OVERLOADED("overloaded"),
        /** The server stops. */
        SHUTDOWN("shutdown");

        private final String code;

        Abort(final String code) {
            this.code = code;
        }

        String code() {
            return code;
        }
    }

    private final BlockingQueue<CallEvent> queue;
    private final AnswerBudget.@Nullable Share share;
    private final int eventBytes;
    private final List<Engine.Handle> handles = new CopyOnWriteArrayList<>();
    private final AtomicReference<@Nullable Abort> abort = new AtomicReference<>();

    /**
     * An empty inbox.
     *
     * @param capacity   events; one more aborts the call
     * @param share      where each event is charged, or null where {@code capacity} events were reserved
     * @param eventBytes what is charged
     */
    CallInbox(final int capacity, final AnswerBudget.@Nullable Share share, final int eventBytes) {
        this.queue = new LinkedBlockingQueue<>(capacity);
        this.share = share;
        this.eventBytes = eventBytes;
    }

    /** Listener of one sequence. */
    GenerationListener listener(final int sequence) {
        return new SequenceListener(sequence);
    }

    /** Takes the handle of an accepted sequence; cancels it at once if the call is over already. */
    void add(final Engine.Handle handle) {
        handles.add(handle);
        if (abort.get() != null) {
            handle.cancel();
        }
    }

    /** Cancels every sequence; the first reason stays. */
    void abort(final Abort reason) {
        if (abort.compareAndSet(null, reason)) {
            cancelAll();
            var _ = queue.offer(new CallEvent.Wake());
        }
    }

    /** Why the call is over early, or null. */
    @Nullable
    Abort aborted() {
        return abort.get();
    }

    void cancel(final int sequence) {
        handles.get(sequence).cancel();
    }

    void cancelAll() {
        handles.forEach(Engine.Handle::cancel);
    }

    /** The next event, or null after {@code timeoutMs}. */
    @Nullable
    CallEvent poll(final long timeoutMs) throws InterruptedException {
        return taken(queue.poll(timeoutMs, TimeUnit.MILLISECONDS));
    }

    /** The next event if there is one. */
    @Nullable
    CallEvent poll() {
        return taken(queue.poll());
    }

    private @Nullable CallEvent taken(final @Nullable CallEvent event) {
        if (share != null && event != null && !(event instanceof CallEvent.Wake)) {
            share.leave(eventBytes);
        }
        return event;
    }

    private void put(final CallEvent event) {
        if (share != null && !share.enter(eventBytes)) {
            abort(Abort.OVERLOADED);
        } else if (!queue.offer(event)) {
            abort(Abort.SLOW_READER);
        }
    }

    /** Runs on the engine's thread. */
    private final class SequenceListener implements GenerationListener {
        private final int sequence;
        /** Of the tokens to come, from the next one on. */
        private int guessed;

        private int rejected;

        SequenceListener(final int sequence) {
            this.sequence = sequence;
        }

        @Override
        public void onPrompt(final List<TokenScores> scores, final int cachedTokens) {
            put(new CallEvent.Prompt(sequence, scores, cachedTokens));
        }

        @Override
        public void onPooled(final List<PooledRow> rows) {
            put(new CallEvent.Pooled(sequence, rows));
        }

        @Override
        public void onGuessed(final int accepted, final int wrong) {
            guessed = accepted;
            rejected = wrong;
        }

        @Override
        public void onToken(final int index, final int tokenId, final @Nullable TokenScores scores) {
            put(new CallEvent.Token(sequence, index, tokenId, scores, System.nanoTime(), guessed > 0, rejected));
            guessed = Math.max(0, guessed - 1);
            rejected = 0;
        }

        @Override
        public void onFinished(final FinishReason reason) {
            put(new CallEvent.Finished(sequence, reason));
        }

        @Override
        public void onFailed(final GenerationError error, final String message) {
            put(new CallEvent.Failed(sequence, error, message));
        }
    }
}
