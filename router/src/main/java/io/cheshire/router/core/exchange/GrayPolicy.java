package io.cheshire.router.core.exchange;

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
    public GrayPolicy {
        if (!(slowUntil >= 1 && slowFrom > slowUntil) || baseNs < 1 || trickle < 1 || !(preference >= 1)) {
            throw new IllegalArgumentException("gray policy out of range: slow from " + slowFrom + " until " + slowUntil
                    + ", base " + baseNs + " ns, trickle " + trickle + ", preference " + preference);
        }
    }
}
