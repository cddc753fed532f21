package io.cheshire.coordinator.protocol;

import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.List;

/**
 * How an expert node introduces itself. Its identity is {@code endpoint.nodeId} with {@code endpoint.incarnation},
 * never an address.
 *
 * @param clusterName      name of the cluster it means to join
 * @param modelFingerprint SHA-256 of the model it can load units of
 * @param endpoint         where routers reach it
 * @param memoryLimitBytes bytes it may fill with weights
 * @param unitBytes        bytes one unit takes on it
 * @param epochSeen        highest epoch in any command it obeyed, 0 at first start
 * @param publisher        incarnation of the coordinator whose command that was, 0 at first start
 * @param resident         units it holds now, and what it read when it loaded them
 * @param failureDomain    what it shares with nodes that fail together with it ({@link FailureDomain}); may be empty
 */
public record NodeHello(
        String clusterName,
        String modelFingerprint,
        NodeEndpoint endpoint,
        long memoryLimitBytes,
        long unitBytes,
        long epochSeen,
        long publisher,
        List<HeldUnit> resident,
        String failureDomain) {
    public NodeHello {
        resident = List.copyOf(resident);
        FailureDomain.checked(failureDomain);
    }

    /** The node's number. */
    public int nodeId() {
        return endpoint.nodeId();
    }

    /** Which start of the node this is. */
    public long incarnation() {
        return endpoint.incarnation();
    }
}
