package io.cheshire.transport.protocol;

/**
 * Where an expert node takes its dispatches, and where it shows that its process lives.
 *
 * @param nodeId      the node's number in the cluster
 * @param incarnation drawn anew at every start of the node, so that a node that came back is not taken for the one that
 *                    left
 * @param channel     Aeron channel, {@code aeron:ipc} or {@code aeron:udp?endpoint=host:port}
 * @param streamId    Aeron stream
 * @param lifeline    {@code host:port} of a TCP connection that lives as long as the node's process; empty: it has none
 */
public record NodeEndpoint(int nodeId, long incarnation, String channel, int streamId, String lifeline) {
    /** A node without a lifeline. */
    public NodeEndpoint(final int nodeId, final long incarnation, final String channel, final int streamId) {
        this(nodeId, incarnation, channel, streamId, "");
    }

    /** The same node, with a lifeline. */
    public NodeEndpoint withLifeline(final String address) {
        return new NodeEndpoint(nodeId, incarnation, channel, streamId, address);
    }
}
