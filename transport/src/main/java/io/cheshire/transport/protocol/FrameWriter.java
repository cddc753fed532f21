package io.cheshire.transport.protocol;

import static io.cheshire.transport.protocol.FrameLayout.HEADER_BYTES;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.transport.sbe.CreditEncoder;
import io.cheshire.transport.sbe.DispatchEncoder;
import io.cheshire.transport.sbe.GoodbyeEncoder;
import io.cheshire.transport.sbe.HeartbeatEncoder;
import io.cheshire.transport.sbe.MessageHeaderEncoder;
import io.cheshire.transport.sbe.NackCode;
import io.cheshire.transport.sbe.NackEncoder;
import io.cheshire.transport.sbe.ResultEncoder;
import io.cheshire.transport.sbe.RowDtype;
import io.cheshire.transport.sbe.Side;
import org.agrona.MutableDirectBuffer;

/**
 * Writes the frames of a link that is up, all but the row block and the seal. One instance per thread; allocates
 * nothing.
 */
public final class FrameWriter {
    public static final int NACK_BYTES = HEADER_BYTES + NackEncoder.BLOCK_LENGTH;
    public static final int CREDIT_BYTES = HEADER_BYTES + CreditEncoder.BLOCK_LENGTH;
    public static final int HEARTBEAT_BYTES = HEADER_BYTES + HeartbeatEncoder.BLOCK_LENGTH;
    public static final int GOODBYE_BYTES = HEADER_BYTES + GoodbyeEncoder.BLOCK_LENGTH;

    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final DispatchEncoder dispatch = new DispatchEncoder();
    private final ResultEncoder result = new ResultEncoder();
    private final NackEncoder nack = new NackEncoder();
    private final CreditEncoder credit = new CreditEncoder();
    private final HeartbeatEncoder heartbeat = new HeartbeatEncoder();
    private final GoodbyeEncoder goodbye = new GoodbyeEncoder();

    /**
     * Everything before the rows of a Dispatch. Its rows are {@code shard.rowsSent ...}.
     *
     * @param dispatchedRows the link's count, this shard included
     */
    public void dispatch(
            final MutableDirectBuffer buffer,
            final int offset,
            final long linkId,
            final int routerId,
            final Shard shard,
            final int rowCount,
            final long dispatchedRows,
            final Dtype dtype) {
        zero(buffer, offset, DispatchEncoder.BLOCK_LENGTH);
        dispatch.wrapAndApplyHeader(buffer, offset, header)
                .nodeId(shard.nodeId)
                .linkId(linkId)
                .routerId(routerId)
                .lane(shard.lane)
                .step(shard.step)
                .epoch(shard.epoch)
                .shardId(shard.shardId)
                .dispatchedRows(dispatchedRows)
                .attempt(shard.attempt)
                .layer(shard.layer)
                .expert(shard.expert)
                .firstRow(shard.rowsSent)
                .rowCount(rowCount)
                .shardRowCount(shard.rowCount)
                .rowDtype(FrameLayout.wireDtype(dtype));
    }

    /** Everything before the rows of a Result. */
    public void result(
            final MutableDirectBuffer buffer,
            final int offset,
            final int nodeId,
            final long linkId,
            final ResultHeader values,
            final long creditLimit) {
        zero(buffer, offset, ResultEncoder.BLOCK_LENGTH);
        result.wrapAndApplyHeader(buffer, offset, header)
                .nodeId(nodeId)
                .linkId(linkId)
                .shardId(values.shardId)
                .creditLimit(creditLimit)
                .queueNs(Math.max(0, values.queueNs))
                .computeNs(Math.max(0, values.computeNs))
                .attempt(values.attempt)
                .firstRow(values.firstRow)
                .rowCount(values.rowCount)
                .shardRowCount(values.shardRowCount)
                .layer(values.layer)
                .expert(values.expert)
                .rowDtype(RowDtype.F32);
    }

    public void nack(
            final MutableDirectBuffer buffer,
            final int offset,
            final int nodeId,
            final long linkId,
            final long shardId,
            final int attempt,
            final NackReason reason,
            final long creditLimit) {
        zero(buffer, offset, NackEncoder.BLOCK_LENGTH);
        nack.wrapAndApplyHeader(buffer, offset, header)
                .nodeId(nodeId)
                .linkId(linkId)
                .shardId(shardId)
                .creditLimit(creditLimit)
                .attempt(attempt)
                .reason(codeOf(reason));
    }

    public void credit(
            final MutableDirectBuffer buffer,
            final int offset,
            final int nodeId,
            final long linkId,
            final long creditLimit) {
        zero(buffer, offset, CreditEncoder.BLOCK_LENGTH);
        credit.wrapAndApplyHeader(buffer, offset, header)
                .nodeId(nodeId)
                .linkId(linkId)
                .creditLimit(creditLimit);
    }

    public void heartbeat(
            final MutableDirectBuffer buffer,
            final int offset,
            final int nodeId,
            final long linkId,
            final Side side,
            final long creditLimit,
            final long dispatchedRows,
            final long beat) {
        zero(buffer, offset, HeartbeatEncoder.BLOCK_LENGTH);
        heartbeat
                .wrapAndApplyHeader(buffer, offset, header)
                .nodeId(nodeId)
                .linkId(linkId)
                .creditLimit(creditLimit)
                .dispatchedRows(dispatchedRows)
                .side(side)
                .beat(beat);
    }

    public void goodbye(
            final MutableDirectBuffer buffer, final int offset, final int nodeId, final long linkId, final Side side) {
        zero(buffer, offset, GoodbyeEncoder.BLOCK_LENGTH);
        goodbye.wrapAndApplyHeader(buffer, offset, header)
                .nodeId(nodeId)
                .linkId(linkId)
                .side(side);
    }

    /** The reason that a wire code stands for. */
    public static NackReason reasonOf(final NackCode code) {
        return switch (code) {
            case NOT_RESIDENT -> NackReason.NOT_RESIDENT;
            case DRAINING -> NackReason.DRAINING;
            case OVERLOADED -> NackReason.OVERLOADED;
            case BAD_FRAME, NULL_VAL -> NackReason.BAD_FRAME;
            case WRONG_MODEL -> NackReason.WRONG_MODEL;
            case WRONG_VERSION -> NackReason.WRONG_VERSION;
            case COMPUTE_FAILED -> NackReason.COMPUTE_FAILED;
            case DEVICE_LOST -> NackReason.DEVICE_LOST;
        };
    }

    private static NackCode codeOf(final NackReason reason) {
        return switch (reason) {
            case NOT_RESIDENT -> NackCode.NOT_RESIDENT;
            case DRAINING -> NackCode.DRAINING;
            case OVERLOADED -> NackCode.OVERLOADED;
            case BAD_FRAME -> NackCode.BAD_FRAME;
            case WRONG_MODEL -> NackCode.WRONG_MODEL;
            case WRONG_VERSION -> NackCode.WRONG_VERSION;
            case COMPUTE_FAILED -> NackCode.COMPUTE_FAILED;
            case DEVICE_LOST -> NackCode.DEVICE_LOST;
        };
    }

    private static void zero(final MutableDirectBuffer buffer, final int offset, final int blockLength) {
        buffer.setMemory(offset, HEADER_BYTES + blockLength, (byte) 0);
    }
}
