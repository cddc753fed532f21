package io.cheshire.coordinator.core;

import io.cheshire.settings.SettingReader;
import java.time.Duration;

/**
 * How often a {@link PlacementMachine} publishes.
 *
 * @param republishNs    a router that didn't acknowledge gets the epoch again after this
 * @param publishEveryNs while loads go on, what they gained is published this often
 * @param burst          epochs that may follow each other without a pause; more wait, and changes meanwhile go into one
 * @param everyNs        so often one more may be published
 */
public record EpochRules(long republishNs, long publishEveryNs, int burst, long everyNs) {
    private static final int MOST_BURST = 1000;

    /** Reads them from {@code cheshire.coordinator}. */
    public static EpochRules from(final SettingReader coordinator) {
        final Duration least = Duration.ofMillis(1);
        final Duration most = Duration.ofHours(1);
        return new EpochRules(
                coordinator.durationNs("republish-interval", Duration.ofMillis(10), most),
                coordinator.durationNs("publish-interval", least, most),
                coordinator.number("epoch-burst", 1, MOST_BURST),
                coordinator.durationNs("epoch-interval", least, most));
    }

    /** Gains that routers wait for are published at most this often: a tick apart would be slow, one by one a storm. */
    private static final long URGENT_PUBLISH_NS = 100_000_000;

    /** Least time between two epochs while loads go on and units without a node gain one. */
    long urgentPublishNs() {
        return Math.min(URGENT_PUBLISH_NS, publishEveryNs);
    }
}
