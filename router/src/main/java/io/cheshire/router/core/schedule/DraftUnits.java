package io.cheshire.router.core.schedule;

/** Counts the units of a layer that no row of a step but guessed ones chose. Allocated once a lane. */
public final class DraftUnits {
    private final int[] markOf;
    private int mark;

    public DraftUnits(final int expertCount) {
        markOf = new int[expertCount];
    }

    /**
     * Adds those of one layer to {@link StepPlan#draftUnits}.
     *
     * @param experts {@code [rows, choices]}, what the gate chose
     */
    public void count(final StepPlan plan, final int[] experts, final int choices) {
        if (plan.draftRows == 0) {
            return;
        }
        mark++;
        for (int slot = 0; slot < plan.batch.sequenceCount; slot++) {
            final int first = plan.batch.firstRow[slot];
            for (int at = first * choices; at < (first + plan.ownRows(slot)) * choices; at++) {
                markOf[experts[at]] = mark;
            }
        }
        for (int slot = 0; slot < plan.batch.sequenceCount; slot++) {
            final int first = plan.batch.firstRow[slot];
            for (int at = (first + plan.ownRows(slot)) * choices;
                    at < (first + plan.batch.rowsOf[slot]) * choices;
                    at++) {
                if (markOf[experts[at]] != mark) {
                    markOf[experts[at]] = mark;
                    plan.draftUnits++;
                }
            }
        }
    }
}
