package io.cheshire.transport.core.link;

import io.cheshire.transport.core.LinkGuard;
import io.cheshire.transport.core.ObservedClock;
import io.cheshire.transport.core.RouterCredit;
import io.cheshire.transport.core.RouterLink;
import io.cheshire.transport.core.TransportCounter;
import io.cheshire.transport.core.TransportCounters;
import io.cheshire.transport.protocol.ClusterSecret;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameWriter;
import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.protocol.LinkKeys;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.ResultHeader;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.sbe.Side;
import java.util.ArrayDeque;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A node's connection to one router: the state, whose table is {@link NodeEndState}'s, and what is sent on it.
 * {@link NodeEnd} drives it on the node's thread.
 */
final class NodeEndLink implements RouterLink {
    /** What all links of one end share. */
    record Shared(
            int nodeId,
            ModelIdentity model,
            LinkRules rules,
            ObservedClock clock,
            TransportCounters counters,
            NodeEndLog log,
            FrameWriter writer) {}

    private final Shared shared;
    private final RouterCredit credit;
    private final ArrayDeque<PendingNack> pendingNacks = new ArrayDeque<>();
    private final Hello hello;
    private final long linkId;
    private final int imageSessionId;
    /** Of what the router sends. */
    private final LinkGuard guard;

    private final @Nullable LinkKeys keys;
    private final Outbox outbox;
    private final long openedNs;

    private NodeEndState state = NodeEndState.OPENING;
    private @Nullable FrameSender sender;
    private boolean nackOverrun;
    private long lastHeardNs;
    private long nextHeartbeatNs;
    /** Highest heartbeat of the router that was heard. */
    private long heardBeat;

    private long advertisedLimit;

    private record PendingNack(long shardId, int attempt, NackReason reason) {}

    /** @param outbox the way back, which is being opened */
    NodeEndLink(
            final Shared shared,
            final Hello hello,
            final long linkId,
            final int imageSessionId,
            final Outbox outbox,
            final RouterCredit credit) {
        this.shared = shared;
        this.hello = hello;
        this.linkId = linkId;
        this.imageSessionId = imageSessionId;
        this.outbox = outbox;
        this.credit = credit;
        final ClusterSecret secret = shared.rules.secret();
        this.keys = shared.rules.frameMac() && secret != null ? secret.keys(hello, linkId) : null;
        this.guard = new LinkGuard(keys == null ? null : keys.toNode());
        this.openedNs = nowNs();
        this.lastHeardNs = nowNs();
    }

    Hello hello() {
        return hello;
    }

    NodeEndState state() {
        return state;
    }

    LinkGuard guard() {
        return guard;
    }

    Outbox outbox() {
        return outbox;
    }

    int imageSessionId() {
        return imageSessionId;
    }

    /** Null while the way back isn't there. */
    @Nullable
    FrameSender sender() {
        return sender;
    }

    /** What the router says on its lifeline; without a secret the link's id, which was drawn and told to it alone. */
    long lifelineProof() {
        return keys == null ? linkId : keys.lifelineProof();
    }

    /** The one door from state to state. */
    private void transition(final NodeEndState next, final String reason) {
        final NodeEndState before = state;
        if (!before.mayBecome(next)) {
            throw new IllegalStateException(
                    "a link to router " + routerId() + " went from " + before + " to " + next + ": " + reason);
        }
        state = next;
        shared.log.moved(routerId(), before, next, reason);
    }

    /** The way back is there. */
    void opened(final FrameSender newSender) {
        if (keys != null) {
            newSender.authenticate(keys.toRouter());
        }
        sender = newSender;
    }

    /** Our answer is on its way. */
    void answered() {
        nextHeartbeatNs = nowNs() + shared.rules.heartbeatIntervalNs();
        transition(NodeEndState.ANSWERED, "its Hello was accepted");
    }

    /** A frame of the router came; true if it is the first. */
    boolean heard() {
        lastHeardNs = nowNs();
        if (state != NodeEndState.ANSWERED) {
            return false;
        }
        transition(NodeEndState.SERVING, "it uses the link");
        return true;
    }

    void heardBeat(final long beat) {
        heardBeat = Math.max(heardBeat, beat);
    }

    /** Over, with a Goodbye where there is a way back. */
    void end(final String reason) {
        sendGoodbye();
        transition(NodeEndState.ENDED, reason);
        outbox.close();
    }

    /** How long it is there. */
    long ageNs() {
        return nowNs() - openedNs;
    }

    boolean hasBeenSilent() {
        return nowNs() - lastHeardNs > shared.rules.peerTimeoutNs();
    }

    boolean isConnected() {
        return sender != null && sender.isConnected();
    }

    boolean isNackOverrun() {
        return nackOverrun;
    }

