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
 */
public record SchedulerLimits(
        int lanes,
        LaneFill laneFill,
        int maxRowsPerStep,
        int maxSequencesPerLane,
        int maxPromptScoreRows,
        int tokensPerBlock,
        boolean prefixCache) {
    public SchedulerLimits {
        if (lanes < 1 || maxSequencesPerLane < 1 || maxPromptScoreRows < 1 || tokensPerBlock < 1) {
            throw new IllegalArgumentException("scheduler limits must be positive");
        }
        if (maxRowsPerStep < maxSequencesPerLane) {
            throw new IllegalArgumentException("a step of " + maxRowsPerStep
                    + " rows has no room for one row of each of " + maxSequencesPerLane + " sequences");
        }
    }

    /** Logits rows that a lane needs room for. */
    public int maxLogitsRows() {
        return Math.addExact(maxSequencesPerLane, maxPromptScoreRows);
    }
}
