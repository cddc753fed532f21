package io.cheshire.coordinator.core;

import io.cheshire.settings.SettingReader;
import java.time.Duration;

/**
 * How many nodes ought to hold a unit, and when a {@link PlacementMachine} makes up for those that don't.
 *
 * @param perUnit        nodes that ought to hold each unit, as far as memory goes
 * @param hintNs         what a router says of units that nobody answers for counts so long
 * @param rescueHoldNs   so long a unit that was loaded elsewhere for a doubtful node keeps both copies
 * @param rescueWaitNs   when most nodes are in doubt at once, nothing is loaded elsewhere for that for so long
 * @param restoreAfterNs units that lost a node and are on another get a further one so long after the lost one was last
 *                       heard of
 */
public record ReplicaRules(int perUnit, long hintNs, long rescueHoldNs, long rescueWaitNs, long restoreAfterNs) {
    /** What {@code cheshire.coordinator.replicas = auto} means where every node has memory of its own. */
    private static final int AUTO = 2;

    private static final int MOST = 4096;

    /** Reads them from {@code cheshire.coordinator}. */
    public static ReplicaRules from(final SettingReader coordinator) {
        final Duration hour = Duration.ofHours(1);
        return new ReplicaRules(
                coordinator.numberOrAuto("replicas", 1, MOST, AUTO),
                coordinator.durationNs("hint-window", Duration.ofMillis(1), hour),
                coordinator.durationNs("rescue-hold", Duration.ZERO, Duration.ofDays(1)),
                coordinator.durationNs("rescue-wait", Duration.ZERO, hour),
                coordinator.durationNs("restore-after", Duration.ZERO, hour));
    }
}
