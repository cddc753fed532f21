package io.cheshire.model.runtime.onednn.matmul;

/** How many panels of a matmul's weights a thread of the team takes at a time. */
final class PanelParts {
    /** Weights below which waking the team costs more than it saves. */
    private static final int WEIGHTS_PER_PART = 65_536;

    private PanelParts() {}

    /** @param panelWeights of one panel */
    static int of(final int panelWeights) {
        return Math.max(1, WEIGHTS_PER_PART / panelWeights);
    }
}
