package io.cheshire.router.core.schedule;

import io.cheshire.router.core.speculate.Acceptance;
import io.cheshire.router.core.speculate.DraftRule;
import io.cheshire.router.core.speculate.PromptLookup;
import io.cheshire.router.core.speculate.Speculation;
import io.cheshire.router.core.speculate.StepCost;

/**
 * Guessed tokens of a lane's next step: which sequences get some, and how many. A guess stands in the sequence's tokens
 * behind {@link Sequence#length}, where nobody else looks; {@link StepPlan} makes rows of it. Engine thread only.
 */
public final class Drafts {
    private final Speculation bounds;
    private final DraftRule rule;
    private final int layers;
    private int rowsLeft;
    private long passedOver;

    public Drafts(final Speculation bounds, final StepCost cost, final int layers) {
        this.bounds = bounds;
        this.layers = layers;
        rule = new DraftRule(cost);
    }

    /** Guesses that weren't worth their rows. */
    public long passedOver() {
        return passedOver;
    }

    /**
     * A step is being planned.
     *
     * @param ownRows  rows that it has without guesses
     * @param mostRows rows that there is room for
     */
    void beginStep(final int ownRows, final int mostRows) {
        rowsLeft = ownRows < 1 ? 0 : Math.min(bounds.maxRowsPerStep(), mostRows - ownRows);
        if (rowsLeft > 0) {
            rule.beginStep(ownRows);
        }
    }

    /**
     * Guesses tokens of a sequence that decodes; answers how many are worth their rows. Its last token needs no row.
     *
     * @param room positions that there may be KV blocks for
     */
    int guess(final Sequence sequence, final long room) {
        final int wanted = sequence.request.maxTokens() - sequence.generated() - 1;
        final int most = (int) Math.min(Math.min(wanted, bounds.maxDraft()), Math.min(rowsLeft, room));
        if (most < 1) {
            return 0;
        }
        sequence.makeRoom(most);
        int found = PromptLookup.guess(sequence.tokens, sequence.length, most, bounds);
        for (int i = 0; i < found; i++) {
            if (sequence.sampling.ends(sequence.tokens[sequence.length + i])) {
                found = i; // nothing comes behind it
            }
        }
        if (found < 1) {
            return 0;
        }
        final Acceptance acceptance = sequence.acceptance;
        final int taken = rule.take(acceptance.chance(), found);
        if (taken < 1) {
            acceptance.passedOver();
            passedOver++;
        }
        rowsLeft -= taken;
        return taken;
    }

    void stepDone(final StepPlan plan) {
        if (plan.draftRows > 0) {
            rule.counted(plan.batch.rowCount - plan.draftRows, plan.draftRows, (double) plan.draftUnits / layers);
        }
    }
}
