package io.cheshire.chaos.sim.router;

import io.cheshire.chaos.sim.net.FrameOut;
import io.cheshire.chaos.sim.net.Lifelines;
import io.cheshire.transport.core.LinkGuard;
import io.cheshire.transport.core.LinkPulse;
import io.cheshire.transport.core.NodeCredit;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameWriter;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.sbe.Side;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A router's connection to one node: its state, as in the transport's own, and what is sent on it; {@link RouterTransport} drives it. */
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
    LinkGuard guard = new LinkGuard(null);
    State state = State.WAITING;

    @Nullable
    FrameOut out;

    long linkId;
    int windowRows;
    long sequence;
    int imageSessionId;
    boolean reportedLost;
    /** Whether its node's end was held and is now cut. */
    boolean lifelineCut;

    private boolean lifelineHeld;
    long stateSinceNs;
    long lastHeardNs;
    long nextHelloNs;
    long nextHeartbeatNs;

    private final int routerId;
    private final ModelIdentity model;
    private final FrameWriter writer;

    RouterSideLink(
            final NodeEndpoint endpoint,
            final int routerId,
            final ModelIdentity model,
            final TransportConfig config,
            final FrameWriter writer) {
        this.endpoint = endpoint;
        this.pulse = new LinkPulse(config.suspectAfterNs());
        this.routerId = routerId;
        this.model = model;
        this.writer = writer;
    }

    void enter(final State next, final long observedNs) {
        state = next;
        stateSinceNs = observedNs;
    }

    void holdLifeline(final Lifelines lifelines) {
        if (!lifelineHeld) {
            lifelineHeld = true;
            lifelines.hold(endpoint.incarnation(), () -> {
                lifelineHeld = false;
                lifelineCut = true;
            });
        }
    }

    SendOutcome dispatch(final Shard shard, final MemorySegment laneRows, final boolean ignoreCredit) {
        final FrameOut currentOut = out;
        if (state != State.UP || currentOut == null) {
            return SendOutcome.NOT_CONNECTED;
        }
        if (shard.rowsSent == 0 && !ignoreCredit) {
            if (shard.rowCount > windowRows) {
                return SendOutcome.TOO_LARGE;
            }
            if (shard.rowCount > credit.available()) {
                return SendOutcome.NO_CREDIT;
            }
        }
        final int rowsPerFrame = (currentOut.frameLimitBytes() - FrameLayout.ROWS_OFFSET) / model.rowBytes();
        while (shard.rowsSent < shard.rowCount) {
            final int rowCount = Math.min(rowsPerFrame, shard.rowCount - shard.rowsSent);
            final SendOutcome outcome = sendRows(currentOut, shard, rowCount, laneRows, ignoreCredit);
            if (outcome != SendOutcome.SENT) {
                return outcome;
            }
        }
        return SendOutcome.SENT;
    }

    private SendOutcome sendRows(
            final FrameOut currentOut,
            final Shard shard,
            final int rowCount,
            final MemorySegment laneRows,
            final boolean ignoreCredit) {
        final int rowBytes = model.rowBytes();
        final SendOutcome room = currentOut.begin(FrameLayout.ROWS_OFFSET + rowCount * rowBytes);
        if (room != SendOutcome.SENT) {
            return room;
        }
        final boolean first = shard.rowsSent == 0;
        final long dispatchedRows = credit.dispatchedRows() + (first ? shard.rowCount : 0);
        writer.dispatch(currentOut.buffer(), 0, linkId, routerId, shard, rowCount, dispatchedRows, model.rowDtype());
        final MemorySegment frame = MemorySegment.ofArray(currentOut.buffer().byteArray());
        for (int i = 0; i < rowCount; i++) {
            final long row = shard.rows[shard.rowsSent + i];
            MemorySegment.copy(
                    laneRows, row * rowBytes, frame, FrameLayout.ROWS_OFFSET + (long) i * rowBytes, rowBytes);
        }
        currentOut.commit();
        if (first && !ignoreCredit) {
            credit.take(shard.rowCount);
        }
        shard.rowsSent += rowCount;
        return SendOutcome.SENT;
    }

    void sendHeartbeat() {
        final FrameOut currentOut = out;
        if (currentOut != null && currentOut.begin(FrameWriter.HEARTBEAT_BYTES) == SendOutcome.SENT) {
            writer.heartbeat(
                    currentOut.buffer(),
                    0,
                    endpoint.nodeId(),
                    linkId,
                    Side.ROUTER,
                    0,
                    credit.dispatchedRows(),
                    pulse.nextBeat());
            currentOut.commit();
            pulse.sent();
        }
    }

    void sendGoodbye() {
        final FrameOut currentOut = out;
        if (state == State.UP
                && currentOut != null
                && currentOut.begin(FrameWriter.GOODBYE_BYTES) == SendOutcome.SENT) {
            writer.goodbye(currentOut.buffer(), 0, endpoint.nodeId(), linkId, Side.ROUTER);
            currentOut.commit();
        }
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
