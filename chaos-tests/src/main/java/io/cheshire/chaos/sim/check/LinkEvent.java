package io.cheshire.chaos.sim.check;

/** What links meet beneath and beside their states. */
public enum LinkEvent {
    /** A channel wasn't there when it was first looked for. */
    OPEN_LATE,
    /** A media driver refused a channel. */
    OPEN_REFUSED,
    /** A Nack found no room and waited. */
    NACK_WITHOUT_ROOM,
    /** A frame that was encoded found no room after all. */
    COMMIT_WITHOUT_ROOM,
    /** A router saw the lifeline of a dead node cut. */
    LIFELINE_CUT,
    /** A router saw the lifeline of a node cut that lives. */
    LIFELINE_CUT_FALSELY,
    /** A router believes no lifelines of a node any more. */
    LIFELINES_DISTRUSTED,
    /** A node refused a router. */
    ROUTER_REFUSED,
    /** A node left a Hello unanswered. */
    HELLO_UNANSWERED,
    /** A frame named a link that isn't up. */
    STALE_FRAME,
    /** A frame wasn't its link's peer's. */
    FORGED_FRAME,
    /** A frame had come before. */
    REPLAYED_FRAME,
    /** A fragment was dropped: of a frame that lost a part, or of a sender without a link. */
    DROPPED_FRAGMENT
}
