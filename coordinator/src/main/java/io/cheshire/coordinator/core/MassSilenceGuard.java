package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;

/**
 * Whether doubts about nodes lead to anything yet. When most nodes fall silent, or stop answering, at the same moment,
 * it is likelier that the view of this coordinator or of the routers is broken than that most nodes are: to load all
 * that they hold elsewhere would burden the few left and help nobody. So doubts wait, but never longer than
 * {@link ReplicaRules#rescueWaitNs}. Nodes that the cluster removes are no matter of doubt: their units are loaded
 * elsewhere at once. Immutable.
 *
 * <pre>
 * stage      goes to    when
 * CONFIDENT  WAITING    most in doubt
 * WAITING    CONFIDENT  none in doubt, or wait over and not most in doubt
 *            OVER       wait over and most in doubt
 * OVER       CONFIDENT  not most in doubt
 * </pre>
 *
 * "Most in doubt": more than half of the nodes are.
 *
 * @param stage   where it is
 * @param sinceNs when it got there
 */
record MassSilenceGuard(Stage stage, long sinceNs) {
    /** What doubts lead to. */
    enum Stage {
        /** Units of doubtful nodes are loaded elsewhere. */
        CONFIDENT,
        /** Nothing: most nodes are in doubt. */
        WAITING,
        /** As when confident: most nodes have been in doubt for so long that it must be true. */
        OVER
    }

    static MassSilenceGuard none(final long nowNs) {
        return new MassSilenceGuard(Stage.CONFIDENT, nowNs);
    }

    /** Whether doubts lead to nothing for now. */
    boolean waits() {
        return stage == Stage.WAITING;
    }

    /** Where so many doubtful nodes of all that there are lead; says so in a note of the draft. */
    MassSilenceGuard after(final int doubtful, final StateBuilder draft) {
        final boolean most = doubtful * 2 > draft.nodes.size();
        final String count = doubtful + " of " + draft.nodes.size() + " nodes";
        final String limit = draft.rules.replicas().rescueWaitNs() / 1_000_000 + " ms";
        return switch (stage) {
            case CONFIDENT ->
                most
                        ? go(
                                draft,
                                Stage.WAITING,
                                count + " are silent or get no answers through at the same moment: rather"
                                        + " the view of this coordinator or of the routers is broken, so nothing is"
                                        + " loaded elsewhere for that for " + limit
                                        + " (cheshire.coordinator.rescue-wait); what the cluster removes is no matter"
                                        + " of doubt")
                        : this;
            case WAITING -> {
                if (doubtful == 0) {
                    yield go(
                            draft,
                            Stage.CONFIDENT,
                            "all nodes are heard of and answer again; nothing was loaded elsewhere");
                }
                yield draft.reached(sinceNs + draft.rules.replicas().rescueWaitNs())
                        ? go(
                                draft,
                                most ? Stage.OVER : Stage.CONFIDENT,
                                count + " are still silent or without answers after " + limit
                                        + ": their units are loaded elsewhere where nodes have room")
                        : this;
            }
            case OVER -> most ? this : none(draft.nowNs);
        };
    }

    private static MassSilenceGuard go(final StateBuilder draft, final Stage stage, final String why) {
        draft.note(Kind.RESCUE_WAITS, why);
        return new MassSilenceGuard(stage, draft.nowNs);
    }
}
