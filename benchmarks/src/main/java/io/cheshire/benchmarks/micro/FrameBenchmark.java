package io.cheshire.benchmarks.micro;

import io.cheshire.benchmarks.sizes.Sizes;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.transport.protocol.Fingerprint;
import io.cheshire.transport.protocol.FrameGate;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameLimits;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.FrameVerdict;
import io.cheshire.transport.protocol.FrameWriter;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.Shard;
import io.cheshire.transport.sbe.Side;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A Dispatch frame at hidden 4096 in bf16: rows gathered, header, seal; and the gate that a receiver holds it against.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls setUp() before anything else
public class FrameBenchmark {
    @Param({"1", "7"})
    public int rows;

    @Param({"false", "true"})
    public boolean checksum;

    private final FrameWriter writer = new FrameWriter();
    private final Shard shard = new Shard();
    private FrameSeal seal;
    private FrameGate gate;
    private UnsafeBuffer frame;
    private UnsafeBuffer laneRows;
    private int rowBytes;
    private int frameBytes;

    @Setup
    public void setUp() {
        final ModelIdentity model =
                new ModelIdentity(new Fingerprint(1, 2, 3, 4), 1, Sizes.EXPERTS, Sizes.HIDDEN, Dtype.BF16);
        rowBytes = model.rowBytes();
        frameBytes = FrameLayout.ROWS_OFFSET + rows * rowBytes;
        seal = new FrameSeal(checksum);
        gate = new FrameGate(new FrameLimits(model, 4096, FrameLimits.MAX_FRAME_BYTES, checksum), Side.NODE);
        frame = new UnsafeBuffer(ByteBuffer.allocateDirect(frameBytes));
        laneRows = new UnsafeBuffer(ByteBuffer.allocateDirect(rows * rowBytes));
        shard.shardId = 1;
        shard.rowCount = rows;
        for (int row = 0; row < rows; row++) {
            shard.rows[row] = row;
        }
        encode();
        if (decode() != FrameVerdict.VALID) {
            throw new IllegalStateException("the frame that is measured is not valid");
        }
    }

    @Benchmark
    public UnsafeBuffer encode() {
        writer.dispatch(frame, 0, 1, 0, shard, rows, rows, Dtype.BF16);
        for (int row = 0; row < rows; row++) {
            frame.putBytes(FrameLayout.ROWS_OFFSET + row * rowBytes, laneRows, shard.rows[row] * rowBytes, rowBytes);
        }
        seal.apply(frame, 0, frameBytes);
        return frame;
    }

    @Benchmark
    public FrameVerdict decode() {
        return gate.check(frame, 0, frameBytes);
    }
}
