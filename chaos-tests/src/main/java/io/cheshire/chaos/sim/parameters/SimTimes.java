package io.cheshire.chaos.sim.parameters;

import static io.cheshire.chaos.sim.world.World.MS;
import static io.cheshire.chaos.sim.world.World.US;

import io.cheshire.chaos.sim.FaultKind;

/** How long everything takes that isn't the product's: messages, work, the cluster's patience, faults, clients. */
public final class SimTimes {
    public final long controlDelayNs;
    public final long controlJitterNs;
    public final long controlGiveUpNs;
    public final long dutyNs;
    public final long attentionNs;
    public final long computeNs;
    public final long loadNs;
    public final long thinkNs;
    public final long deadlineNs;
    public final double cancelRate;
    public final long downAfterNs;
    public final long removalMarginNs;
    public final long restartNs;
    public final long chaosNs;
    public final long faultIntervalNs;
    public final long faultNs;
    public final long reportNs;
    public final long recoveryNs;

    /** Times that are asked for, and not drawn: those of the control plane and of who starts processes. */
    public record ControlTimes(
            long delayNs, long jitterNs, long downAfterNs, long removalMarginNs, long restartNs, long deadlineNs) {}

    /** Work takes what the run's hardware says: the figures for it are only there to be there. */
    SimTimes(final ControlTimes control) {
        controlDelayNs = control.delayNs;
        controlJitterNs = control.jitterNs;
        controlGiveUpNs = 2_000 * MS;
        dutyNs = MS;
        attentionNs = MS;
        computeNs = MS;
        loadNs = MS;
        thinkNs = 0;
        deadlineNs = control.deadlineNs;
        cancelRate = 0;
        downAfterNs = control.downAfterNs;
        removalMarginNs = control.removalMarginNs;
        restartNs = control.restartNs;
        chaosNs = 0;
        faultIntervalNs = 1_000 * MS;
        faultNs = 1_000 * MS;
        reportNs = 1_000 * MS;
        recoveryNs = 5_000 * MS;
    }

    SimTimes(final Draws draws, final FaultChoice faults) {
        controlDelayNs = draws.between(100 * US, 4 * MS);
        controlJitterNs = draws.between(0, 4 * MS);
        controlGiveUpNs = draws.between(200 * MS, 2_000 * MS);
        dutyNs = draws.between(500 * US, 3 * MS);
        attentionNs = draws.between(1 * MS, 8 * MS);
        computeNs = draws.between(100 * US, 3 * MS);
        loadNs = draws.between(2 * MS, 40 * MS);
        thinkNs = draws.between(0, 100 * MS);
        deadlineNs = draws.pick(2, 4, 8, 60) * 1_000L * MS;
        cancelRate = faults.has(FaultKind.CANCEL) ? 0.1 : 0;
        downAfterNs = draws.between(400 * MS, 1_500 * MS);
        removalMarginNs = draws.between(20 * MS, 200 * MS);
        restartNs = draws.between(50 * MS, 800 * MS);
        chaosNs = draws.between(2_000 * MS, 8_000 * MS);
        faultIntervalNs = draws.between(60 * MS, 1_000 * MS);
        faultNs = draws.between(50 * MS, 1_200 * MS);
        reportNs = draws.between(50 * MS, 200 * MS);
        recoveryNs = reportNs * 4 + draws.between(100 * MS, 500 * MS);
    }

    String describe() {
        return "control " + controlDelayNs / US + " us, duty " + dutyNs / US + " us, attention " + attentionNs / US
                + " us, expert " + computeNs / US + " us, load " + loadNs / US + " us, downed after "
                + downAfterNs / MS + " ms, restart after " + restartNs / MS + " ms, deadline " + deadlineNs / MS
                + " ms";
    }
}
