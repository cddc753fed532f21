package io.cheshire.coordinator.core;

import io.cheshire.settings.SettingReader;
import java.time.Duration;

/**
 * Whom a {@link PlacementMachine} lets in, and how long it waits for them.
 *
 * @param expectedNodes      nodes awaited before the first epoch
 * @param maxNodes           expert nodes at most
 * @param maxRouters         routers at most
 * @param formationTimeoutNs after this, a cluster that never had an epoch is formed of the nodes that are there
 * @param recoveryNs         a coordinator that follows another waits so long for the members to come back to it before
 *                           it decides without them, and before it releases anything
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
        long silentNs) {
    /** The most nodes, and routers, that a cluster may be set up for. */
    private static final int MOST = 4096;

    /** Reads the most expert nodes from {@code cheshire.coordinator}. */
    public static int maxNodes(final SettingReader coordinator) {
        return coordinator.number("max-nodes", 1, MOST);
    }

    /** Reads the most routers from {@code cheshire.coordinator}. */
    public static int maxRouters(final SettingReader coordinator) {
        return coordinator.number("max-routers", 1, MOST);
    }

    /** Reads them from {@code cheshire.coordinator}. */
    public static MemberRules from(final SettingReader coordinator) {
        final Duration least = Duration.ofMillis(1);
        final Duration hour = Duration.ofHours(1);
        final MemberRules rules = new MemberRules(
                coordinator.number("expected-nodes", 1, MOST),
                maxNodes(coordinator),
                maxRouters(coordinator),
                coordinator.durationNs("formation-timeout", least, Duration.ofDays(1)),
                coordinator.durationNs("recovery", Duration.ZERO, hour),
                coordinator.durationNs("leave-timeout", least, hour),
                coordinator.durationNs("live-window", least, hour),
                coordinator.durationNs("silent-after", least, hour));
        coordinator.require(
                rules.expectedNodes <= rules.maxNodes,
                "expected-nodes",
                "must not exceed " + coordinator.key("max-nodes") + " (" + rules.maxNodes + ")");
        return rules;
    }
}
