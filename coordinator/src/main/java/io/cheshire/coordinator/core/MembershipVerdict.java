package io.cheshire.coordinator.core;

/**
 * Whether this process is a stranger to its own cluster: it takes itself for a member, and nobody else does. That is
 * what becomes of a process that joined through a coordinator which was killed before it told the others. They ignore a
 * stranger's gossip for good, so it would never hear of a new coordinator.
 *
 * <p>The same goes for a process whose whole cluster ought not to be: one that was founded while the processes of the
 * first were stopped or cut off. A configured seed that isn't a member here shows it, and the cluster that yields ends,
 * process by process.
 *
 * <p>One "yes" clears either; it is a stranger after enough answers "no" in a row over a long enough time, so that
 * gossip which is merely late isn't taken for it. Pure; times are compared by difference.
 */
public final class MembershipVerdict {
    /** Fewer may all have come from one process that is itself cut off. */
    private static final int LEAST_ANSWERS = 3;

    private final Denials byMembers;
    private final Denials byRival;

    /** @param patienceNs how long all must have denied it */
    public MembershipVerdict(final long patienceNs) {
        this.byMembers = new Denials(patienceNs);
        this.byRival = new Denials(patienceNs);
    }

    /**
     * Another member answered.
     *
     * @param isMember whether it counts this process as a member
     * @return whether this process is a stranger
     */
    public boolean onAnswer(final boolean isMember, final long nowNs) {
        return byMembers.add(isMember, nowNs);
    }

    /**
     * A seed that is in another cluster than this process answered.
     *
     * @param yields whether this process's cluster gives way to that one
     * @return whether this process is to end
     */
    public boolean onRival(final boolean yields, final long nowNs) {
        return byRival.add(!yields, nowNs);
    }

    /** Answers "no" in a row. */
    private static final class Denials {
        private final long patienceNs;
        private long sinceNs;
        private int noes;

        private Denials(final long patienceNs) {
            this.patienceNs = patienceNs;
        }

        private boolean add(final boolean isWell, final long nowNs) {
            if (isWell) {
                noes = 0;
                return false;
            }
            if (noes == 0) {
                sinceNs = nowNs;
            }
            noes = Math.min(noes + 1, LEAST_ANSWERS);
            return noes == LEAST_ANSWERS && nowNs - sinceNs >= patienceNs;
        }
    }
}
