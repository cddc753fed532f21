package io.cheshire.router.core.exchange;

import io.cheshire.settings.SettingReader;
import java.time.Duration;

/**
 * When a node that works counts as slow, and what it still gets.
 *
 * @param slowFrom    smoothed response time, as a multiple of the median node's, from which a node is slow
 * @param slowUntil   and below which it no longer is; less than {@code slowFrom}, so that it doesn't flap
 * @param baseNs      a median below this counts as this: jitter of fast nodes is no slowness
 * @param trickle     of so many shards that a slow node would have got one is sent to it as well, to see it recover
 * @param preference  a replica further back in the placement is taken only if it is expected to be done so many times
 *                    sooner
 */
public record GrayPolicy(double slowFrom, double slowUntil, long baseNs, int trickle, double preference) {
    private static final double MOST = 1e6;

    /** Reads {@code slow-node} of the engine's section. */
    public static GrayPolicy from(final SettingReader slowNode) {
        final GrayPolicy policy = new GrayPolicy(
                slowNode.real("from-multiple", 1, MOST),
                slowNode.real("until-multiple", 1, MOST),
                slowNode.durationNs("base", Duration.ofNanos(1), Duration.ofDays(1)),
                slowNode.number("trickle", 1, Integer.MAX_VALUE),
                slowNode.real("preference", 1, MOST));
        slowNode.require(
                policy.slowFrom > policy.slowUntil,
                "from-multiple",
                "must be more than " + slowNode.key("until-multiple") + " (" + policy.slowUntil + ")");
        return policy;
    }
}
