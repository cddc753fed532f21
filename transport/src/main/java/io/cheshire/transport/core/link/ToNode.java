package io.cheshire.transport.core.link;

import io.cheshire.transport.core.LinkPulse;
import io.cheshire.transport.core.NodeCredit;
import io.cheshire.transport.core.TransportCounter;
import io.cheshire.transport.core.TransportCounters;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameMac;
import io.cheshire.transport.protocol.FrameWriter;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import io.cheshire.transport.sbe.Side;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** What a router sends on one open channel to a node: Hellos, then the frames of one link. Engine thread only. */
final class ToNode {
    private final int routerId;
    private final int nodeId;
    private final ModelIdentity model;
    private final FrameSender sender;
    private final FrameWriter writer;
    private final NodeCredit credit;
    private final TransportCounters counters;
    private final int rowsPerFrame;
    private final UnsafeBuffer rowView = new UnsafeBuffer(0, 0);
    private long linkId;

    ToNode(
            final int routerId,
            final int nodeId,
            final ModelIdentity model,
            final FrameSender sender,
            final FrameWriter writer,
            final NodeCredit credit,
            final TransportCounters counters) {
        this.routerId = routerId;
        this.nodeId = nodeId;
        this.model = model;
        this.sender = sender;
        this.writer = writer;
        this.credit = credit;
        this.counters = counters;
        this.rowsPerFrame = (sender.frameLimitBytes() - FrameLayout.ROWS_OFFSET) / model.rowBytes();
    }

    /** 0 where the channel can't carry a row. */
    int rowsPerFrame() {
        return rowsPerFrame;
    }

    int frameLimitBytes() {
        return sender.frameLimitBytes();
    }

    boolean isConnected() {
        return sender.isConnected();
    }

    void sendHello(final DirectBuffer hello, final int length) {
        sender.sendSealed(hello, length);
    }

    /**
     * From now on frames are those of a link.
     *
     * @param mac signs them; null where they carry none
     */
    void begin(final long newLinkId, final @Nullable FrameMac mac) {
        linkId = newLinkId;
        if (mac != null) {
            sender.authenticate(mac);
        }
    }

    /** Goes on where the last call with this shard stopped; see {@code ExpertTransport.dispatch}. */
    SendOutcome dispatch(final Shard shard, final MemorySegment laneRows) {
        if (shard.rowsSent == 0) {
            final SendOutcome allowed = credit.allows(shard.rowCount);
            if (allowed != SendOutcome.SENT) {
                return allowed;
            }
        }
        while (shard.rowsSent < shard.rowCount) {
            final int rowCount = Math.min(rowsPerFrame, shard.rowCount - shard.rowsSent);
            final SendOutcome outcome = sendRows(shard, rowCount, laneRows);
            if (outcome != SendOutcome.SENT) {
                counters.increment(TransportCounter.BACK_PRESSURE);
                return outcome;
            }
        }
        return SendOutcome.SENT;
    }

    private SendOutcome sendRows(final Shard shard, final int rowCount, final MemorySegment laneRows) {
        final int rowBytes = model.rowBytes();
        final SendOutcome room = sender.begin(FrameLayout.ROWS_OFFSET + rowCount * rowBytes);
        if (room != SendOutcome.SENT) {
            return room;
        }
        final boolean first = shard.rowsSent == 0;
        final long dispatchedRows = credit.dispatchedRows() + (first ? shard.rowCount : 0);
        writer.dispatch(
                sender.buffer(), sender.offset(), linkId, routerId, shard, rowCount, dispatchedRows, model.rowDtype());
        int at = sender.offset() + FrameLayout.ROWS_OFFSET;
        for (int i = 0; i < rowCount; i++) {
            // By row, since all rows of a lane may be more than an int counts.
            final long rowAt = (long) shard.rows[shard.rowsSent + i] * rowBytes;
            Objects.checkFromIndexSize(rowAt, rowBytes, laneRows.byteSize());
            rowView.wrap(laneRows.address() + rowAt, rowBytes);
            sender.buffer().putBytes(at, rowView, 0, rowBytes);
            at += rowBytes;
        }
        final SendOutcome outcome = sender.commit();
        if (outcome == SendOutcome.SENT) {
            if (first) {
                credit.take(shard.rowCount);
            }
            shard.rowsSent += rowCount;
            counters.increment(TransportCounter.ROW_FRAMES_SENT);
        }
        return outcome;
    }

    void sendHeartbeat(final LinkPulse pulse) {
        if (sender.begin(FrameWriter.HEARTBEAT_BYTES) == SendOutcome.SENT) {
            writer.heartbeat(
                    sender.buffer(),
                    sender.offset(),
                    nodeId,
                    linkId,
                    Side.ROUTER,
                    0,
                    credit.dispatchedRows(),
                    pulse.nextBeat());
            if (sender.commit() == SendOutcome.SENT) {
                pulse.sent();
            }
        }
    }

    void sendGoodbye() {
        if (sender.begin(FrameWriter.GOODBYE_BYTES) == SendOutcome.SENT) {
            writer.goodbye(sender.buffer(), sender.offset(), nodeId, linkId, Side.ROUTER);
            sender.commit();
        }
    }
}
