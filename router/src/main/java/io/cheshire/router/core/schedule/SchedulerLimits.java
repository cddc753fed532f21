package io.cheshire.router.core.schedule;

/**
 * The bounds of a step.
 *
 * @param lanes               lanes of the router
 * @param laneFill            how sequences are dealt to lanes
 * @param maxRowsPerStep      rows of one step, decode and prefill together
 * @param maxSequencesPerLane sequences that one lane runs at a time
 * @param maxPromptScoreRows  rows of one step whose logits are wanted only to score a prompt
 * @param tokensPerBlock      positions in a KV block
 * @param prefixCache         whether sequences may use blocks that others computed
 * @param maxDraftRows        rows of one step for guessed tokens; 0: nothing is guessed
 */
public record SchedulerLimits(
        int lanes,
        LaneFill laneFill,
        int maxRowsPerStep,
        int maxSequencesPerLane,
        int maxPromptScoreRows,
        int tokensPerBlock,
        boolean prefixCache,
        int maxDraftRows) {
    public SchedulerLimits {
        if (lanes < 1 || maxSequencesPerLane < 1 || maxPromptScoreRows < 1 || tokensPerBlock < 1) {
            throw new IllegalArgumentException("scheduler limits must be positive");
        }
        if (maxDraftRows < 0) {
            throw new IllegalArgumentException("rows for guessed tokens must not be negative: " + maxDraftRows);
        }
        if (maxRowsPerStep < maxSequencesPerLane) {
            throw new IllegalArgumentException("a step of " + maxRowsPerStep
                    + " rows has no room for one row of each of " + maxSequencesPerLane + " sequences");
        }
    }

    /** The same with nothing guessed. */
    public SchedulerLimits(
            final int lanes,
            final LaneFill laneFill,
            final int maxRowsPerStep,
            final int maxSequencesPerLane,
            final int maxPromptScoreRows,
            final int tokensPerBlock,
            final boolean prefixCache) {
        this(lanes, laneFill, maxRowsPerStep, maxSequencesPerLane, maxPromptScoreRows, tokensPerBlock, prefixCache, 0);
    }

    /** Logits rows that a lane needs room for. */
    public int maxLogitsRows() {
        return Math.addExact(Math.addExact(maxSequencesPerLane, maxPromptScoreRows), maxDraftRows);
    }
}
