package io.cheshire.transport.protocol;

import static io.cheshire.transport.protocol.FrameLayout.COMMON_BYTES;
import static io.cheshire.transport.protocol.FrameLayout.HEADER_BYTES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.cheshire.transport.sbe.CreditDecoder;
import io.cheshire.transport.sbe.DispatchDecoder;
import io.cheshire.transport.sbe.GoodbyeDecoder;
import io.cheshire.transport.sbe.HeartbeatDecoder;
import io.cheshire.transport.sbe.HelloAckDecoder;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloStatus;
import io.cheshire.transport.sbe.MessageHeaderDecoder;
import io.cheshire.transport.sbe.NackCode;
import io.cheshire.transport.sbe.NackDecoder;
import io.cheshire.transport.sbe.ResultDecoder;
import io.cheshire.transport.sbe.RowDtype;
import io.cheshire.transport.sbe.Side;
import java.util.concurrent.atomic.AtomicLongArray;
import org.agrona.DirectBuffer;

/**
 * The one gate for untrusted frames. It checks length, version, template, checksum, reserved bits, ranges and {@code
 * rowCount * hidden * elementBytes == payload} before any flyweight reads on. It has no keys: a MAC is looked at by the
 * link that a frame names ({@code LinkGuard}), and whoever changes a frame that has one is found there.
 *
 * <p>Called by the one thread that polls; counters may be read from any. Never throws, never allocates, never writes
 * to the frame. A frame that fails says nothing about its sender but that a frame failed: what to do is the caller's.
 */
@SuppressWarnings("EnumOrdinal") // counters in an array, one place a constant, within this JVM only
public final class FrameGate implements FrameFilter {
    private static final FrameVerdict[] VERDICTS = FrameVerdict.values();
    private static final int MAX_CHANNEL_BYTES = 256;
    private static final int CHANNEL_LENGTH_BYTES = Short.BYTES;

    private final FrameLimits limits;
    private final Side receiver;
    private final FrameChecksum checksum = new FrameChecksum();
    private final AtomicLongArray counts = new AtomicLongArray(VERDICTS.length);
    private final byte wireDtype;

    /** @param receiver which end this gate guards: each gets only what the other sends */
    public FrameGate(final FrameLimits limits, final Side receiver) {
        this.limits = limits;
        this.receiver = receiver;
        this.wireDtype = (byte) FrameLayout.wireDtype(limits.model().rowDtype()).value();
    }

    @Override
    public FrameVerdict check(final DirectBuffer buffer, final int offset, final int length) {
        final FrameVerdict verdict = judge(buffer, offset, length);
        counts.setOpaque(verdict.ordinal(), counts.getOpaque(verdict.ordinal()) + 1);
        return verdict;
    }

    @Override
    public long count(final FrameVerdict verdict) {
        return counts.getOpaque(verdict.ordinal());
    }

    @Override
    public long rejectCount() {
        long sum = 0;
        for (final FrameVerdict verdict : VERDICTS) {
            sum += verdict == FrameVerdict.VALID ? 0 : count(verdict);
        }
        return sum;
    }

    private FrameVerdict judge(final DirectBuffer buffer, final int offset, final int length) {
        if (offset < 0
                || length < COMMON_BYTES
                || length > limits.maxFrameBytes()
                || offset > buffer.capacity() - length
                || int32(buffer, offset, FrameLayout.FRAME_BYTES_OFFSET) != length) {
            return FrameVerdict.BAD_LENGTH;
        }
        if (uint16(buffer, offset, MessageHeaderDecoder.schemaIdEncodingOffset()) != HelloDecoder.SCHEMA_ID) {
            return FrameVerdict.WRONG_SCHEMA;
        }
        final int template = FrameLayout.templateId(buffer, offset);
        if (!isExpected(template)) {
            return FrameVerdict.UNKNOWN_TEMPLATE;
        }
        // The two handshake messages are the same in every version, so that a refusal can be understood.
        if (!isHandshake(template)
                && uint16(buffer, offset, MessageHeaderDecoder.versionEncodingOffset())
                        != HelloDecoder.SCHEMA_VERSION) {
            return FrameVerdict.WRONG_VERSION;
        }
        if (uint16(buffer, offset, MessageHeaderDecoder.blockLengthEncodingOffset()) != blockLength(template)) {
            return FrameVerdict.BAD_BLOCK_LENGTH;
        }
        if (length < HEADER_BYTES + blockLength(template)) {
            return FrameVerdict.BAD_LENGTH;
        }
        final FrameVerdict envelope = judgeEnvelope(isHandshake(template), buffer, offset, length);
        return envelope == FrameVerdict.VALID ? judgeMessage(template, buffer, offset, length) : envelope;
    }

