package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterState;
import java.util.List;

/** How the coordinator's own work goes. Used by one coordinator's life alone. */
final class CoordinatorHealth {
    /** A tick that comes later than so many intervals: the timer died, or the actor can't keep up. */
    private static final int LATE_TICKS = 10;

    private final long tickIntervalNs;
    private final long liveWindowNs;
    private long tickedNs;
    private long roundNs;
    private boolean hadRound;
    private long unitsLoaded;
    private long bytesLoaded;
    private String balancerFailure = "";

    /**
     * @param tickIntervalNs how often a tick is due
     * @param liveWindowNs   a member heard of within this window is alive
     */
    CoordinatorHealth(final long tickIntervalNs, final long liveWindowNs, final long nowNs) {
        this.tickIntervalNs = tickIntervalNs;
        this.liveWindowNs = liveWindowNs;
        this.tickedNs = nowNs;
    }

    /** A tick was handled; a round is successful when every member was heard of lately and nothing failed. */
    void ticked(final PlacementState state, final long nowNs) {
        tickedNs = nowNs;
        if (state.formed()
                && state.everyMemberHeardSince(nowNs - liveWindowNs)
                && !state.anyLoadFailed()
                && state.unitsWithoutNode().isEmpty()) {
            roundNs = nowNs;
            hadRound = true;
        }
    }

    void loaded(final long bytes) {
        unitsLoaded++;
        bytesLoaded += bytes;
    }

    /** The balancer worked, or failed for this reason. */
    void balanced(final String failure) {
        balancerFailure = failure;
    }

    ClusterState.Health health(final PlacementState state, final List<Double> balancednessByLayer, final long nowNs) {
        final String why = notReadyBecause(nowNs);
        return new ClusterState.Health(
                why.isEmpty(),
                why,
                state.replicas(),
                state.atTarget(),
                state.unitsShortOfReplicas().size(),
                hadRound ? (nowNs - roundNs) / 1_000_000 : -1,
                unitsLoaded,
                bytesLoaded,
                balancednessByLayer);
    }

    private String notReadyBecause(final long nowNs) {
        final long lateNs = tickIntervalNs * LATE_TICKS;
        if (nowNs - tickedNs > lateNs) {
            return "the last tick was " + (nowNs - tickedNs) / 1_000_000 + " ms ago; one is due every "
                    + tickIntervalNs / 1_000_000 + " ms";
        }
        return balancerFailure.isEmpty() ? "" : "the balancer failed: " + balancerFailure;
    }
}
