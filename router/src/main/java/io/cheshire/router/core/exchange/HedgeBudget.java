package io.cheshire.router.core.exchange;

/**
 * Bounds hedges to a share of the shards sent, since each costs a second computation: when everything is slow, hedging
 * everything would make it slower still.
 */
final class HedgeBudget {
    private final double share;
    private final int burst;
    private double saved;

    HedgeBudget(final double share, final int burst) {
        this.share = share;
        this.burst = burst;
        saved = burst;
    }

    /** A shard was sent for the first time. */
    void earn() {
        saved = Math.min(burst, saved + share);
    }

    boolean canSpend() {
        return saved >= 1;
    }

    /** A shard is sent to a further node. */
    void spend() {
        saved -= 1;
    }
}
