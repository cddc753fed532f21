package io.cheshire.coordinator.runtime;

import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.coordinator.protocol.ClusterState;
import java.util.List;

/** How the coordinator's own work goes. Used by the coordinator's actor alone. */
final class Liveness {
    /** A tick that comes later than so many intervals: the timer died, or the actor can't keep up. */
    private static final int LATE_TICKS = 10;

    private final CoordinatorConfig config;
    private long tickedNs;
    private long roundNs;
    private boolean hadRound;
    private long unitsLoaded;
    private long bytesLoaded;
    private String balancerFailure = "";

    Liveness(final CoordinatorConfig config, final long nowNs) {
        this.config = config;
        this.tickedNs = nowNs;
    }

    /** A tick was handled; a round is successful when every member was heard of lately and nothing failed. */
    void ticked(final PlacementState state, final long nowNs) {
        tickedNs = nowNs;
        if (state.formed()
                && state.everyMemberHeardSince(nowNs - config.members().liveWindowNs())
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
        final long lateNs = config.tickInterval().toNanos() * LATE_TICKS;
        if (nowNs - tickedNs > lateNs) {
            return "the last tick was " + (nowNs - tickedNs) / 1_000_000 + " ms ago; one is due every "
                    + config.tickInterval().toMillis() + " ms";
        }
        return balancerFailure.isEmpty() ? "" : "the balancer failed: " + balancerFailure;
    }
}
