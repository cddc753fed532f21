package io.cheshire.expertnode.core;

import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.model.protocol.ExpertKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node's life at a glance, for those who operate it.
 *
 * @param nodeId    the node's number
 * @param state     where it is in its life
 * @param reason    why it is there, in words for people
 * @param epoch     highest epoch in any command that it obeyed, 0 before the first
 * @param publisher incarnation of the coordinator whose command that was
 * @param held      units that it holds
 * @param loading   units that are being loaded, and then those that wait for it
 * @param freeing   units that are being freed
 * @param notReady  why it doesn't serve all that it is to serve in a cluster that is steady, in words for people; null
 *                  while it does
 */
public record NodeGlance(
        int nodeId,
        NodeState state,
        String reason,
        long epoch,
        long publisher,
        List<ExpertKey> held,
        List<ExpertKey> loading,
        List<ExpertKey> freeing,
        @Nullable String notReady) {
    public NodeGlance {
        held = List.copyOf(held);
        loading = List.copyOf(loading);
        freeing = List.copyOf(freeing);
    }

    /** Of a node that has done nothing yet. */
    public static NodeGlance starting(final int nodeId) {
        return new NodeGlance(
                nodeId,
                NodeState.JOINING,
                "it has just started",
                0,
                0,
                List.of(),
                List.of(),
                List.of(),
                "it is starting");
    }
}
