package io.cheshire.coordinator.core;

import io.cheshire.settings.SettingReader;
import io.cheshire.settings.Units;
import java.time.Duration;

/**
 * How a {@link PlacementMachine} has nodes load units.
 *
 * @param open       units one node is told to load at once; the most urgent ones come next
 * @param timeoutNs  a node that finished no load for so long has failed the ones still open
 * @param retryMinNs first pause after a failed load; doubles with each further failure
 * @param retryMaxNs longest pause after a failed load
 */
public record LoadRules(int open, long timeoutNs, long retryMinNs, long retryMaxNs) {
    private static final int MOST_OPEN = 65_536;

    /** Reads them from {@code cheshire.coordinator}. */
    public static LoadRules from(final SettingReader coordinator) {
        final Duration least = Duration.ofMillis(1);
        final LoadRules rules = new LoadRules(
                coordinator.number("open-loads", 1, MOST_OPEN),
                coordinator.durationNs("load-timeout", least, Duration.ofDays(1)),
                coordinator.durationNs("load-retry-min", least, Duration.ofHours(1)),
                coordinator.durationNs("load-retry-max", least, Duration.ofDays(1)));
        coordinator.require(
                rules.retryMinNs <= rules.retryMaxNs,
                "load-retry-min",
                "must not exceed " + coordinator.key("load-retry-max") + " (" + Units.time(rules.retryMaxNs) + ")");
        return rules;
    }

    /** More doublings than a pause can take. */
    private static final int MAX_DOUBLINGS = 30;

    /** Pause before a load that failed {@code failureCount} times is tried again. */
    long retryAfterNs(final int failureCount) {
        final int doublings = Math.min(Math.max(failureCount - 1, 0), MAX_DOUBLINGS);
        final long pauseNs = retryMinNs << doublings;
        return pauseNs < retryMinNs ? retryMaxNs : Math.min(pauseNs, retryMaxNs);
    }
}
