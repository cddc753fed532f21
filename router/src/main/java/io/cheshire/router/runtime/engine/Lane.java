package io.cheshire.router.runtime.engine;

import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.router.core.exchange.Exchange;
import io.cheshire.router.core.exchange.ShardSender;
import io.cheshire.router.core.routing.UnitTrafficCounters;
import io.cheshire.router.core.schedule.DraftUnits;
import io.cheshire.router.core.schedule.Scheduler;
import io.cheshire.router.core.schedule.StepPlan;
import io.cheshire.router.runtime.engine.EngineMetrics.Phase;

/**
 * One micro-batch in flight: takes a step through all layers, device job by device job, exchange by exchange. States
 * and moves: {@link LaneState}. Runs on the engine thread and never waits: each call does what can be done now.
 */
final class Lane {
    final int index;
    final StepPlan plan;
    final LaneBuffers buffers;

    private final LaneJob job;
    private final DeviceExecutor device;
    private final Scheduler scheduler;
    private final Exchange exchange;
    private final ShardSender sender;
    private final Owner owner;
    private final EngineMetrics metrics;
    private final UnitTrafficCounters units;
    private final DraftUnits draftUnits;
    private final int choices;
    private final int layerCount;
    private final long abandonNs;

    private LaneState state = LaneState.IDLE;
    private long stateSinceNs;
    private long exchangeSinceNs;
    private long observedNs;
    private long step;
    private int layer;

    /** Hears of the ends of steps, on the engine thread. The plan's outcomes are valid during the call. */
    interface Owner {
        /** A step is about to begin. */
        void stepPlanned(Lane lane);

        void stepDone(Lane lane);

        void stepFailed(Lane lane, Throwable cause);

        void stepAbandoned(Lane lane);
    }

    /** What all lanes share; {@code choices}: experts of a row. */
    record Shared(
            DeviceExecutor device,
            Scheduler scheduler,
            Exchange exchange,
            ShardSender sender,
            Owner owner,
            EngineMetrics metrics,
            UnitTrafficCounters units,
            int choices,
            int layerCount,
            long abandonNs) {}

    Lane(
            final int index,
            final StepPlan plan,
            final LaneBuffers buffers,
            final LaneJob job,
            final Shared shared,
            final long nowNs) {
        this.index = index;
        this.plan = plan;
        this.buffers = buffers;
        this.job = job;
        device = shared.device();
        scheduler = shared.scheduler();
        exchange = shared.exchange();
        sender = shared.sender();
        owner = shared.owner();
        metrics = shared.metrics();
        units = shared.units();
        draftUnits = new DraftUnits(shared.units().expertCount());
        choices = shared.choices();
        layerCount = shared.layerCount();
        abandonNs = shared.abandonNs();
        stateSinceNs = nowNs;
    }

    LaneState state() {
        return state;
    }

    /**
     * Goes on until something must be waited for; answers how many moves that were.
     *
     * @param nowNs   of the clock
     * @param heardNs the time in which nodes could be heard, for their deadlines
     */
    int doWork(final long nowNs, final long heardNs) {
        observedNs = heardNs;
        int moves = 0;
        while (advance(nowNs)) {
            moves++;
        }
        return moves;
    }

    private boolean advance(final long nowNs) {
        return switch (state) {
            case IDLE -> beginStep(nowNs);
            case ATTENTION, LOGITS -> pollJob(nowNs);
            case DISPATCHING, PARKED, WAITING -> pollExchange(nowNs);
        };
    }

    private boolean beginStep(final long nowNs) {
        for (int earlier = 0; earlier < index; earlier++) {
            scheduler.hold(earlier, exchange.parked(earlier) || exchange.stranded(earlier));
        }
        if (!scheduler.plan(index, plan)) {
            return false;
        }
        step++;
        owner.stepPlanned(this);
        exchange.beginStep(index);
        beginLayer(0, nowNs);
        return true;
    }

    private void beginLayer(final int next, final long nowNs) {
        layer = next;
        if (next == layerCount) {
            cutPoisonedDrafts();
        }
        job.prepare(next < layerCount ? next : LaneJob.LOGITS);
        transition(next < layerCount ? LaneState.ATTENTION : LaneState.LOGITS, nowNs);
        submit(nowNs);
    }

