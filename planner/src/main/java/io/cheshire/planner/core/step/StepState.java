package io.cheshire.planner.core.step;

/**
 * What a cluster does while the duration of steps is measured.
 *
 * @param rows    of each step; each a sequence that decodes, or all of one prompt where there are many
 * @param lanes   busy at each router
 * @param routers that are busy
 * @param missing nodes that are away, their units with others
 */
public record StepState(int rows, int lanes, int routers, int missing) {
    /** As many sequences as a lane has, as routers come: whoever gives a step more rows, gives it prompts. */
    private static final int MOST_SEQUENCES = 64;

    /** Whether its rows are those of a prompt. */
    public boolean isOfPrompts() {
        return rows > MOST_SEQUENCES;
    }
}
