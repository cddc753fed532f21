package io.cheshire.coordinator.runtime;

/** What a process of the cluster does. */
public enum ClusterRole {
    /** May host the coordinator. */
    COORDINATOR("coordinator"),
    /** Serves HTTP and computes attention. */
    ROUTER("router"),
    /** Holds units. */
    EXPERT_NODE("expert-node");

    private final String role;

    ClusterRole(final String role) {
        this.role = role;
    }

    /** The role's name in Pekko and in the configuration. */
    public String role() {
        return role;
    }
}
