package io.cheshire.coordinator.protocol;

/** Where an expert node or a router is in its life. */
public enum NodeState {
    /** Not yet accepted by the coordinator. */
    JOINING,
    /** Accepted; loads units and serves none yet. */
    LOADING,
    /** Serves what it holds. */
    SERVING,
    /** Leaves in order; serves until no router uses it. */
    DRAINING,
    /** Serves nothing any more: left, or refused. */
    STOPPED
}