    private static boolean isHandshake(final int template) {
        return template == HelloDecoder.TEMPLATE_ID || template == HelloAckDecoder.TEMPLATE_ID;
    }

    private boolean isExpected(final int template) {
        return switch (template) {
            case HelloDecoder.TEMPLATE_ID, DispatchDecoder.TEMPLATE_ID -> receiver == Side.NODE;
            case HelloAckDecoder.TEMPLATE_ID,
                    ResultDecoder.TEMPLATE_ID,
                    NackDecoder.TEMPLATE_ID,
                    CreditDecoder.TEMPLATE_ID -> receiver == Side.ROUTER;
            case HeartbeatDecoder.TEMPLATE_ID, GoodbyeDecoder.TEMPLATE_ID -> true;
            default -> false;
        };
    }

    private static int blockLength(final int template) {
        return switch (template) {
            case HelloDecoder.TEMPLATE_ID -> HelloDecoder.BLOCK_LENGTH;
            case HelloAckDecoder.TEMPLATE_ID -> HelloAckDecoder.BLOCK_LENGTH;
            case DispatchDecoder.TEMPLATE_ID -> DispatchDecoder.BLOCK_LENGTH;
            case ResultDecoder.TEMPLATE_ID -> ResultDecoder.BLOCK_LENGTH;
            case NackDecoder.TEMPLATE_ID -> NackDecoder.BLOCK_LENGTH;
            case CreditDecoder.TEMPLATE_ID -> CreditDecoder.BLOCK_LENGTH;
            case HeartbeatDecoder.TEMPLATE_ID -> HeartbeatDecoder.BLOCK_LENGTH;
            default -> GoodbyeDecoder.BLOCK_LENGTH;
        };
    }

    private FrameVerdict judgeEnvelope(
            final boolean handshake, final DirectBuffer buffer, final int offset, final int length) {
        // Flags and the two reserved bytes behind them, read as one.
        final int flags = int32(buffer, offset, FrameLayout.FLAGS_OFFSET);
        if (flags != 0 && flags != FrameLayout.FLAG_CHECKSUM && (handshake || flags != FrameLayout.FLAG_MAC)) {
            return FrameVerdict.RESERVED_BITS;
        }
        if (flags == FrameLayout.FLAG_MAC) {
            return int32(buffer, offset, FrameLayout.CHECKSUM_OFFSET) == 0
                    ? FrameVerdict.VALID
                    : FrameVerdict.BAD_CHECKSUM;
        }
        if (!handshake && !isBlank(buffer, offset)) {
            return FrameVerdict.RESERVED_BITS;
        }
        if (flags == 0) {
            // A handshake needs none: it is how ends whose settings differ tell each other so.
            return (limits.checksumRequired() && !handshake) || int32(buffer, offset, FrameLayout.CHECKSUM_OFFSET) != 0
                    ? FrameVerdict.BAD_CHECKSUM
                    : FrameVerdict.VALID;
        }
        return checksum.matches(buffer, offset, length) ? FrameVerdict.VALID : FrameVerdict.BAD_CHECKSUM;
    }

