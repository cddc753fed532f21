package io.cheshire.transport.runtime;

import io.cheshire.transport.core.LinkGuard;
import io.cheshire.transport.core.RouterCredit;
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

/** One router's connection over Aeron; {@link AeronRouterLinks} drives it on the node's thread. */
final class AeronRouterLink implements RouterLink {
    private final int nodeId;
    private final ModelIdentity model;
    private final FrameWriter writer;
    private final TransportCounters counters;
    private final int maxPendingNacks;
    private final RouterCredit credit;
    private final ArrayDeque<PendingNack> pendingNacks = new ArrayDeque<>();

    final Hello hello;
    final long linkId;
    final int imageSessionId;
    /** Of what the router sends. */
    final LinkGuard guard;

    private final @Nullable LinkKeys keys;

    @Nullable
    FrameSender sender;

    long registrationId;
    boolean ended;
    /** Whether the owner knows of this link: from the first frame that the router sends on it. */
    boolean announced;

    boolean nackOverrun;
    long lastHeardNs;
    long openedNs;
    long nextHeartbeatNs;

    /** Highest heartbeat of the router that was heard. */
    long heardBeat;

    private long advertisedLimit;

    AeronRouterLink(
            final int nodeId,
            final long linkId,
            final Hello hello,
            final int imageSessionId,
            final ModelIdentity model,
            final TransportConfig config,
            final FrameWriter writer,
            final TransportCounters counters) {
        this.nodeId = nodeId;
        this.linkId = linkId;
        this.hello = hello;
        this.imageSessionId = imageSessionId;
        this.model = model;
        this.writer = writer;
        this.counters = counters;
        final ClusterSecret secret = config.secret();
        this.keys = config.frameMac() && secret != null ? secret.keys(hello, linkId) : null;
        this.guard = new LinkGuard(keys == null ? null : keys.toNode());
        this.maxPendingNacks = config.windowRows();
        this.credit = new RouterCredit(config.windowRows());
    }

    /** What the router says on its lifeline; without a secret the link's id, which was drawn and told to it alone. */
    long lifelineProof() {
        return keys == null ? linkId : keys.lifelineProof();
    }

    /** The way back is there. */
    void open(final FrameSender newSender) {
        if (keys != null) {
            newSender.authenticate(keys.toRouter());
        }
        sender = newSender;
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
        return !ended;
    }

    @Override
    public RouterCredit credit() {
        return credit;
    }

    @Override
    public int resultRowsPerFrame() {
        return sender == null ? 0 : (sender.frameLimitBytes() - FrameLayout.ROWS_OFFSET) / model.resultRowBytes();
    }

    @Override
    public SendOutcome sendResult(final ResultHeader header, final DirectBuffer results, final int offset) {
        final FrameSender currentSender = sender;
        if (ended || currentSender == null) {
            return SendOutcome.CLOSED;
        }
        final int rowsBytes = header.rowCount * model.resultRowBytes();
        final SendOutcome room = currentSender.begin(FrameLayout.ROWS_OFFSET + rowsBytes);
        if (room != SendOutcome.SENT) {
            counters.increment(TransportCounter.BACK_PRESSURE);
            return room;
        }
        final long limit = credit.limitAfterRelease(header.rowCount);
        writer.result(currentSender.buffer(), currentSender.offset(), nodeId, linkId, header, limit);
        currentSender.buffer().putBytes(currentSender.offset() + FrameLayout.ROWS_OFFSET, results, offset, rowsBytes);
        final SendOutcome outcome = currentSender.commit();
        if (outcome == SendOutcome.SENT) {
            credit.release(header.rowCount);
            advertisedLimit = limit;
            counters.increment(TransportCounter.ROW_FRAMES_SENT);
        }
        return outcome;
    }

    @Override
    public void sendNack(final long shardId, final int attempt, final NackReason reason) {
        if (ended || (pendingNacks.isEmpty() && trySendNack(shardId, attempt, reason))) {
            return;
        }
        if (pendingNacks.size() >= maxPendingNacks) {
            nackOverrun = true;
            return;
        }
        pendingNacks.add(new PendingNack(shardId, attempt, reason));
    }

    /** Sends what waits; answers how many. */
    int flushNacks() {
        int count = 0;
        while (!pendingNacks.isEmpty()) {
            final PendingNack nack = pendingNacks.peek();
            if (!trySendNack(nack.shardId, nack.attempt, nack.reason)) {
                return count;
            }
            pendingNacks.remove();
            count++;
        }
        return count;
    }

    boolean hasPendingNacks() {
        return !pendingNacks.isEmpty();
    }

    private boolean trySendNack(final long shardId, final int attempt, final NackReason reason) {
        final FrameSender currentSender = sender;
        if (currentSender == null || currentSender.begin(FrameWriter.NACK_BYTES) != SendOutcome.SENT) {
            return false;
        }
        final long limit = credit.limit();
        writer.nack(currentSender.buffer(), currentSender.offset(), nodeId, linkId, shardId, attempt, reason, limit);
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
        writer.credit(currentSender.buffer(), currentSender.offset(), nodeId, linkId, limit);
        if (currentSender.commit() == SendOutcome.SENT) {
            advertisedLimit = limit;
        }
        return 1;
    }

    void sendHeartbeat() {
        final FrameSender currentSender = sender;
        if (currentSender != null && currentSender.begin(FrameWriter.HEARTBEAT_BYTES) == SendOutcome.SENT) {
            writer.heartbeat(
                    currentSender.buffer(),
                    currentSender.offset(),
                    nodeId,
                    linkId,
                    Side.NODE,
                    credit.limit(),
                    0,
                    heardBeat);
            currentSender.commit();
        }
    }

    void sendGoodbye() {
        final FrameSender currentSender = sender;
        if (!ended && currentSender != null && currentSender.begin(FrameWriter.GOODBYE_BYTES) == SendOutcome.SENT) {
            writer.goodbye(currentSender.buffer(), currentSender.offset(), nodeId, linkId, Side.NODE);
            currentSender.commit();
        }
    }

    private record PendingNack(long shardId, int attempt, NackReason reason) {}
}
