package io.cheshire.http.runtime;

import io.cheshire.router.core.Engine;
import io.cheshire.router.core.GenerationListener;
import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.GenerationListener.GenerationError;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.PooledPositions;
import io.cheshire.router.core.PooledRow;
import io.cheshire.router.core.TokenScores;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An engine that plays a script on one thread: token {@code i} of a sequence is {@code script[i % length]}, or, without
 * a script, the prompt said again. Log-probabilities are made up from the ids, so that tests can predict them.
 */
final class FakeEngine implements Engine, AutoCloseable {
    static final int CONTEXT = 4096;

    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("fake-engine").factory());
    final List<GenerationRequest> requests = new CopyOnWriteArrayList<>();
    final AtomicInteger running = new AtomicInteger();
    final AtomicInteger cancelled = new AtomicInteger();
    final AtomicInteger generated = new AtomicInteger();
    volatile List<Integer> script = List.of();
    volatile Admission refusal;
    volatile boolean ready = true;
    /** Of the head, if it scores. */
    volatile int labels = 1;
    /** Tokens generated before the sequence fails; -1 never. */
    volatile int failAfter = -1;
    /** So many tokens of a step were guessed right, and one wrong; 0: nothing is guessed. */
    volatile int guessed;
    /** When set, a token is generated for each permit. */
    volatile Semaphore permits;

    @Override
    public Admission submit(final GenerationRequest request, final GenerationListener listener) {
        final Admission no = refusal;
        if (no != null) {
            return no;
        }
        requests.add(request);
        final Sequence sequence = new Sequence(request, listener);
        running.incrementAndGet();
        thread.execute(sequence::begin);
        return new Admission.Accepted(sequence);
    }

    @Override
    public EngineStatus status() {
        return new EngineStatus(
                ready, CONTEXT, 0, running.get(), 100, 100 - running.get(), 0, 0, 0, generated.get(), 0);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** With the rank 1,000 + id, and the entropy id / 8, if these are asked for. */
    private static TokenScores scores(final GenerationRequest request, final int tokenId, final int count) {
        final TokenScores plain = scores(tokenId, count);
        return new TokenScores(
                tokenId,
                plain.logprob(),
                plain.best(),
                request.scoring().ranks() ? 1_000 + tokenId : 0,
                request.scoring().entropies() ? tokenId / 8f : Float.NaN);
    }

    static TokenScores scores(final int tokenId, final int count) {
        final List<TokenScores.Candidate> best = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            best.add(new TokenScores.Candidate(tokenId + i, -0.25f * (i + 1)));
        }
        return new TokenScores(tokenId, -0.25f, best);
    }

    /** What the head says of a token: a number of its own for each label. */
    static float[] outputs(final int tokenId, final int labels) {
        final float[] outputs = new float[labels];
        for (int label = 0; label < labels; label++) {
            outputs[label] = (tokenId % 16 - 8) / 8f * (label % 2 == 0 ? 1 : -1) + label;
        }
        return outputs;
    }

    private final class Sequence implements Handle {
        private final GenerationRequest request;
        private final GenerationListener listener;
        private volatile boolean isCancelled;
        private int index;

        Sequence(final GenerationRequest request, final GenerationListener listener) {
            this.request = request;
            this.listener = listener;
        }

        @Override
        public void cancel() {
            isCancelled = true;
        }

        void begin() {
            final List<TokenScores> scores = new ArrayList<>();
            if (request.promptLogprobCount() >= 0) {
                for (int i = 1; i < request.promptTokens().size(); i++) {
                    scores.add(scores(request, request.promptTokens().get(i), request.promptLogprobCount()));
                }
            }
            if (failAfter == 0) {
                fail();
                return;
            }
            listener.onPrompt(scores, request.promptTokens().size() / 2);
            final PooledPositions pooled = request.scoring().pooled();
            final List<PooledRow> rows = new ArrayList<>();
            for (int at = pooled.next(0); at != PooledPositions.NO_POSITION; at = pooled.next(at + 1)) {
                rows.add(new PooledRow(at, outputs(request.promptTokens().get(at), labels)));
            }
            if (!rows.isEmpty()) {
                listener.onPooled(rows);
            }
            next();
        }

        private void next() {
            thread.execute(this::step);
        }

        private void step() {
            if (isCancelled) {
                cancelled.incrementAndGet();
                finish(FinishReason.CANCELLED);
                return;
            }
            if (index == failAfter) {
                fail();
                return;
            }
            if (index >= request.maxTokens()) {
                finish(FinishReason.LENGTH);
                return;
            }
            final Semaphore gate = permits;
            if (gate != null && !gate.tryAcquire()) {
                Thread.onSpinWait();
                next();
                return;
            }
            final List<Integer> from = script.isEmpty() ? request.promptTokens() : script;
            final int token = from.get(index % from.size());
            generated.incrementAndGet();
            if (guessed > 0 && index % (guessed + 1) == 0) {
                listener.onGuessed(guessed, 1);
            }
            listener.onToken(
                    index++, token, request.logprobCount() < 0 ? null : scores(request, token, request.logprobCount()));
            if (request.stopTokenIds().contains(token)) {
                finish(FinishReason.STOP);
            } else {
                next();
            }
        }

        private void finish(final FinishReason reason) {
            running.decrementAndGet();
            listener.onFinished(reason);
        }

        private void fail() {
            running.decrementAndGet();
            listener.onFailed(GenerationError.EXPERT_UNAVAILABLE, "no node holds expert 3 of layer 2");
        }
    }
}