    /** Whether number and MAC are zero, as in a frame without. */
    private static boolean isBlank(final DirectBuffer buffer, final int offset) {
        return (buffer.getLong(offset + FrameLayout.NUMBER_OFFSET)
                        | buffer.getLong(offset + FrameLayout.MAC_OFFSET)
                        | buffer.getLong(offset + FrameLayout.MAC_OFFSET + Long.BYTES))
                == 0;
    }

    private FrameVerdict judgeMessage(
            final int template, final DirectBuffer buffer, final int offset, final int length) {
        if (FrameLayout.nodeId(buffer, offset) < 0) {
            return FrameVerdict.OUT_OF_RANGE;
        }
        return switch (template) {
            case HelloDecoder.TEMPLATE_ID -> judgeHello(buffer, offset, length);
            case HelloAckDecoder.TEMPLATE_ID -> judgeHelloAck(buffer, offset, length);
            case DispatchDecoder.TEMPLATE_ID -> judgeDispatch(buffer, offset, length);
            case ResultDecoder.TEMPLATE_ID -> judgeResult(buffer, offset, length);
            case NackDecoder.TEMPLATE_ID -> judgeNack(buffer, offset, length);
            case CreditDecoder.TEMPLATE_ID -> judgeCredit(buffer, offset, length);
            case HeartbeatDecoder.TEMPLATE_ID -> judgeHeartbeat(buffer, offset, length);
            default -> judgeGoodbye(buffer, offset, length);
        };
    }

    private FrameVerdict judgeHello(final DirectBuffer buffer, final int offset, final int length) {
        final int channelAt = HEADER_BYTES + HelloDecoder.BLOCK_LENGTH;
        if (length < channelAt + CHANNEL_LENGTH_BYTES) {
            return FrameVerdict.BAD_LENGTH;
        }
        final int channelBytes = uint16(buffer, offset, channelAt);
        if (length != channelAt + CHANNEL_LENGTH_BYTES + channelBytes) {
            return FrameVerdict.BAD_LENGTH;
        }
        if (channelBytes < 1
                || channelBytes > MAX_CHANNEL_BYTES
                || block32(buffer, offset, HelloDecoder.routerIdEncodingOffset()) < 0) {
            return FrameVerdict.OUT_OF_RANGE;
        }
        for (int i = 0; i < channelBytes; i++) {
            final byte character = buffer.getByte(offset + channelAt + CHANNEL_LENGTH_BYTES + i);
            if (character < ' ' || character > '~') {
                return FrameVerdict.OUT_OF_RANGE;
            }
        }
        return reservedFrom(buffer, offset, HelloDecoder.rowDtypeEncodingOffset() + 1, HelloDecoder.BLOCK_LENGTH);
    }

    private FrameVerdict judgeHelloAck(final DirectBuffer buffer, final int offset, final int length) {
        if (length != HEADER_BYTES + HelloAckDecoder.BLOCK_LENGTH) {
            return FrameVerdict.BAD_LENGTH;
        }
        final int status = uint8(buffer, offset, HelloAckDecoder.statusEncodingOffset());
        if (status < HelloStatus.ACCEPTED.value()
                || status > HelloStatus.TOO_MANY_ROUTERS.value()
                || block32(buffer, offset, HelloAckDecoder.windowRowsEncodingOffset()) < 0
                || block64(buffer, offset, HelloAckDecoder.creditLimitEncodingOffset()) < 0
                || uint8(buffer, offset, HelloAckDecoder.optionsEncodingOffset()) > LinkOptions.ALL) {
            return FrameVerdict.OUT_OF_RANGE;
        }
        return reservedFrom(buffer, offset, HelloAckDecoder.optionsEncodingOffset() + 1, HelloAckDecoder.BLOCK_LENGTH);
    }

