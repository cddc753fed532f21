package io.cheshire.router.core.routing;

/** Takes what the gate chose, layer by layer. Called by the engine thread, which it must not delay. */
@FunctionalInterface
public interface RoutingSink {
    /** Keeps nothing. */
    RoutingSink NONE = (lane, step, layer, rowsByExpert) -> {};

    /**
     * A lane's layer was gated.
     *
     * @param lane         number of the lane
     * @param step         number of the lane's step, from 1
     * @param layer        the layer
     * @param rowsByExpert rows of each expert, {@code [experts]}; valid during the call
     */
    void layer(int lane, long step, int layer, int[] rowsByExpert);
}
