package io.cheshire.coordinator.runtime;

import io.cheshire.settings.SettingReader;
import java.time.Duration;

/**
 * What an expert node or a router goes by in the control plane: settings under {@code cheshire.member} and some it
 * shares with the coordinator; reasons are in {@code reference.conf}.
 *
 * @param clusterName      name of the cluster that it means to join
 * @param reportInterval   how often it reports
 * @param registerInterval a member that wasn't answered registers again after this
 * @param leaveTimeout     so long it waits for leave to be granted
 * @param concurrentLoads  loads that one node runs at once
 */
public record MemberConfig(
        String clusterName,
        Duration reportInterval,
        Duration registerInterval,
        Duration leaveTimeout,
        int concurrentLoads) {
    /** Stands with the coordinator's settings, whose windows it bounds. */
    static final String REPORT_INTERVAL = "report-interval";

    private static final int MOST_LOADS = 1024;

    /** Reads {@code cheshire.member} of a whole configuration. */
    public static MemberConfig from(final SettingReader root) {
        final SettingReader member = root.section("cheshire.member");
        return new MemberConfig(
                ClusterConfig.name(root),
                reportInterval(root),
                member.duration("register-interval", Duration.ofMillis(10), Duration.ofMinutes(1)),
                member.duration("leave-timeout", Duration.ofMillis(1), Duration.ofHours(1)),
                member.number("concurrent-loads", 1, MOST_LOADS));
    }

    static Duration reportInterval(final SettingReader root) {
        return root.section(CoordinatorConfig.SECTION)
                .duration(REPORT_INTERVAL, Duration.ofMillis(10), Duration.ofMinutes(1));
    }
}
