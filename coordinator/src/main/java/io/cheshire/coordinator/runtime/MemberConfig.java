package io.cheshire.coordinator.runtime;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * What an expert node or a router goes by in the control plane: settings under {@code cheshire.member} and some it shares with
 * the coordinator; reasons are in {@code reference.conf}.
 */
public record MemberConfig(
        String clusterName,
        Duration reportInterval,
        Duration registerInterval,
        Duration leaveTimeout,
        int concurrentLoads) {

    /**
     * Reads the settings.
     *
     * @throws IllegalArgumentException names every wrong value with its key and its range
     */
    public static MemberConfig from(final Config config) {
        final ConfigReader member = new ConfigReader(config, "cheshire.member");
        final MemberConfig result = new MemberConfig(
                new ConfigReader(config, "cheshire.cluster", member.problems()).text("name"),
                new ConfigReader(config, "cheshire.coordinator", member.problems())
                        .duration("report-interval", Duration.ofMillis(10), Duration.ofMinutes(1)),
                member.duration("register-interval", Duration.ofMillis(10), Duration.ofMinutes(1)),
                member.duration("leave-timeout", Duration.ofMillis(1), Duration.ofHours(1)),
                member.number("concurrent-loads", 1, 1024));
        member.throwIfProblems();
        return result;
    }
}
