package io.cheshire.router.core.exchange;

/** One node as the exchange knows it. */
final class PeerNode {
    /** Where a node is in the eyes of this router. */
    enum Status {
        /** Named by a placement, not connected yet. */
        CONNECTING,
        /** Takes shards. */
        LIVE,
        /** Connected, but it may not answer: takes shards only where no other node can. */
        SUSPECT,
        /** Its connection is lost. */
        GONE
    }

    final int nodeId;
    Status status = Status.CONNECTING;
    /** Which start of the node is or was connected. */
    long incarnation;
    /** Rows that it has been sent and not answered. */
    int openRows;
    /** The time that these are expected to take. */
    double openWorkNs;
    /** Attempts that passed their deadline and are open still. */
    int overdue;
    /** Smoothed response time as a multiple of the median node's, at least 1. */
    double slowness = 1;
    /** Gets a trickle only where another replica is well. */
    boolean slow;
    /** Cost of the rows that it was sent and hasn't answered ({@link SplitPolicy#costRows}). */
    long openCostRows;
    /** Smoothed time for a row of cost, what was ahead of it included; 0 before the first answer. */
    double paceNs;
    /** Plans that took it for slower than the others, since the last that didn't. */
    int unevenPlans;
    /** The plan of {@link RowSplit} that it last took part in, and its place there. */
    long planned;

    int slot;
    /** Shards that another got although this node comes first, since the last one that this node got. */
    int passedOver;

    final LatencyWindow[] windows = new LatencyWindow[RowBuckets.COUNT];

    PeerNode(final int nodeId) {
        this.nodeId = nodeId;
        for (int bucket = 0; bucket < windows.length; bucket++) {
            windows[bucket] = new LatencyWindow();
        }
    }

    /** Takes shards, and nothing speaks against it. */
    boolean isWell() {
        return status == Status.LIVE && !slow && overdue == 0;
    }

    boolean isConnected() {
        return status == Status.LIVE || status == Status.SUSPECT;
    }
}