    private FrameVerdict judgeDispatch(final DirectBuffer buffer, final int offset, final int length) {
        final boolean inRange = block32(buffer, offset, DispatchDecoder.routerIdEncodingOffset()) >= 0
                && block32(buffer, offset, DispatchDecoder.laneEncodingOffset()) >= 0
                && block64(buffer, offset, DispatchDecoder.stepEncodingOffset()) >= 0
                && block64(buffer, offset, DispatchDecoder.epochEncodingOffset()) >= 0
                && block64(buffer, offset, DispatchDecoder.dispatchedRowsEncodingOffset()) >= 0
                && block32(buffer, offset, DispatchDecoder.attemptEncodingOffset()) >= 0
                && isUnit(
                        block32(buffer, offset, DispatchDecoder.layerEncodingOffset()),
                        block32(buffer, offset, DispatchDecoder.expertEncodingOffset()))
                && isRowRange(
                        block32(buffer, offset, DispatchDecoder.firstRowEncodingOffset()),
                        block32(buffer, offset, DispatchDecoder.rowCountEncodingOffset()),
                        block32(buffer, offset, DispatchDecoder.shardRowCountEncodingOffset()));
        if (!inRange) {
            return FrameVerdict.OUT_OF_RANGE;
        }
        if (uint8(buffer, offset, DispatchDecoder.rowDtypeEncodingOffset()) != wireDtype) {
            return FrameVerdict.WRONG_DTYPE;
        }
        final long rows = block32(buffer, offset, DispatchDecoder.rowCountEncodingOffset());
        if (rows * limits.model().rowBytes() != length - FrameLayout.ROWS_OFFSET) {
            return FrameVerdict.PAYLOAD_MISMATCH;
        }
        return reservedFrom(buffer, offset, DispatchDecoder.rowDtypeEncodingOffset() + 1, DispatchDecoder.BLOCK_LENGTH);
    }

    private FrameVerdict judgeResult(final DirectBuffer buffer, final int offset, final int length) {
        final boolean inRange = block64(buffer, offset, ResultDecoder.creditLimitEncodingOffset()) >= 0
                && block64(buffer, offset, ResultDecoder.queueNsEncodingOffset()) >= 0
                && block64(buffer, offset, ResultDecoder.computeNsEncodingOffset()) >= 0
                && block32(buffer, offset, ResultDecoder.attemptEncodingOffset()) >= 0
                && isUnit(
                        block32(buffer, offset, ResultDecoder.layerEncodingOffset()),
                        block32(buffer, offset, ResultDecoder.expertEncodingOffset()))
                && isRowRange(
                        block32(buffer, offset, ResultDecoder.firstRowEncodingOffset()),
                        block32(buffer, offset, ResultDecoder.rowCountEncodingOffset()),
                        block32(buffer, offset, ResultDecoder.shardRowCountEncodingOffset()));
        if (!inRange) {
            return FrameVerdict.OUT_OF_RANGE;
        }
        if (uint8(buffer, offset, ResultDecoder.rowDtypeEncodingOffset()) != RowDtype.F32.value()) {
            return FrameVerdict.WRONG_DTYPE;
        }
        final long rows = block32(buffer, offset, ResultDecoder.rowCountEncodingOffset());
        if (rows * limits.model().resultRowBytes() != length - FrameLayout.ROWS_OFFSET) {
            return FrameVerdict.PAYLOAD_MISMATCH;
        }
        return reservedFrom(buffer, offset, ResultDecoder.rowDtypeEncodingOffset() + 1, ResultDecoder.BLOCK_LENGTH);
    }

    private FrameVerdict judgeNack(final DirectBuffer buffer, final int offset, final int length) {
        if (length != HEADER_BYTES + NackDecoder.BLOCK_LENGTH) {
            return FrameVerdict.BAD_LENGTH;
        }
        final int reason = uint8(buffer, offset, NackDecoder.reasonEncodingOffset());
        if (reason < NackCode.NOT_RESIDENT.value()
                || reason > NackCode.DEVICE_LOST.value()
                || block64(buffer, offset, NackDecoder.creditLimitEncodingOffset()) < 0
                || block32(buffer, offset, NackDecoder.attemptEncodingOffset()) < 0) {
            return FrameVerdict.OUT_OF_RANGE;
        }
        return reservedFrom(buffer, offset, NackDecoder.reasonEncodingOffset() + 1, NackDecoder.BLOCK_LENGTH);
    }

