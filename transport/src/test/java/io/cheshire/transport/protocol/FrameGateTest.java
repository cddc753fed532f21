package io.cheshire.transport.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.transport.sbe.DispatchEncoder;
import io.cheshire.transport.sbe.MessageHeaderEncoder;
import io.cheshire.transport.sbe.Side;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The frame cases T1 to T4 of the catalogue: nothing malformed passes, nothing throws, everything is counted. */
class FrameGateTest {
    private static final long SEED = Long.getLong("cheshire.test.seed", 20261123L);

    private static Map<String, UnsafeBuffer> framesFor(final Side receiver, final boolean checksum) {
        final Frames frames = new Frames(checksum, null);
        return receiver == Side.NODE ? frames.toNode() : frames.toRouter();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLetEveryMessagePassWhenItIsWellFormed(final boolean checksum) {
        for (final Side receiver : new Side[] {Side.NODE, Side.ROUTER}) {
            final FrameGate gate = new FrameGate(Frames.limits(checksum), receiver);
            framesFor(receiver, checksum)
                    .forEach((name, frame) -> assertThat(gate.check(frame, 0, frame.capacity()))
                            .as(name)
                            .isEqualTo(FrameVerdict.VALID));
            assertThat(gate.rejectCount()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Side.class,
            names = {"NODE", "ROUTER"})
    void shouldRejectEveryTruncationAndEveryExtension(final Side receiver) {
        final FrameGate gate = new FrameGate(Frames.limits(false), receiver);
        framesFor(receiver, false).forEach((name, frame) -> {
            final UnsafeBuffer longer = new UnsafeBuffer(ByteBuffer.allocateDirect(frame.capacity() + 64));
            longer.putBytes(0, frame, 0, frame.capacity());
            for (int length = -1; length < frame.capacity() + 64; length++) {
                if (length != frame.capacity()) {
                    assertThat(gate.check(longer, 0, length))
                            .as("%s cut to %d", name, length)
                            .isNotEqualTo(FrameVerdict.VALID);
                }
            }
        });
        assertThat(gate.count(FrameVerdict.VALID)).isZero();
    }

    @ParameterizedTest
    @EnumSource(
            value = Side.class,
            names = {"NODE", "ROUTER"})
    void shouldRejectEverySingleBitFlipWhenFramesCarryAChecksum(final Side receiver) {
        final FrameGate gate = new FrameGate(Frames.limits(true), receiver);
        framesFor(receiver, true).forEach((name, frame) -> {
            for (int bit = 0; bit < frame.capacity() * Byte.SIZE; bit++) {
                flip(frame, bit);
                assertThat(gate.check(frame, 0, frame.capacity()))
                        .as("%s bit %d", name, bit)
                        .isNotEqualTo(FrameVerdict.VALID);
                flip(frame, bit);
            }
            assertThat(gate.check(frame, 0, frame.capacity())).as(name).isEqualTo(FrameVerdict.VALID);
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = Side.class,
            names = {"NODE", "ROUTER"})
    void shouldNeverThrowWhenBitsFlipWithoutAChecksum(final Side receiver) {
        final SplittableRandom random = new SplittableRandom(SEED);
        final FrameGate gate = new FrameGate(Frames.limits(false), receiver);
        framesFor(receiver, false).forEach((name, frame) -> {
            final byte[] intact = new byte[frame.capacity()];
            frame.getBytes(0, intact);
            for (int round = 0; round < 3000; round++) {
                for (int flips = random.nextInt(1, 6); flips > 0; flips--) {
                    flip(frame, random.nextInt(Math.min(frame.capacity(), 200) * Byte.SIZE));
                }
                gate.check(frame, 0, frame.capacity());
                frame.putBytes(0, intact);
            }
        });
        assertThat(gate.rejectCount()).isPositive();
    }

    @ParameterizedTest
    @EnumSource(
            value = Side.class,
            names = {"NODE", "ROUTER"})
    void shouldRejectRandomBytesOfAnyLength(final Side receiver) {
        final SplittableRandom random = new SplittableRandom(SEED);
        final FrameGate gate = new FrameGate(Frames.limits(false), receiver);
        final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(4096));
        for (int round = 0; round < 20_000; round++) {
            final int length = random.nextInt(0, 4097);
            for (int i = 0; i < Math.min(length, 256); i += 8) {
                buffer.putLong(i, random.nextLong());
            }
            assertThat(gate.check(buffer, 0, length))
                    .as("seed %d round %d", SEED, round)
                    .isNotEqualTo(FrameVerdict.VALID);
        }
        assertThat(gate.rejectCount()).isEqualTo(20_000);
    }

    @Test
    void shouldRejectLengthsThatPointOutsideTheBuffer() {
        final FrameGate gate = new FrameGate(Frames.limits(false), Side.NODE);
        final UnsafeBuffer frame = new Frames(false, null).toNode().get("Heartbeat");
        assertThat(gate.check(frame, -1, frame.capacity())).isEqualTo(FrameVerdict.BAD_LENGTH);
        assertThat(gate.check(frame, 1, frame.capacity())).isEqualTo(FrameVerdict.BAD_LENGTH);
        assertThat(gate.check(frame, Integer.MAX_VALUE, frame.capacity())).isEqualTo(FrameVerdict.BAD_LENGTH);
        assertThat(gate.check(frame, 0, Integer.MAX_VALUE)).isEqualTo(FrameVerdict.BAD_LENGTH);
        assertThat(gate.check(frame, 0, Integer.MIN_VALUE)).isEqualTo(FrameVerdict.BAD_LENGTH);
    }

    @Test
    void shouldNameTheReasonWhenOneFieldIsWrong() {
        assertDispatch(FrameVerdict.WRONG_SCHEMA, (f, e) -> f.header.schemaId(1));
        assertDispatch(FrameVerdict.WRONG_VERSION, (f, e) -> f.header.version(1));
        assertDispatch(FrameVerdict.WRONG_VERSION, (f, e) -> f.header.version(0));
        assertDispatch(FrameVerdict.UNKNOWN_TEMPLATE, (f, e) -> f.header.templateId(99));
        assertDispatch(FrameVerdict.UNKNOWN_TEMPLATE, (f, e) -> f.header.templateId(4));
        assertDispatch(FrameVerdict.BAD_BLOCK_LENGTH, (f, e) -> f.header.blockLength(121));
        assertDispatch(FrameVerdict.RESERVED_BITS, (f, e) -> f.flags = 3);
        assertDispatch(FrameVerdict.RESERVED_BITS, (f, e) -> f.flags = 4);
        assertDispatch(FrameVerdict.RESERVED_BITS, (f, e) -> e.frameNumber(1));
        assertDispatch(FrameVerdict.RESERVED_BITS, (f, e) -> f.buffer.putByte(8 + 47, (byte) 1));
        assertDispatch(FrameVerdict.RESERVED_BITS, (f, e) -> f.buffer.putByte(127, (byte) 1));
        assertDispatch(FrameVerdict.OUT_OF_RANGE, (f, e) -> e.layer(3));
        assertDispatch(FrameVerdict.OUT_OF_RANGE, (f, e) -> e.layer(-1));
        assertDispatch(FrameVerdict.OUT_OF_RANGE, (f, e) -> e.expert(5));
        assertDispatch(FrameVerdict.OUT_OF_RANGE, (f, e) -> e.lane(-1));
        assertDispatch(FrameVerdict.OUT_OF_RANGE, (f, e) -> e.rowCount(0));
        assertDispatch(FrameVerdict.OUT_OF_RANGE, (f, e) -> e.rowCount(-3));
        assertDispatch(FrameVerdict.OUT_OF_RANGE, (f, e) -> e.rowCount(7));
        assertDispatch(FrameVerdict.OUT_OF_RANGE, (f, e) -> e.shardRowCount(Frames.MAX_SHARD_ROWS + 1));
        assertDispatch(FrameVerdict.OUT_OF_RANGE, (f, e) -> e.firstRow(8));
        assertDispatch(FrameVerdict.OUT_OF_RANGE, (f, e) -> e.firstRow(Integer.MAX_VALUE));
        assertDispatch(FrameVerdict.OUT_OF_RANGE, (f, e) -> e.attempt(-1));
        assertDispatch(FrameVerdict.OUT_OF_RANGE, (f, e) -> e.nodeId(-1));
        assertDispatch(FrameVerdict.PAYLOAD_MISMATCH, (f, e) -> e.rowCount(2));
        assertDispatch(FrameVerdict.PAYLOAD_MISMATCH, (f, e) -> e.rowCount(4));
        assertDispatch(FrameVerdict.WRONG_DTYPE, (f, e) -> f.buffer.putByte(8 + 112, (byte) 2));
        assertDispatch(FrameVerdict.BAD_CHECKSUM, (f, e) -> f.checksum = 5);
        assertDispatch(FrameVerdict.BAD_LENGTH, (f, e) -> f.frameBytes = 64);
        assertDispatch(FrameVerdict.BAD_LENGTH, (f, e) -> f.frameBytes = -1);
    }

    @Test
    void shouldRejectFramesWithoutAChecksumWhenOneIsRequired() {
        final FrameGate gate = new FrameGate(Frames.limits(true), Side.NODE);
        new Frames(false, null)
                .toNode()
                .forEach((name, frame) -> assertThat(gate.check(frame, 0, frame.capacity()))
                        .as(name)
                        .isEqualTo(name.equals("Hello") ? FrameVerdict.VALID : FrameVerdict.BAD_CHECKSUM));
    }

    @Test
    void shouldUnderstandAHelloOfAnyVersionSoThatItCanBeRefused() {
        final FrameGate gate = new FrameGate(Frames.limits(false), Side.NODE);
        final UnsafeBuffer frame = new Frames(false, null).hello(3);
        assertThat(gate.check(frame, 0, frame.capacity())).isEqualTo(FrameVerdict.VALID);
        assertThat(new HandshakeCodec(new FrameSeal(false), null)
                        .decodeHello(frame, 0)
                        .version())
                .isEqualTo(3);
    }

    @Test
    void shouldTellASignedHandshakeFromAForgedOne() {
        final ClusterSecret secret = new ClusterSecret("correct horse battery");
        final UnsafeBuffer frame = new Frames(false, secret).hello(2);
        final HandshakeCodec ours = new HandshakeCodec(new FrameSeal(false), secret);
        assertThat(ours.isHelloSigned(frame, 0, frame.capacity())).isTrue();
        assertThat(new HandshakeCodec(new FrameSeal(false), new ClusterSecret("another secret, longer"))
                        .isHelloSigned(frame, 0, frame.capacity()))
                .isFalse();
        for (int bit = 16 * Byte.SIZE; bit < frame.capacity() * Byte.SIZE; bit += 3) {
            flip(frame, bit);
            assertThat(ours.isHelloSigned(frame, 0, frame.capacity()))
                    .as("bit %d", bit)
                    .isFalse();
            flip(frame, bit);
        }
    }

    @Test
    void shouldNotAllocateWhenJudging() {
        final FrameGate gate = new FrameGate(Frames.limits(true), Side.NODE);
        final UnsafeBuffer frame = new Frames(true, null).toNode().get("Dispatch");
        for (int i = 0; i < 20_000; i++) {
            gate.check(frame, 0, frame.capacity());
        }
        final com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 20_000; i++) {
            gate.check(frame, 0, frame.capacity());
        }
        // Reading the counter allocates a little by itself.
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(4096);
    }

    /** A valid dispatch frame, damaged in one place and then given the right length again. */
    private static final class Damaged {
        private final UnsafeBuffer buffer = new Frames(false, null).toNode().get("Dispatch");
        private final MessageHeaderEncoder header = new MessageHeaderEncoder().wrap(buffer, 0);
        private int frameBytes = buffer.capacity();
        private int checksum;
        private int flags;
    }

    @FunctionalInterface
    private interface Damage {
        void apply(Damaged frame, DispatchEncoder encoder);
    }

    private static void assertDispatch(final FrameVerdict expected, final Damage damage) {
        final Damaged frame = new Damaged();
        damage.apply(frame, new DispatchEncoder().wrap(frame.buffer, FrameLayout.HEADER_BYTES));
        frame.buffer.putInt(FrameLayout.FRAME_BYTES_OFFSET, frame.frameBytes, ByteOrder.LITTLE_ENDIAN);
        frame.buffer.putInt(FrameLayout.CHECKSUM_OFFSET, frame.checksum, ByteOrder.LITTLE_ENDIAN);
        frame.buffer.putInt(FrameLayout.FLAGS_OFFSET, frame.flags, ByteOrder.LITTLE_ENDIAN);
        final FrameGate gate = new FrameGate(Frames.limits(false), Side.NODE);
        assertThat(gate.check(frame.buffer, 0, frame.buffer.capacity())).isEqualTo(expected);
        assertThat(gate.count(expected)).isOne();
    }

    private static void flip(final UnsafeBuffer buffer, final int bit) {
        buffer.putByte(bit / Byte.SIZE, (byte) (buffer.getByte(bit / Byte.SIZE) ^ (1 << (bit % Byte.SIZE))));
    }
}
