package io.cheshire.router.runtime.engine;

import io.cheshire.router.core.grammar.GrammarException;
import io.cheshire.router.core.schedule.Sequence;
import io.cheshire.router.core.schedule.SequenceMask;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Computes the masks of next tokens ahead, while the model computes their logits. What it doesn't get to is computed by
 * the sampler itself, so nothing depends on it but time. There is no thread as long as no sequence has a grammar.
 */
final class MaskThread implements AutoCloseable {
    /** Sequences whose masks wait; the sampler computes those beyond. */
    private static final int QUEUE = 1024;

    private static final int IDLE_SECONDS = 10;
    private static final long STACK_BYTES = 4 << 20;

    private @Nullable ThreadPoolExecutor thread;

    /** The engine thread's: the mask that {@code sequence} needs next, if it needs any. */
    void computeNext(final Sequence sequence) {
        computeBehind(sequence, 0);
    }

    /** Likewise, where so many tokens that stand behind its own are sure to become its own before it draws one. */
    void computeBehind(final Sequence sequence, final int certain) {
        final SequenceMask mask = sequence.mask;
        if (mask == null) {
            return;
        }
        ThreadPoolExecutor running = thread;
        if (running == null) {
            running = start();
            thread = running;
        }
        final int[] tokens = sequence.tokens;
        final int promptLength = sequence.promptLength;
        final int length = sequence.length + certain;
        running.execute(() -> compute(mask, tokens, promptLength, length));
    }

    private static void compute(final SequenceMask mask, final int[] tokens, final int promptLength, final int length) {
        try {
            mask.after(tokens, promptLength, length);
        } catch (final GrammarException later) {
            // The sampler meets it again, and ends the sequence.
        }
    }

    private static ThreadPoolExecutor start() {
        final ThreadPoolExecutor made = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(QUEUE),
                Thread.ofPlatform()
                        .daemon()
                        .stackSize(STACK_BYTES)
                        .name("token-masks")
                        .factory(),
                new ThreadPoolExecutor.DiscardPolicy());
        made.allowCoreThreadTimeOut(true);
        return made;
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.shutdownNow();
        }
    }
}
