package io.cheshire.coordinator.core;

/**
 * Bounds how many epochs follow each other, whatever happens to members: in any stretch of time at most
 * {@link EpochRules#burst} and one for every {@link EpochRules#everyNs} of it. What comes faster is not lost: it waits,
 * and goes into the next epoch together. Routers need no epoch to turn away from a node that is gone. A bucket, told by
 * when it is full again. Immutable.
 *
 * @param fullNs  when as many epochs as a burst may follow each other again
 * @param holding whether an epoch waits
 */
record EpochPace(long fullNs, boolean holding) {
    static EpochPace start(final long nowNs) {
        return new EpochPace(nowNs, false);
    }

    /** When the next epoch may be published. */
    long nextNs(final EpochRules rules) {
        return fullNs - (rules.burst() - 1) * rules.everyNs();
    }

    EpochPace published(final EpochRules rules, final long nowNs) {
        return new EpochPace((fullNs - nowNs > 0 ? fullNs : nowNs) + rules.everyNs(), false);
    }

    EpochPace held() {
        return new EpochPace(fullNs, true);
    }
}
