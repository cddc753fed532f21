package io.cheshire.coordinator.core;

/**
 * Whom a {@link PlacementMachine} lets in, and how long it waits for them.
 *
 * @param expectedNodes      nodes awaited before the first epoch
 * @param maxNodes           expert nodes at most
 * @param maxRouters         routers at most
 * @param formationTimeoutNs after this, a cluster that never had an epoch is formed of the nodes that are there
 * @param recoveryNs         a coordinator that follows another waits so long for the members to come back to it before it
 *                           decides without them, and before it releases anything
 * @param leaveTimeoutNs     a leaving node whose units nobody took over by then may leave all the same
 * @param liveWindowNs       a node or router heard of within this window is alive: its id can't be taken over
 * @param silentNs           a node not heard of for so long may be gone: its units are loaded elsewhere too
 */
public record MemberRules(
        int expectedNodes,
        int maxNodes,
        int maxRouters,
        long formationTimeoutNs,
        long recoveryNs,
        long leaveTimeoutNs,
        long liveWindowNs,
        long silentNs) {}