    /** A guessed row that no node could compute, and all behind it, are taken as never guessed. */
    private void cutPoisonedDrafts() {
        for (int slot = 0; plan.draftRows > 0 && slot < plan.batch.sequenceCount; slot++) {
            final int first = plan.batch.firstRow[slot];
            for (int row = first + plan.ownRows(slot); row < first + plan.batch.rowsOf[slot]; row++) {
                if (exchange.rowPoisoned(index, row)) {
                    plan.cutDrafts(slot, row);
                    break;
                }
            }
        }
    }

    /** A full device queue leaves the job prepared: the next duty cycle tries again. */
    private boolean submit(final long nowNs) {
        job.submitted(nowNs);
        final boolean accepted = device.submit(job);
        if (!accepted) {
            job.notSubmitted();
        }
        return accepted;
    }

    private boolean pollJob(final long nowNs) {
        return switch (job.state()) {
            case PREPARED -> submit(nowNs);
            case SUBMITTED -> false;
            case DONE -> {
                jobDone(nowNs);
                yield true;
            }
            case FAILED -> {
                transition(LaneState.IDLE, nowNs);
                final Throwable cause = job.cause();
                owner.stepFailed(this, cause != null ? cause : new IllegalStateException("no cause given"));
                yield true;
            }
        };
    }

    private void jobDone(final long nowNs) {
        metrics.addNanos(Phase.DEVICE_QUEUE, job.queueNs());
        metrics.addNanos(state == LaneState.ATTENTION ? Phase.ATTENTION : Phase.LOGITS, job.kernelNs());
        metrics.addNanos(Phase.SAMPLING, job.samplingNs());
        if (state == LaneState.LOGITS) {
            transition(LaneState.IDLE, nowNs);
            owner.stepDone(this);
            return;
        }
        final int rowCount = plan.batch.rowCount;
        units.count(index, step, layer, rowCount * choices, buffers.experts);
        draftUnits.count(plan, buffers.experts, choices);
        exchange.beginLayer(index, step, layer, rowCount, buffers.experts);
        exchangeSinceNs = nowNs;
        transition(LaneState.DISPATCHING, nowNs);
    }

    private boolean pollExchange(final long nowNs) {
        final boolean progress = exchange.pump(index, observedNs, sender) > 0;
        if (exchange.layerComplete(index)) {
            metrics.layerWaits().record(nowNs - exchangeSinceNs);
            beginLayer(layer + 1, nowNs);
            return true;
        }
        if (nobodyWaits() && exchange.mayAbandon(index)) {
            if (exchange.parked(index) || exchange.stranded(index) || nowNs - exchangeSinceNs > abandonNs) {
                exchange.abandon(index);
                transition(LaneState.IDLE, nowNs);
                owner.stepAbandoned(this);
                return true;
            }
        }
        final LaneState next = exchange.allSent(index)
                ? LaneState.WAITING
                : exchange.parked(index) ? LaneState.PARKED : LaneState.DISPATCHING;
        if (next != state) {
            transition(next, nowNs);
        }
        return progress;
    }

    private boolean nobodyWaits() {
        for (int slot = 0; slot < plan.batch.sequenceCount; slot++) {
            if (!plan.sequence(slot).ended) {
                return false;
            }
        }
        return true;
    }

    /** The one door between states. */
    private void transition(final LaneState next, final long nowNs) {
        if (!state.mayBecome(next)) {
            throw new IllegalStateException("lane " + index + " cannot go from " + state + " to " + next);
        }
        final long spentNs = nowNs - stateSinceNs;
        switch (state) {
            case IDLE -> metrics.addNanos(Phase.IDLE, spentNs);
            case DISPATCHING -> metrics.addNanos(Phase.DISPATCH, spentNs);
            case PARKED -> metrics.addNanos(Phase.PARKED, spentNs);
            case WAITING -> metrics.addNanos(Phase.WAIT, spentNs);
            case ATTENTION, LOGITS -> {} // the job knows better
        }
        state = next;
        stateSinceNs = nowNs;
    }
}
