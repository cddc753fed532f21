package io.cheshire.transport.protocol;

/**
 * Where an expert node takes its dispatches.
 *
 * @param nodeId      the node's number in the cluster
 * @param incarnation drawn anew at every start of the node, so that a node that came back is not taken for the one that left
 * @param channel     Aeron channel, {@code aeron:ipc} or {@code aeron:udp?endpoint=host:port}
 * @param streamId    Aeron stream
 */
public record NodeEndpoint(int nodeId, long incarnation, String channel, int streamId) {}
