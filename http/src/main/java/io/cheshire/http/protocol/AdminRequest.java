package io.cheshire.http.protocol;

/** What an operator asks of the cluster under {@code POST /admin/v1/cluster/...}. The reason ends up in the cluster's events. */
public sealed interface AdminRequest {
    /** Why, in the operator's words; may be empty. */
    String reason();

    /** A unit belongs on another node. */
    record Move(int layer, int expert, int from, int to, String reason) implements AdminRequest {}

    /** Each unit belongs on so many nodes. */
    record Replicas(int replicas, String reason) implements AdminRequest {}

    /** Balance the units over the nodes once. */
    record Rebalance(String reason) implements AdminRequest {}

    /** The node is to hold nothing. */
    record Drain(int node, String reason) implements AdminRequest {}

    /** A drained node is back in use. */
    record Undrain(int node, String reason) implements AdminRequest {}

    /** The node's process has ended. */
    record Down(int node, String reason) implements AdminRequest {}
}