    private FrameVerdict judgeCredit(final DirectBuffer buffer, final int offset, final int length) {
        if (length != HEADER_BYTES + CreditDecoder.BLOCK_LENGTH) {
            return FrameVerdict.BAD_LENGTH;
        }
        return block64(buffer, offset, CreditDecoder.creditLimitEncodingOffset()) < 0
                ? FrameVerdict.OUT_OF_RANGE
                : FrameVerdict.VALID;
    }

    private FrameVerdict judgeHeartbeat(final DirectBuffer buffer, final int offset, final int length) {
        if (length != HEADER_BYTES + HeartbeatDecoder.BLOCK_LENGTH) {
            return FrameVerdict.BAD_LENGTH;
        }
        if (isWrongSide(uint8(buffer, offset, HeartbeatDecoder.sideEncodingOffset()))
                || block64(buffer, offset, HeartbeatDecoder.creditLimitEncodingOffset()) < 0
                || block64(buffer, offset, HeartbeatDecoder.dispatchedRowsEncodingOffset()) < 0
                || block64(buffer, offset, HeartbeatDecoder.beatEncodingOffset()) < 0) {
            return FrameVerdict.OUT_OF_RANGE;
        }
        return reservedFrom(
                buffer, offset, HeartbeatDecoder.sideEncodingOffset() + 1, HeartbeatDecoder.beatEncodingOffset());
    }

    private FrameVerdict judgeGoodbye(final DirectBuffer buffer, final int offset, final int length) {
        if (length != HEADER_BYTES + GoodbyeDecoder.BLOCK_LENGTH) {
            return FrameVerdict.BAD_LENGTH;
        }
        if (isWrongSide(uint8(buffer, offset, GoodbyeDecoder.sideEncodingOffset()))) {
            return FrameVerdict.OUT_OF_RANGE;
        }
        return reservedFrom(buffer, offset, GoodbyeDecoder.sideEncodingOffset() + 1, GoodbyeDecoder.BLOCK_LENGTH);
    }

    private boolean isWrongSide(final int side) {
        return side != (receiver == Side.ROUTER ? Side.NODE : Side.ROUTER).value();
    }

    private boolean isUnit(final int layer, final int expert) {
        return layer >= 0
                && layer < limits.model().layerCount()
                && expert >= 0
                && expert < limits.model().expertCount();
    }

    private boolean isRowRange(final int firstRow, final int rowCount, final int shardRowCount) {
        return rowCount >= 1
                && shardRowCount <= limits.maxShardRows()
                && firstRow >= 0
                && (long) firstRow + rowCount <= shardRowCount;
    }

    private static FrameVerdict reservedFrom(
            final DirectBuffer buffer, final int offset, final int blockFrom, final int blockLength) {
        for (int i = HEADER_BYTES + blockFrom; i < HEADER_BYTES + blockLength; i++) {
            if (buffer.getByte(offset + i) != 0) {
                return FrameVerdict.RESERVED_BITS;
            }
        }
        return FrameVerdict.VALID;
    }

    private static int uint8(final DirectBuffer buffer, final int offset, final int blockAt) {
        return buffer.getByte(offset + HEADER_BYTES + blockAt) & 0xFF;
    }

    private static int uint16(final DirectBuffer buffer, final int offset, final int at) {
        return buffer.getShort(offset + at, LITTLE_ENDIAN) & 0xFFFF;
    }

    private static int int32(final DirectBuffer buffer, final int offset, final int at) {
        return buffer.getInt(offset + at, LITTLE_ENDIAN);
    }

    private static int block32(final DirectBuffer buffer, final int offset, final int blockAt) {
        return int32(buffer, offset, HEADER_BYTES + blockAt);
    }

    private static long block64(final DirectBuffer buffer, final int offset, final int blockAt) {
        return buffer.getLong(offset + HEADER_BYTES + blockAt, LITTLE_ENDIAN);
    }
}
