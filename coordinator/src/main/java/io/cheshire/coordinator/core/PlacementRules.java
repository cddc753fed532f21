package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ModelIdentity;

/**
 * What a {@link PlacementMachine} is told once: whom it accepts and how long it waits. Reasons for the times are in
 * {@code reference.conf}.
 *
 * @param clusterName        members of another cluster are refused
 * @param model              members of another model are refused
 * @param expectedNodes      nodes awaited before the first epoch
 * @param publisher          incarnation of this coordinator; tells its epochs from those of its predecessor
 * @param maxNodes           expert nodes at most
 * @param maxRouters         routers at most
 * @param formationTimeoutNs after this, a cluster that never had an epoch is formed of the nodes that are there
 * @param recoveryNs         a coordinator that follows another waits so long for the members to come back to it before it
 *                           decides without them, and before it releases anything
 * @param loadTimeoutNs      a node that finished no load for so long has failed the ones still open
 * @param loadRetryMinNs     first pause after a failed load; doubles with each further failure
 * @param loadRetryMaxNs     longest pause after a failed load
 * @param leaveTimeoutNs     a leaving node whose units nobody took over by then may leave all the same
 * @param republishNs        a router that didn't acknowledge gets the epoch again after this
 * @param liveWindowNs       a node or router heard of within this window is alive: its id can't be taken over
 * @param replicas           nodes that ought to hold each unit, as far as memory goes
 * @param openLoads          units one node is told to load at once; the most urgent ones come next
 * @param publishEveryNs     while loads go on, what they gained is published this often
 * @param silentNs           a node not heard of for so long may be gone: its units are loaded elsewhere too
 * @param hintNs             what a router says of units that nobody answers for counts so long
 * @param rescueHoldNs       so long a unit that was loaded elsewhere for a doubtful node keeps both copies
 * @param rescueWaitNs       when most nodes are in doubt at once, nothing is loaded elsewhere for that for so long
 * @param restoreAfterNs     units that lost a node and are on another get a further one so long after the lost one was last heard of
 * @param epochBurst         epochs that may follow each other without a pause; more wait, and changes meanwhile go into one
 * @param epochEveryNs       so often one more may be published
 */
public record PlacementRules(
        String clusterName,
        ModelIdentity model,
        int expectedNodes,
        long publisher,
        int maxNodes,
        int maxRouters,
        long formationTimeoutNs,
        long recoveryNs,
        long loadTimeoutNs,
        long loadRetryMinNs,
        long loadRetryMaxNs,
        long leaveTimeoutNs,
        long republishNs,
        long liveWindowNs,
        int replicas,
        int openLoads,
        long publishEveryNs,
        long silentNs,
        long hintNs,
        long rescueHoldNs,
        long rescueWaitNs,
        long restoreAfterNs,
        int epochBurst,
        long epochEveryNs) {
    /** Gains that routers wait for are published at most this often: a tick apart would be slow, one by one a storm. */
    private static final long URGENT_PUBLISH_NS = 100_000_000;

    /** Least time between two epochs while loads go on and units without a node gain one. */
    long urgentPublishNs() {
        return Math.min(URGENT_PUBLISH_NS, publishEveryNs);
    }

    /** Pause before a load that failed {@code failureCount} times is tried again. */
    long retryAfterNs(final int failureCount) {
        final int doublings = Math.min(Math.max(failureCount - 1, 0), 30);
        final long pauseNs = loadRetryMinNs << doublings;
        return pauseNs < loadRetryMinNs ? loadRetryMaxNs : Math.min(pauseNs, loadRetryMaxNs);
    }
}
