package io.cheshire.chaos.sim;

import io.cheshire.chaos.sim.check.Coverage;
import io.cheshire.chaos.sim.fault.FaultCounts;
import io.cheshire.chaos.sim.world.Violation;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * How one run went.
 *
 * @param seed             the run's
 * @param violation        what did not hold, or null
 * @param simulatedNs      virtual time
 * @param events           events handled
 * @param steps            steps of all routers
 * @param rows             rows combined, all layers
 * @param packets          packets on the data plane
 * @param requests         how requests ended, and how often
 * @param recoveryNs       from the end of the faults to progress of everybody; -1 when not demanded or not reached
 * @param successions      coordinators that followed another
 * @param faults           what struck
 * @param coverage         states and events met
 * @param fingerprint      equal for equal runs
 * @param trace            what happened, when traced
 */
public record SimResult(
        long seed,
        @Nullable Violation violation,
        long simulatedNs,
        long events,
        long steps,
        long rows,
        long packets,
        SortedMap<String, Long> requests,
        long recoveryNs,
        long successions,
        FaultCounts faults,
        Coverage coverage,
        long fingerprint,
        List<String> trace) {
    /** Whether everything held. */
    public boolean isGreen() {
        return violation == null;
    }
}
