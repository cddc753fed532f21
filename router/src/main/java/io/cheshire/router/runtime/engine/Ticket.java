package io.cheshire.router.runtime.engine;

import io.cheshire.router.core.Engine;
import io.cheshire.router.core.GenerationListener;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.sample.SamplingPlan;
import io.cheshire.router.core.schedule.Sequence;
import org.jspecify.annotations.Nullable;

/** A submission on its way to the engine thread, and the submitter's handle on it. */
final class Ticket implements Engine.Handle {
    final GenerationRequest request;
    final GenerationListener listener;
    final SamplingPlan sampling;
    private final Runnable onCancel;
    private volatile boolean cancelled;
    /** Engine thread's: null until enqueued. */
    @Nullable
    Sequence sequence;

    Ticket(
            final GenerationRequest request,
            final GenerationListener listener,
            final SamplingPlan sampling,
            final Runnable onCancel) {
        this.request = request;
        this.listener = listener;
        this.sampling = sampling;
        this.onCancel = onCancel;
    }

    @Override
    public void cancel() {
        cancelled = true;
        onCancel.run();
    }

    boolean cancelled() {
        return cancelled;
    }
}
