package io.cheshire.balance.core;

/** Which part of each unit's work each node gets under a placement. */
public interface Shares {
    /** Part of the unit's rows that the node gets, 0 to 1; over all nodes 1. */
    double share(int layer, int expert, int node);

    /** Nodes, numbered from 0. */
    int nodes();
}
