package io.cheshire.transport.runtime;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.exceptions.AeronException;
import io.cheshire.transport.core.LinkPulse;
import io.cheshire.transport.core.NodeCredit;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import org.jspecify.annotations.Nullable;

/**
 * A router's connection to one node. State and memory; {@link AeronExpertTransport} drives it on the engine thread.
 *
 * <pre>
 *   OPENING --publication there--> GREETING --accepted--> UP --lost, Goodbye--> WAITING --reconnect interval--> OPENING
 *      |                              |
 *      +-- error --> WAITING          +--refused--> ENDED --connect again--> OPENING
 * </pre>
 */
final class NodeLink {
    enum State {
        /** Waits for the media driver to make the publication. */
        OPENING,
        /** Sends Hello until it is answered. */
        GREETING,
        /** Takes shards. */
        UP,
        /** Lost or said goodbye; will be tried again. */
        WAITING,
        /** Refused: tried again only when asked to. */
        ENDED
    }

    final NodeEndpoint endpoint;
    final NodeCredit credit = new NodeCredit();
    final LinkPulse pulse;
    State state = State.WAITING;

    @Nullable
    FrameSender sender;

    long linkId;
    int windowRows;
    long sequence;
    /** Session of the image that the node answered on; 0 while unknown. */
    int imageSessionId;
    /** Whether the listener knows that the node is away. */
    boolean reportedLost;

    long stateSinceNs;
    long lastHeardNs;
    long nextHelloNs;
    long nextHeartbeatNs;

    private long registrationId;

    NodeLink(final NodeEndpoint endpoint, final long suspectAfterNs) {
        this.endpoint = endpoint;
        this.pulse = new LinkPulse(suspectAfterNs);
    }

    void enter(final State newState, final long observedNs) {
        state = newState;
        stateSinceNs = observedNs;
    }

    /** Asks the media driver for a publication. */
    void open(final Aeron aeron, final TransportConfig config, final long observedNs) {
        registrationId = aeron.asyncAddExclusivePublication(
                Channels.forPublication(endpoint.channel(), config), endpoint.streamId());
        enter(State.OPENING, observedNs);
    }

    /**
     * Looks whether the publication is there.
     *
     * @throws AeronException when the media driver refuses it
     */
    boolean pollOpening(
            final Aeron aeron,
            final TransportConfig config,
            final ModelIdentity model,
            final FrameSender.@Nullable Tap tap) {
        final ExclusivePublication publication = aeron.getExclusivePublication(registrationId);
        if (publication == null) {
            return false;
        }
        sender = new FrameSender(
                publication,
                new FrameSeal(config.checksumOn(endpoint.channel())),
                FrameLayout.ROWS_OFFSET + model.rowBytes(),
                config.maxFrameBytes(),
                tap);
        return true;
    }

    void close(final Aeron aeron) {
        if (sender != null) {
            sender.close();
            sender = null;
        } else if (state == State.OPENING) {
            aeron.asyncRemovePublication(registrationId);
        }
        linkId = 0;
        imageSessionId = 0;
    }
}