    /** Whether a heartbeat is due; who asks sends it. */
    boolean takeBeat() {
        if (nowNs() - nextHeartbeatNs < 0) {
            return false;
        }
        nextHeartbeatNs = nowNs() + shared.rules.heartbeatIntervalNs();
        return true;
    }

    @Override
    public int routerId() {
        return hello.routerId();
    }

    @Override
    public long linkId() {
        return linkId;
    }

    @Override
    public boolean isUp() {
        return state != NodeEndState.ENDED;
    }

    @Override
    public RouterCredit credit() {
        return credit;
    }

    @Override
    public int resultRowsPerFrame() {
        return sender == null
                ? 0
                : (sender.frameLimitBytes() - FrameLayout.ROWS_OFFSET) / shared.model.resultRowBytes();
    }

    @Override
    public SendOutcome sendResult(final ResultHeader header, final DirectBuffer results, final int offset) {
        final FrameSender currentSender = sender;
        if (state == NodeEndState.ENDED || currentSender == null) {
            return SendOutcome.CLOSED;
        }
        final int rowsBytes = header.rowCount * shared.model.resultRowBytes();
        final SendOutcome room = currentSender.begin(FrameLayout.ROWS_OFFSET + rowsBytes);
        if (room != SendOutcome.SENT) {
            shared.counters.increment(TransportCounter.BACK_PRESSURE);
            return room;
        }
        final long limit = credit.limitAfterRelease(header.rowCount);
        shared.writer.result(currentSender.buffer(), currentSender.offset(), shared.nodeId, linkId, header, limit);
        currentSender.buffer().putBytes(currentSender.offset() + FrameLayout.ROWS_OFFSET, results, offset, rowsBytes);
        final SendOutcome outcome = currentSender.commit();
        if (outcome == SendOutcome.SENT) {
            credit.release(header.rowCount);
            advertisedLimit = limit;
            shared.counters.increment(TransportCounter.ROW_FRAMES_SENT);
        }
        return outcome;
    }

    @Override
    public void sendNack(final long shardId, final int attempt, final NackReason reason) {
        if (state == NodeEndState.ENDED || (pendingNacks.isEmpty() && trySendNack(shardId, attempt, reason))) {
            return;
        }
        shared.log.nackWaits(routerId(), reason);
        if (pendingNacks.size() >= shared.rules.windowRows()) {
            nackOverrun = true;
            return;
        }
        pendingNacks.add(new PendingNack(shardId, attempt, reason));
    }

    /** Sends what waits; answers how many. */
    int flushNacks() {
        int count = 0;
        while (!pendingNacks.isEmpty()) {
            final PendingNack nack = pendingNacks.element();
            if (!trySendNack(nack.shardId, nack.attempt, nack.reason)) {
                return count;
            }
            pendingNacks.remove();
            count++;
        }
        return count;
    }

    private boolean trySendNack(final long shardId, final int attempt, final NackReason reason) {
        final FrameSender currentSender = sender;
        if (currentSender == null || currentSender.begin(FrameWriter.NACK_BYTES) != SendOutcome.SENT) {
            return false;
        }
        final long limit = credit.limit();
        shared.writer.nack(
                currentSender.buffer(), currentSender.offset(), shared.nodeId, linkId, shardId, attempt, reason, limit);
        final boolean sent = currentSender.commit() == SendOutcome.SENT;
        if (sent) {
            advertisedLimit = limit;
        }
        return sent;
    }

    /** Names the limit to the router when it has grown since it was last named. */
    int sendCreditIfGrown() {
        final FrameSender currentSender = sender;
        final long limit = credit.limit();
        if (limit == advertisedLimit
                || currentSender == null
                || currentSender.begin(FrameWriter.CREDIT_BYTES) != SendOutcome.SENT) {
            return 0;
        }
        shared.writer.credit(currentSender.buffer(), currentSender.offset(), shared.nodeId, linkId, limit);
        if (currentSender.commit() == SendOutcome.SENT) {
            advertisedLimit = limit;
        }
        return 1;
    }

    void sendHeartbeat() {
        final FrameSender currentSender = sender;
        if (currentSender != null && currentSender.begin(FrameWriter.HEARTBEAT_BYTES) == SendOutcome.SENT) {
            shared.writer.heartbeat(
                    currentSender.buffer(),
                    currentSender.offset(),
                    shared.nodeId,
                    linkId,
                    Side.NODE,
                    credit.limit(),
                    0,
                    heardBeat);
            currentSender.commit();
        }
    }

    private void sendGoodbye() {
        final FrameSender currentSender = sender;
        if (currentSender != null && currentSender.begin(FrameWriter.GOODBYE_BYTES) == SendOutcome.SENT) {
            shared.writer.goodbye(currentSender.buffer(), currentSender.offset(), shared.nodeId, linkId, Side.NODE);
            currentSender.commit();
        }
    }

    private long nowNs() {
        return shared.clock.nowNs();
    }
}
