package io.cheshire.transport.protocol;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloStatus;
import io.cheshire.transport.sbe.Side;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** One valid frame of every message, for tests. */
final class Frames {
    static final ModelIdentity MODEL = new ModelIdentity(new Fingerprint(1, 2, 3, 4), 3, 5, 32, Dtype.BF16);
    static final int MAX_SHARD_ROWS = 100;

    private final FrameSeal seal;
    private final HandshakeCodec handshakes;
    private final FrameWriter writer = new FrameWriter();
    private final SplittableRandom random = new SplittableRandom(7);

    Frames(final boolean checksum, final @Nullable ClusterSecret secret) {
        seal = new FrameSeal(checksum);
        handshakes = new HandshakeCodec(new FrameSeal(checksum), secret);
    }

    /** Frames of a link that has a key. */
    static Frames signed(final FrameMac mac) {
        final Frames frames = new Frames(true, null);
        frames.seal.authenticate(mac);
        return frames;
    }

    static FrameLimits limits(final boolean checksumRequired) {
        return new FrameLimits(MODEL, MAX_SHARD_ROWS, 64 * 1024, checksumRequired);
    }

    /** What a router sends, by name. */
    Map<String, UnsafeBuffer> toNode() {
        final Map<String, UnsafeBuffer> frames = new LinkedHashMap<>();
        frames.put("Hello", hello(HelloDecoder.SCHEMA_VERSION));
        frames.put("Dispatch", dispatch(shard(), 3));
        frames.put("Heartbeat", heartbeat(Side.ROUTER));
        frames.put("Goodbye", goodbye(Side.ROUTER));
        return frames;
    }

    /** What a node sends, by name. */
    Map<String, UnsafeBuffer> toRouter() {
        final Map<String, UnsafeBuffer> frames = new LinkedHashMap<>();
        frames.put("HelloAck", answer());
        frames.put("Result", result());
        final UnsafeBuffer nack = room(FrameWriter.NACK_BYTES);
        writer.nack(nack, 0, 2, 77, 9, 1, NackReason.DRAINING, 500);
        frames.put("Nack", sealed(nack));
        final UnsafeBuffer credit = room(FrameWriter.CREDIT_BYTES);
        writer.credit(credit, 0, 2, 77, 500);
        frames.put("Credit", sealed(credit));
        frames.put("Heartbeat", heartbeat(Side.NODE));
        frames.put("Goodbye", goodbye(Side.NODE));
        return frames;
    }

    Shard shard() {
        final Shard shard = new Shard();
        shard.shardId = 9;
        shard.attempt = 1;
        shard.lane = 1;
        shard.step = 12;
        shard.layer = 2;
        shard.expert = 4;
        shard.epoch = 6;
        shard.nodeId = 2;
        shard.rowCount = 10;
        shard.rowsSent = 4;
        return shard;
    }

    UnsafeBuffer hello(final int version) {
        final UnsafeBuffer buffer = room(HandshakeCodec.MAX_BYTES);
        final Hello hello = new Hello(
                version,
                1,
                11,
                2,
                22,
                33,
                MODEL.fingerprint(),
                MODEL.hiddenSize(),
                1,
                "aeron:udp?endpoint=localhost:40123",
                5);
        return new UnsafeBuffer(buffer, 0, handshakes.encode(hello, buffer, 0));
    }

    private UnsafeBuffer answer() {
        final UnsafeBuffer buffer = room(HandshakeCodec.MAX_BYTES);
        final HelloAnswer answer = new HelloAnswer(
                HelloDecoder.SCHEMA_VERSION,
                HelloStatus.ACCEPTED,
                77,
                2,
                22,
                1,
                11,
                33,
                MODEL.fingerprint(),
                100,
                100,
                new LinkOptions(true, true, true));
        return new UnsafeBuffer(buffer, 0, handshakes.encode(answer, buffer, 0));
    }

    UnsafeBuffer dispatch(final Shard shard, final int rowCount) {
        final UnsafeBuffer buffer = room(FrameLayout.ROWS_OFFSET + rowCount * MODEL.rowBytes());
        writer.dispatch(buffer, 0, 77, 1, shard, rowCount, 40, MODEL.rowDtype());
        return sealed(fillRows(buffer));
    }

    private UnsafeBuffer result() {
        final ResultHeader header = new ResultHeader();
        header.shardId = 9;
        header.attempt = 1;
        header.layer = 2;
        header.expert = 4;
        header.firstRow = 4;
        header.rowCount = 3;
        header.shardRowCount = 10;
        header.queueNs = 1000;
        header.computeNs = 2000;
        final UnsafeBuffer buffer = room(FrameLayout.ROWS_OFFSET + 3 * MODEL.resultRowBytes());
        writer.result(buffer, 0, 2, 77, header, 500);
        return sealed(fillRows(buffer));
    }

    private UnsafeBuffer heartbeat(final Side side) {
        final UnsafeBuffer buffer = room(FrameWriter.HEARTBEAT_BYTES);
        writer.heartbeat(buffer, 0, 2, 77, side, 500, 40, 12);
        return sealed(buffer);
    }

    private UnsafeBuffer goodbye(final Side side) {
        final UnsafeBuffer buffer = room(FrameWriter.GOODBYE_BYTES);
        writer.goodbye(buffer, 0, 2, 77, side);
        return sealed(buffer);
    }

    private UnsafeBuffer fillRows(final UnsafeBuffer buffer) {
        for (int i = FrameLayout.ROWS_OFFSET; i < buffer.capacity(); i++) {
            buffer.putByte(i, (byte) random.nextInt());
        }
        return buffer;
    }

    UnsafeBuffer sealed(final UnsafeBuffer buffer) {
        seal.apply(buffer, 0, buffer.capacity());
        return buffer;
    }

    private static UnsafeBuffer room(final int bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
    }
}
