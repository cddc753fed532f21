package io.cheshire.chaos.sim.router;

import io.cheshire.chaos.sim.net.FrameOut;
import io.cheshire.transport.core.LinkPulse;
import io.cheshire.transport.core.NodeCredit;
import io.cheshire.transport.protocol.NodeEndpoint;
import org.jspecify.annotations.Nullable;

/** A router's connection to one node; states as in the transport's own. */
final class RouterSideLink {
    enum State {
        GREETING,
        UP,
        WAITING,
        ENDED
    }

    final NodeEndpoint endpoint;
    final NodeCredit credit = new NodeCredit();
    final LinkPulse pulse;
    State state = State.WAITING;

    @Nullable
    FrameOut out;

    long linkId;
    int windowRows;
    long sequence;
    int imageSessionId;
    boolean reportedLost;
    long stateSinceNs;
    long lastHeardNs;
    long nextHelloNs;
    long nextHeartbeatNs;

    RouterSideLink(final NodeEndpoint endpoint, final long suspectAfterNs) {
        this.endpoint = endpoint;
        this.pulse = new LinkPulse(suspectAfterNs);
    }

    void enter(final State next, final long observedNs) {
        state = next;
        stateSinceNs = observedNs;
    }

    void close() {
        if (out != null) {
            out.close();
            out = null;
        }
        linkId = 0;
        imageSessionId = 0;
    }
}
