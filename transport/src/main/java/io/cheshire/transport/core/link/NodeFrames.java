package io.cheshire.transport.core.link;

import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.core.LinkPulse;
import io.cheshire.transport.core.NodeCredit;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameWriter;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.sbe.CreditDecoder;
import io.cheshire.transport.sbe.HeartbeatDecoder;
import io.cheshire.transport.sbe.MessageHeaderDecoder;
import io.cheshire.transport.sbe.NackDecoder;
import io.cheshire.transport.sbe.ResultDecoder;
import java.lang.foreign.MemorySegment;
import org.agrona.DirectBuffer;

/**
 * Reads what nodes send on links that are up: notes the credit that a frame grants and tells the listener of answers.
 * All but what {@link #rejected} reads has passed the gate. Engine thread only; holds decoders, no frame.
 */
final class NodeFrames {
    private final int resultRowBytes;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final ResultDecoder result = new ResultDecoder();
    private final NackDecoder nack = new NackDecoder();
    private final CreditDecoder credit = new CreditDecoder();
    private final HeartbeatDecoder heartbeat = new HeartbeatDecoder();

    NodeFrames(final ModelIdentity model) {
        this.resultRowBytes = model.resultRowBytes();
    }

    /** Some rows of an answer. */
    void result(
            final int nodeId,
            final NodeCredit granted,
            final DirectBuffer buffer,
            final int offset,
            final ExpertTransport.Listener listener) {
        result.wrapAndApplyHeader(buffer, offset, header);
        granted.onLimit(result.creditLimit());
        final int rowCount = result.rowCount();
        listener.onResult(
                nodeId,
                result.shardId(),
                result.attempt(),
                result.layer(),
                result.firstRow(),
                rowCount,
                rowsIn(buffer, offset + FrameLayout.ROWS_OFFSET, rowCount * resultRowBytes),
                result.queueNs(),
                result.computeNs());
    }

    /** A shard that wasn't computed. */
    void nack(
            final int nodeId,
            final NodeCredit granted,
            final DirectBuffer buffer,
            final int offset,
            final ExpertTransport.Listener listener) {
        nack.wrapAndApplyHeader(buffer, offset, header);
        granted.onLimit(nack.creditLimit());
        listener.onNack(nodeId, nack.shardId(), nack.attempt(), FrameWriter.reasonOf(nack.reason()));
    }

    /** Credit alone. */
    void credit(final NodeCredit granted, final DirectBuffer buffer, final int offset) {
        credit.wrapAndApplyHeader(buffer, offset, header);
        granted.onLimit(credit.creditLimit());
    }

    /**
     * A heartbeat, in answer to one of ours.
     *
     * @return whether the node was a suspect until now
     */
    boolean heartbeat(
            final NodeCredit granted,
            final LinkPulse pulse,
            final long nowNs,
            final DirectBuffer buffer,
            final int offset) {
        heartbeat.wrapAndApplyHeader(buffer, offset, header);
        granted.onLimit(heartbeat.creditLimit());
        return pulse.onEcho(heartbeat.beat(), nowNs);
    }

    /** Whether a frame that failed the gate can be read far enough for {@link #rejected}. */
    static boolean namesShard(final DirectBuffer buffer, final int offset, final int length) {
        return length >= FrameLayout.ROWS_OFFSET && FrameLayout.templateId(buffer, offset) == ResultDecoder.TEMPLATE_ID;
    }

    /**
     * A Result that failed the gate on a link that is up. It names a shard all the same, if only perhaps the right
     * one: taking it for a Nack makes the router ask again instead of waiting. Should the bits of the name be the
     * ones that flipped, the router finds no such shard, or asks again for one whose answer it then drops.
     */
    void rejected(
            final int nodeId, final DirectBuffer buffer, final int offset, final ExpertTransport.Listener listener) {
        result.wrap(
                buffer, offset + FrameLayout.HEADER_BYTES, ResultDecoder.BLOCK_LENGTH, ResultDecoder.SCHEMA_VERSION);
        listener.onNack(nodeId, result.shardId(), result.attempt(), NackReason.BAD_FRAME);
    }

    private static MemorySegment rowsIn(final DirectBuffer buffer, final int offset, final int bytes) {
        return MemorySegment.ofAddress(buffer.addressOffset() + offset).reinterpret(bytes);
    }
}
