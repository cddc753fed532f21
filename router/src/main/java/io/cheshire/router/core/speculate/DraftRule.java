package io.cheshire.router.core.speculate;

/**
 * When guessed tokens pay: as long as a further row brings more tokens for its cost than the step so far. A step of
 * {@code r} rows costs what {@link StepCost} says and brings {@code r} tokens; the j-th guessed token of a sequence
 * brings {@code chance^j}. What guessed rows really add to the experts of a step is counted, and scales the estimate:
 * rows of a text that repeats itself choose the same experts. Decides speed only, never a token. Engine thread only.
 */
public final class DraftRule {
    private static final double SMOOTHING = 1.0 / 16;
    /** Expected units of a layer below which a count says nothing. */
    private static final double LEAST_EXPECTED = 0.5;

    private static final double LEAST_SCALE = 0.25;
    private static final double MOST_SCALE = 2;

    private final StepCost cost;
    private double scale = 1;
    private int rows;
    private double tokens;
    private double spent;

    public DraftRule(final StepCost cost) {
        this.cost = cost;
    }

    /** The step has so many rows without guesses, at least one. */
    public void beginStep(final int ownRows) {
        rows = ownRows;
        tokens = ownRows;
        spent = cost.step(ownRows);
    }

    /** So many more rows belong to the step, and each brings a token. */
    public void add(final int more) {
        for (int i = 0; i < more; i++) {
            spent += cost.rowBytes() + scale * cost.added(rows) * cost.unitBytes();
            rows++;
            tokens++;
        }
    }

    /**
     * How many of {@code most} guessed tokens pay; they are part of the step from now on.
     *
     * @param chance that a guessed token is right if those before it are
     */
    public int take(final double chance, final int most) {
        int taken = 0;
        double gain = chance;
        while (taken < most) {
            final double extra = cost.rowBytes() + scale * cost.added(rows) * cost.unitBytes();
            if (gain * spent <= tokens * extra) {
                break;
            }
            rows++;
            tokens += gain;
            spent += extra;
            gain *= chance;
            taken++;
        }
        return taken;
    }

    /**
     * What guessed rows added to a step.
     *
     * @param ownRows rows without guesses
     * @param drafts  rows of guessed tokens
     * @param units   that only guessed rows chose, on average of the layers
     */
    public void counted(final int ownRows, final int drafts, final double units) {
        final double expected = cost.chosen(ownRows + drafts) - cost.chosen(ownRows);
        if (expected >= LEAST_EXPECTED) {
            scale += SMOOTHING * (Math.clamp(units / expected, LEAST_SCALE, MOST_SCALE) - scale);
        }
    }

    /** Units that guessed rows add, over those expected. */
    double scale() {
        return scale;
    }
}
