package io.cheshire.benchmarks.micro;

import io.cheshire.benchmarks.sizes.Sizes;
import io.cheshire.model.core.gate.Gate;
import io.cheshire.model.core.gate.Gates;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.simd.GateDots;
import io.cheshire.model.runtime.onednn.simd.Lanes;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The gate of one row: router logits over 16 experts at hidden 4096, and SparseMixer over them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls setUp() before anything else
public class GateBenchmark {
    @Param("4096")
    public int hidden;

    private Gate gate;
    private NativeBuffer row;
    private NativeBuffer weights;
    private int stride;
    private float[] logits;
    private final int[] experts = new int[2];
    private final float[] shares = new float[2];

    @Setup
    public void setUp() {
        gate = Gates.of(Sizes.model());
        stride = Lanes.padded(Sizes.EXPERTS);
        row = random((long) hidden);
        weights = random((long) hidden * stride);
        logits = new float[stride];
        GateDots.logits(row.address(), hidden, weights.address(), stride, logits, 0);
    }

    private static NativeBuffer random(final long floats) {
        final SplittableRandom random = new SplittableRandom(1);
        final NativeBuffer buffer = NativeBuffer.allocate(floats * Float.BYTES);
        for (long i = 0; i < floats; i++) {
            buffer.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
        }
        return buffer;
    }

    @Benchmark
    public float[] routerLogits() {
        GateDots.logits(row.address(), hidden, weights.address(), stride, logits, 0);
        return logits;
    }

    @Benchmark
    public float[] sparseMixer() {
        gate.route(logits, 0, experts, shares, 0);
        return shares;
    }

    @TearDown
    public void close() {
        row.close();
        weights.close();
    }
}
