package io.cheshire.router.runtime.engine;

import io.cheshire.model.core.kernel.KernelCall;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.runtime.device.DeviceJob;
import io.cheshire.model.runtime.device.JobTimes;
import io.cheshire.router.core.sample.Sampler;
import io.cheshire.router.core.schedule.StepPlan;
import io.cheshire.router.core.schedule.StepSampling;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * A lane's work for the device, one at a time, allocated once. The engine thread prepares and submits it and polls
 * {@link #state}; the device thread runs it. The volatile state publishes everything that the job wrote.
 */
final class LaneJob implements DeviceJob {
    /** {@link #layer} of the job that computes logits and samples. */
    static final int LOGITS = -1;

    enum State {
        PREPARED,
        SUBMITTED,
        DONE,
        FAILED
    }

    private final RouterKernel router;
    private final Sampler sampler;
    private final StepPlan plan;
    private final LaneBuffers buffers;
    private final NanoClock clock;
    private volatile State state = State.DONE;
    private int layer;
    private KernelCall call = KernelCall.DONE;
    private @Nullable Throwable cause;
    private long submittedNs;
    private long startedNs;
    private long computedNs;
    private long endedNs;

    LaneJob(
            final RouterKernel router,
            final Sampler sampler,
            final StepPlan plan,
            final LaneBuffers buffers,
            final NanoClock clock) {
        this.router = router;
        this.sampler = sampler;
        this.plan = plan;
        this.buffers = buffers;
        this.clock = clock;
    }

    void prepare(final int nextLayer) {
        layer = nextLayer;
        cause = null;
        state = State.PREPARED;
    }

    /** Call before submitting: after it the job is the device's. */
    void submitted(final long nowNs) {
        submittedNs = nowNs;
        state = State.SUBMITTED;
    }

    /** The queue was full. */
    void notSubmitted() {
        state = State.PREPARED;
    }

    State state() {
        return state;
    }

    @Override
    public boolean begin() {
        startedNs = clock.nanoTime();
        if (layer == 0) {
            router.embed(plan.batch, buffers);
        }
        call = layer == LOGITS
                ? router.beginLogits(plan.batch, buffers)
                : router.beginAttention(layer, plan.batch, buffers);
        return poll();
    }

    @Override
    public boolean poll() {
        if (!call.isDone()) {
            return false;
        }
        computedNs = clock.nanoTime();
        if (layer == LOGITS) {
            StepSampling.run(plan, buffers.logits, sampler);
        }
        endedNs = clock.nanoTime();
        state = State.DONE;
        return true;
    }

    /** What experts and other lanes compute meanwhile shares nothing with it. */
    @Override
    public boolean overlaps() {
        return true;
    }

    @Override
    public void failed(final Throwable why) {
        cause = why;
        state = State.FAILED;
    }

    @Override
    public long expectedNs(final JobTimes times) {
        return layer == LOGITS ? times.logitsNs(plan.batch) : times.attentionNs(layer, plan.batch);
    }

    /** Why it failed; null unless {@link State#FAILED}. */
    @Nullable
    Throwable cause() {
        return cause;
    }

    /** Time in the device's queue. */
    long queueNs() {
        return startedNs - submittedNs;
    }

    /** Time in kernels, from the call's begin to its end. */
    long kernelNs() {
        return computedNs - startedNs;
    }

    /** Time in the sampler. */
    long samplingNs() {
        return endedNs - computedNs;
    }
}
