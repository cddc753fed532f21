package io.cheshire.router.core.schedule;

import io.cheshire.router.core.grammar.ForcedRun;
import io.cheshire.router.core.speculate.Acceptance;
import io.cheshire.router.core.speculate.DraftRule;
import io.cheshire.router.core.speculate.JumpForward;
import io.cheshire.router.core.speculate.PromptLookup;
import io.cheshire.router.core.speculate.Speculation;
import io.cheshire.router.core.speculate.StepCost;

/**
 * Tokens of a lane's next step that nobody drew yet: which sequences get some, and how many. First those that a
 * sequence's grammar makes certain, which are rows like its own; behind them guesses, from the text that must follow or
 * from what came before. They stand in the sequence's tokens behind {@link Sequence#length}, where nobody else looks;
 * {@link StepPlan} makes rows of them. Engine thread only.
 */
public final class Drafts {
    private final Speculation lookup;
    private final JumpForward jumps;
    private final DraftRule rule;
    private final int layers;
    private int rowsLeft;
    private int lookupRowsLeft;
    private int jumpRowsLeft;
    private long passedOver;
    private int certain;
    private int guessed;
    private boolean isForm;

    /** @param lookup of guesses from what came before */
    public Drafts(final Speculation lookup, final JumpForward jumps, final StepCost cost, final int layers) {
        this.lookup = lookup;
        this.jumps = jumps;
        this.layers = layers;
        rule = new DraftRule(cost);
    }

    /** Whether it is of use to know what must follow a sequence. */
    boolean jumps() {
        return jumps.isOn();
    }

    /** Guesses that weren't worth their rows. */
    public long passedOver() {
        return passedOver;
    }

    /** Of the last {@link #find}: tokens beside which no other may come. */
    int certain() {
        return certain;
    }

    /** Of the last {@link #find}: tokens guessed behind those. */
    int guessed() {
        return guessed;
    }

    /** Of the last {@link #find}: the guesses are of the text that must follow. */
    boolean isForm() {
        return isForm;
    }

    /**
     * A step is being planned.
     *
     * @param ownRows  rows that it has without drafts
     * @param mostRows rows that there is room for
     */
    void beginStep(final int ownRows, final int mostRows) {
        rowsLeft = ownRows < 1 ? 0 : mostRows - ownRows;
        lookupRowsLeft = lookup.isOn() ? lookup.maxRowsPerStep() : 0;
        jumpRowsLeft = jumps.isOn() ? jumps.maxRowsPerStep() : 0;
        if (rowsLeft > 0) {
            rule.beginStep(ownRows);
        }
    }

    /** Nothing stands behind the sequence's own tokens. */
    void none() {
        certain = 0;
        guessed = 0;
        isForm = false;
    }

    /**
     * Finds what stands behind a sequence all of whose own tokens are in the step. Its last token needs no row.
     *
     * @param room     positions that there may be KV blocks for
     * @param isDecode it is a sequence in the midst of its answer
     */
    void find(final Sequence sequence, final long room, final boolean isDecode) {
        none();
        final int wanted = sequence.request.maxTokens() - sequence.generated() - 1;
        final int most = (int) Math.min(wanted, Math.min(rowsLeft, room));
        if (most < 1) {
            return;
        }
        final ForcedRun run = jumps.isOn() ? sequence.ahead() : null;
        int found = 0;
        if (run != null && run.count() > 0) {
            found = copy(sequence, run, Math.min(most, jumps.maxTokens()));
            certain = sequence.sampling.followsFormOnly() && sequence.request.logprobCount() < 0
                    ? Math.min(found, run.certain())
                    : 0;
            rule.add(certain);
        }
        if (found > certain && jumpRowsLeft > 0) {
            isForm = true;
            guessed = rule.take(sequence.formAcceptance.chance(), Math.min(found - certain, jumpRowsLeft));
            passedOver(sequence.formAcceptance);
            jumpRowsLeft -= guessed;
        } else if (isDecode && lookup.isOn()) {
            lookUp(sequence, Math.min(most - certain, Math.min(lookup.maxDraft(), lookupRowsLeft)));
        }
        rowsLeft -= certain + guessed;
    }

    private int copy(final Sequence sequence, final ForcedRun run, final int most) {
        final int count = Math.min(most, run.count());
        sequence.makeRoom(count);
        for (int i = 0; i < count; i++) {
            sequence.tokens[sequence.length + i] = run.token(i);
        }
        return beforeEnd(sequence, count);
    }

    private void lookUp(final Sequence sequence, final int most) {
        if (most < 1) {
            return;
        }
        sequence.makeRoom(certain + most);
        final int found = PromptLookup.guess(sequence.tokens, sequence.length + certain, most, lookup);
        final int usable = beforeEnd(sequence, certain + found) - certain;
        if (usable > 0) {
            guessed = rule.take(sequence.acceptance.chance(), usable);
            passedOver(sequence.acceptance);
            lookupRowsLeft -= guessed;
        }
    }

    /** Nothing comes behind a token that ends the sequence. */
    private static int beforeEnd(final Sequence sequence, final int count) {
        for (int i = 0; i < count; i++) {
            if (sequence.sampling.ends(sequence.tokens[sequence.length + i])) {
                return i;
            }
        }
        return count;
    }

    private void passedOver(final Acceptance acceptance) {
        if (guessed < 1) {
            acceptance.passedOver();
            passedOver++;
        }
    }

    void stepDone(final StepPlan plan) {
        if (plan.draftRows > 0) {
            rule.counted(plan.batch.rowCount - plan.draftRows, plan.draftRows, (double) plan.draftUnits / layers);
        }
    }
}
