package io.cheshire.coordinator.core;

/**
 * Whether this process is a stranger to its own cluster: it takes itself for a member, and nobody else does. That is what
 * becomes of a process that joined through a coordinator which was killed before it told the others. They ignore a
 * stranger's gossip for good, so it would never hear of a new coordinator.
 *
 * <p>One "yes" clears it; it is a stranger after enough answers "no" in a row over a long enough time, so that gossip which is
 * merely late isn't taken for it. Pure; times are compared by difference.
 */
public final class StrangerJudge {
    /** Fewer may all have come from one process that is itself cut off. */
    private static final int LEAST_ANSWERS = 3;

    private final long patienceNs;
    private long strangeSinceNs;
    private int noes;

    /** @param patienceNs how long all must have denied it */
    public StrangerJudge(final long patienceNs) {
        this.patienceNs = patienceNs;
    }

    /**
     * Another member answered.
     *
     * @param isMember whether it counts this process as a member
     * @return whether this process is a stranger
     */
    public boolean onAnswer(final boolean isMember, final long nowNs) {
        if (isMember) {
            noes = 0;
            return false;
        }
        if (noes == 0) {
            strangeSinceNs = nowNs;
        }
        noes = Math.min(noes + 1, LEAST_ANSWERS);
        return noes == LEAST_ANSWERS && nowNs - strangeSinceNs >= patienceNs;
    }
}
