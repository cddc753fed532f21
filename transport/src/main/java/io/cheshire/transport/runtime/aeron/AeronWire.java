package io.cheshire.transport.runtime.aeron;

import io.aeron.Aeron;
import io.aeron.ChannelUri;
import io.aeron.exceptions.AeronException;
import io.aeron.exceptions.RegistrationException;
import io.cheshire.transport.core.link.Inbox;
import io.cheshire.transport.core.link.Lifeline;
import io.cheshire.transport.core.link.Outbox;
import io.cheshire.transport.core.link.Wire;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.runtime.lifeline.LifelineConnection;
import java.io.IOException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Links' network over Aeron: a subscription for what is listened on, an exclusive publication for each receiver. */
public final class AeronWire implements Wire {
    private static final Logger LOG = LoggerFactory.getLogger(AeronWire.class);

    private final Aeron aeron;
    private final TransportConfig config;

    /** @param aeron the process's client; must outlive this */
    public AeronWire(final Aeron aeron, final TransportConfig config) {
        this.aeron = aeron;
        this.config = config;
    }

    @Override
    public Inbox listen(final String channel, final int streamId, final IntConsumer imageGone) {
        try {
            return AeronInbox.open(aeron, Channels.requireAllowed(channel), streamId, imageGone);
        } catch (final RegistrationException refused) {
            throw new IllegalArgumentException(
                    "the data plane cannot listen on " + channel + ": " + refused.getMessage()
                            + "; stop what listens there, or give another port or an address of this host"
                            + " (cheshire.role.channel, --channel)",
                    refused);
        }
    }

    @Override
    public Outbox open(final String channel, final int streamId, final int rowFrameBytes) {
        try {
            return new AeronOutbox(
                    aeron,
                    aeron.asyncAddExclusivePublication(forPublication(channel), streamId),
                    rowFrameBytes,
                    config.maxFrameBytes());
        } catch (final AeronException closed) {
            return AeronOutbox.refused(aeron, String.valueOf(closed.getMessage()));
        }
    }

    /** The channel with our settings for sending. */
    private String forPublication(final String channel) {
        final ChannelUri uri = ChannelUri.parse(Channels.requireAllowed(channel));
        uri.put("term-length", Integer.toString(config.termBufferBytes()));
        uri.put("mtu", Integer.toString(Channels.isIpc(channel) ? config.ipcMtuBytes() : config.udpMtuBytes()));
        uri.put("sparse", "true");
        return uri.toString();
    }

    @Override
    public @Nullable Lifeline hold(final NodeEndpoint node, final long proof, final long observedNs) {
        try {
            return LifelineConnection.to(node, proof, config.links().connectTimeoutNs(), observedNs);
        } catch (final IOException cause) {
            LOG.warn("no lifeline to expert node {}, which goes by heartbeats: {}", node.nodeId(), cause.toString());
            return null;
        }
    }
}
