package io.cheshire.router.runtime.engine;

import io.cheshire.router.core.GenerationListener.FinishReason;
import io.cheshire.router.core.GenerationListener.GenerationError;
import io.cheshire.router.core.PooledRow;
import io.cheshire.router.core.exchange.Exchange;
import io.cheshire.router.core.schedule.Scheduler;
import io.cheshire.router.core.schedule.Sequence;
import io.cheshire.router.core.schedule.StepPlan;
import io.cheshire.router.runtime.engine.EngineMetrics.Counter;
import io.cheshire.router.runtime.engine.Sequences.Failure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the end of a step means for its sequences: tokens are appended and reported, sequences end. The engine thread's.
 */
final class StepOutcomes implements Lane.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(StepOutcomes.class);
    private static final Failure NUMERIC =
            new Failure(GenerationError.NUMERIC, "the model's output is not a number for this input");
    private static final Failure NOT_COMPUTED = new Failure(
            GenerationError.INTERNAL,
            "expert nodes failed to compute this request, or ended while they did; the servers' logs say why");
    private static final Failure UNMATCHED = new Failure(
            GenerationError.FORMAT,
            "no token can go on with the form that was asked for, or it became too complex to be followed;"
                    + " simplify the schema or pattern");
    private static final Failure STEP_FAILED =
            new Failure(GenerationError.INTERNAL, "the computation failed; the server's log says why");

    private final Scheduler scheduler;
    private final Exchange exchange;
    private final Sequences sequences;
    private final EngineMetrics metrics;
    private final MaskThread masks;

    StepOutcomes(
            final Scheduler scheduler,
            final Exchange exchange,
            final Sequences sequences,
            final EngineMetrics metrics,
            final MaskThread masks) {
        this.masks = masks;
        this.scheduler = scheduler;
        this.exchange = exchange;
        this.sequences = sequences;
        this.metrics = metrics;
    }

    @Override
    public void stepPlanned(final Lane lane) {
        for (int slot = 0; slot < lane.plan.batch.sequenceCount; slot++) {
            if (lane.plan.certainOf[slot] > 0) {
                masks.computeBehind(lane.plan.sequence(slot), lane.plan.certainOf[slot]);
            }
        }
    }

    @Override
    public void stepDone(final Lane lane) {
        final StepPlan plan = lane.plan;
        metrics.add(Counter.STEPS, 1);
        metrics.add(Counter.ROWS, plan.batch.rowCount);
        metrics.speculation().units(plan.draftUnits);
        scheduler.stepDone(plan);
        for (int slot = 0; slot < plan.batch.sequenceCount; slot++) {
            sequences.stepOver(plan.sequence(slot));
            failIfPoisoned(lane, slot);
        }
        for (int i = 0; i < plan.batch.logitsRowCount; i++) {
            final Sequence sequence = plan.sequence(plan.logitsSlot[i]);
            if (!sequence.ended) {
                apply(plan, i, sequence);
            }
        }
    }

    @Override
    public void stepFailed(final Lane lane, final Throwable cause) {
        LOG.error("a step of lane {} failed; its requests end, the lane goes on", lane.index, cause);
        metrics.add(Counter.STEPS_FAILED, 1);
        scheduler.stepAbandoned(lane.plan);
        for (int slot = 0; slot < lane.plan.batch.sequenceCount; slot++) {
            final Sequence sequence = lane.plan.sequence(slot);
            sequences.stepOver(sequence);
            sequences.fail(sequence, STEP_FAILED);
        }
    }

    @Override
    public void stepAbandoned(final Lane lane) {
        metrics.add(Counter.STEPS_ABANDONED, 1);
        scheduler.stepAbandoned(lane.plan);
        for (int slot = 0; slot < lane.plan.batch.sequenceCount; slot++) {
            sequences.stepOver(lane.plan.sequence(slot));
        }
    }

    /** Guessed rows aren't looked at: the lane has seen to it that nothing behind a poisoned one is taken. */
    private void failIfPoisoned(final Lane lane, final int slot) {
        final int first = lane.plan.batch.firstRow[slot];
        for (int row = first; row < first + lane.plan.ownRows(slot); row++) {
            if (exchange.rowPoisoned(lane.index, row)) {
                sequences.fail(lane.plan.sequence(slot), NOT_COMPUTED);
                return;
            }
        }
    }

    private void apply(final StepPlan plan, final int i, final Sequence sequence) {
        if (plan.drawn[i] == StepPlan.NOT_REACHED) {
            return;
        }
        if (plan.purposes[i] == StepPlan.Purpose.SAMPLE && plan.certainOf[plan.logitsSlot[i]] > 0) {
            appendCertain(sequence, plan.certainOf[plan.logitsSlot[i]]);
        }
        if (plan.drawn[i] == StepPlan.NUMERIC) {
            sequences.fail(sequence, NUMERIC);
            return;
        }
        if (plan.drawn[i] == StepPlan.UNMATCHED) {
            sequences.fail(sequence, UNMATCHED);
            return;
        }
        switch (plan.purposes[i]) {
            case SCORE -> {
                if (plan.scores[i] != null) {
                    sequence.promptScores.add(plan.scores[i]);
                }
            }
            case POOL -> {
                final PooledRow row = plan.pooled[i];
                if (row != null) {
                    sequence.pooledRows.add(row);
                    if (row.position() == sequence.length - 1) {
                        promptDone(sequence);
                    }
                }
            }
            case CHECK -> promptDone(sequence);
            case SAMPLE -> {
                scheduler.publish(sequence);
                sequences.reportPrompt(sequence);
                reportGuessed(plan, i, sequence);
                goOn(plan, i, sequence);
            }
            case DRAFT -> {
                scheduler.draftAccepted(sequence);
                scheduler.publish(sequence);
                goOn(plan, i, sequence);
            }
        }
    }

    /** Of a sequence that generates nothing. */
    private void promptDone(final Sequence sequence) {
        scheduler.publish(sequence);
        sequences.reportPrompt(sequence);
        sequences.finish(sequence, FinishReason.LENGTH);
    }

    /** Tokens that stand behind the sequence's own: it could have drawn no others. */
    private void appendCertain(final Sequence sequence, final int count) {
        sequences.reportPrompt(sequence);
        for (int i = 0; i < count && !sequence.ended; i++) {
            final int token = sequence.tokens[sequence.length];
            sequence.append(token);
            sequences.reportToken(sequence, token, null);
        }
        metrics.speculation().jumped(count);
    }

    private void reportGuessed(final StepPlan plan, final int i, final Sequence sequence) {
        final int slot = plan.logitsSlot[i];
        final int guessed = plan.draftsOf[slot];
        if (guessed == 0) {
            return;
        }
        final int accepted = plan.acceptedDrafts(i);
        if (plan.formOf[slot]) {
            sequence.formAcceptance.tried(guessed, accepted);
            metrics.speculation().formDone(guessed, accepted);
            return; // of the server's making, not of what came before: no answer tells of it
        }
        sequence.acceptance.tried(guessed, accepted);
        metrics.speculation().stepDone(guessed, accepted);
        if (!sequence.ended) {
            sequences.reportGuessed(sequence, accepted, guessed - accepted);
        }
    }

    private void goOn(final StepPlan plan, final int i, final Sequence sequence) {
        if (!sequence.ended && plan.drawn[i] == StepPlan.COMPLETE) {
            sequences.finish(sequence, FinishReason.STOP);
        } else if (!sequence.ended) {
            append(plan, i, sequence);
        }
    }

    private void append(final StepPlan plan, final int i, final Sequence sequence) {
        final int token = plan.drawn[i];
        sequence.append(token);
        sequences.reportToken(sequence, token, plan.scores[i]);
        if (sequence.request.stopTokenIds().contains(token)) {
            sequences.finish(sequence, FinishReason.STOP);
        } else if (sequence.generated() == sequence.request.maxTokens()) {
            sequences.finish(sequence, FinishReason.LENGTH);
        } else if (!plan.isReached(i + 1)) {
            sequence.setAhead(plan.ahead[plan.logitsSlot[i]]);
            masks.computeNext(sequence);
        }
    }
}
