package io.cheshire.chaos.sim.node;

import io.cheshire.chaos.sim.net.FrameOut;
import io.cheshire.transport.core.LinkGuard;
import io.cheshire.transport.core.RouterCredit;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameWriter;
import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.protocol.LinkKeys;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.ResultHeader;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.runtime.RouterLink;
import io.cheshire.transport.sbe.Side;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** A node's connection to one router; {@link NodeTransport} drives it. */
final class NodeSideLink implements RouterLink {
    final Hello hello;
    final long linkId;
    final int imageSessionId;
    final FrameOut out;
    final LinkGuard guard;
    private final int nodeId;
    private final ModelIdentity model;
    private final FrameWriter writer;
    private final RouterCredit credit;
    private final int maxPendingNacks;
    private final BooleanSupplier keepsCredit;
    private final ArrayDeque<PendingNack> pendingNacks = new ArrayDeque<>();
    boolean answered;
    boolean ended;
    boolean announced;
    boolean nackOverrun;
    long lastHeardNs;
    long openedNs;
    long nextHeartbeatNs;
    long heardBeat;
    private long advertisedLimit;

    private record PendingNack(long shardId, int attempt, NackReason reason) {}

    NodeSideLink(
            final int nodeId,
            final long linkId,
            final Hello hello,
            final int imageSessionId,
            final FrameOut out,
            final ModelIdentity model,
            final int windowRows,
            final FrameWriter writer,
            final @Nullable LinkKeys keys,
            final BooleanSupplier keepsCredit) {
        this.nodeId = nodeId;
        this.linkId = linkId;
        this.hello = hello;
        this.imageSessionId = imageSessionId;
        this.out = out;
        this.model = model;
        this.writer = writer;
        this.guard = new LinkGuard(keys == null ? null : keys.toNode());
        if (keys != null) {
            out.authenticate(keys.toRouter());
        }
        this.maxPendingNacks = windowRows;
        this.credit = new RouterCredit(windowRows);
        this.keepsCredit = keepsCredit;
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
        return (out.frameLimitBytes() - FrameLayout.ROWS_OFFSET) / model.resultRowBytes();
    }

    @Override
    public SendOutcome sendResult(final ResultHeader header, final DirectBuffer results, final int offset) {
        if (ended) {
            return SendOutcome.CLOSED;
        }
        final int rowsBytes = header.rowCount * model.resultRowBytes();
        final SendOutcome room = out.begin(FrameLayout.ROWS_OFFSET + rowsBytes);
        if (room != SendOutcome.SENT) {
            return room;
        }
        final boolean keeps = keepsCredit.getAsBoolean();
        final long limit = keeps ? credit.limit() : credit.limitAfterRelease(header.rowCount);
        writer.result(out.buffer(), 0, nodeId, linkId, header, limit);
        out.buffer().putBytes(FrameLayout.ROWS_OFFSET, results, offset, rowsBytes);
        out.commit();
        if (!keeps) {
            credit.release(header.rowCount);
        }
        advertisedLimit = limit;
        return SendOutcome.SENT;
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

    void flushNacks() {
        while (!pendingNacks.isEmpty()) {
            final PendingNack nack = pendingNacks.element();
            if (!trySendNack(nack.shardId, nack.attempt, nack.reason)) {
                return;
            }
            pendingNacks.remove();
        }
    }

    private boolean trySendNack(final long shardId, final int attempt, final NackReason reason) {
        if (out.begin(FrameWriter.NACK_BYTES) != SendOutcome.SENT) {
            return false;
        }
        advertisedLimit = credit.limit();
        writer.nack(out.buffer(), 0, nodeId, linkId, shardId, attempt, reason, credit.limit());
        out.commit();
        return true;
    }

    void sendCreditIfGrown() {
        if (credit.limit() != advertisedLimit && out.begin(FrameWriter.CREDIT_BYTES) == SendOutcome.SENT) {
            advertisedLimit = credit.limit();
            writer.credit(out.buffer(), 0, nodeId, linkId, credit.limit());
            out.commit();
        }
    }

    void sendHeartbeat() {
        if (out.begin(FrameWriter.HEARTBEAT_BYTES) == SendOutcome.SENT) {
            writer.heartbeat(out.buffer(), 0, nodeId, linkId, Side.NODE, credit.limit(), 0, heardBeat);
            out.commit();
        }
    }

    void sendGoodbye() {
        if (!ended && out.begin(FrameWriter.GOODBYE_BYTES) == SendOutcome.SENT) {
            writer.goodbye(out.buffer(), 0, nodeId, linkId, Side.NODE);
            out.commit();
        }
    }
}
