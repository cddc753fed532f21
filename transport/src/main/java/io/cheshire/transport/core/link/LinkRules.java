package io.cheshire.transport.core.link;

import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.ClusterSecret;
import io.cheshire.transport.protocol.LinkOptions;
import org.jspecify.annotations.Nullable;

/**
 * How both ends of a link behave: values of {@code cheshire.transport}, whose defaults and reasons stand in this
 * module's
 * {@code reference.conf}.
 *
 * @param secret              signs handshakes, or null
 * @param frameMac            frames carry MACs
 * @param ipcChecksum         frames over shared memory carry checksums
 * @param udpChecksum         frames over the network do
 * @param windowRows          the most rows of one router that a node holds
 * @param maxRouters          the most routers of one node
 * @param heartbeatIntervalNs between heartbeats, either way
 * @param suspectAfterNs      without an echo
 * @param lifelines           a router holds one to each node that has one
 * @param peerTimeoutNs       without any frame: the peer is gone
 * @param helloIntervalNs     between Hellos
 * @param connectTimeoutNs    for an answer to a Hello, and for the way back to a router
 * @param reconnectIntervalNs before a lost link is tried again
 * @param pollLimit           fragments taken in one duty cycle
 */
public record LinkRules(
        @Nullable ClusterSecret secret,
        boolean frameMac,
        boolean ipcChecksum,
        boolean udpChecksum,
        int windowRows,
        int maxRouters,
        long heartbeatIntervalNs,
        long suspectAfterNs,
        boolean lifelines,
        long peerTimeoutNs,
        long helloIntervalNs,
        long connectTimeoutNs,
        long reconnectIntervalNs,
        int pollLimit) {
    public LinkRules {
        if (frameMac && secret == null) {
            throw new IllegalArgumentException(
                    "cheshire.transport.frame-mac is on and cheshire.transport.secret is empty;"
                            + " set the secret (CHESHIRE_SECRET) from which the keys are made, or leave frame-mac at auto");
        }
        if (windowRows < 1 || windowRows > 1 << 20 || maxRouters < 1 || maxRouters > 1024 || pollLimit < 1) {
            throw new IllegalArgumentException(
                    "cheshire.transport: window-rows must be in 1..1048576, max-routers in 1..1024, poll-limit positive: "
                            + windowRows + ", " + maxRouters + ", " + pollLimit);
        }
        if (heartbeatIntervalNs < 1 || peerTimeoutNs < 4 * heartbeatIntervalNs) {
            throw new IllegalArgumentException(
                    "cheshire.transport.peer-timeout must be at least four heartbeat-intervals: " + peerTimeoutNs
                            + " ns, " + heartbeatIntervalNs + " ns");
        }
        if (suspectAfterNs < 4 * heartbeatIntervalNs) {
            throw new IllegalArgumentException(
                    "cheshire.transport.suspect-after must be at least four heartbeat-intervals: " + suspectAfterNs
                            + " ns, " + heartbeatIntervalNs + " ns");
        }
    }

    /**
     * How frames of a link are guarded, by this end's configuration.
     *
     * @param toNode   channel of the node
     * @param toRouter channel of the router
     */
    public LinkOptions linkOptions(final String toNode, final String toRouter) {
        return new LinkOptions(frameMac, checksumOn(toNode), checksumOn(toRouter));
    }

    /** Whether frames on this channel carry a checksum. */
    public boolean checksumOn(final String channel) {
        return Channels.isIpc(channel) ? ipcChecksum : udpChecksum;
    }
}
