package io.cheshire.benchmarks;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.onednn.OneDnnKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
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

/**
 * The FFN of one unit of Phi-3.5-MoE in bf16 by row count: our kernel, and bare oneDNN with nothing but its two matmuls, each in the
 * weight layout that oneDNN likes best for that row count. The thread that measures is the device's thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls load() before anything else
public class ExpertFfnBenchmark {
    private static final int ALIGNMENT_BYTES = 64;

    @Param({"1", "2", "4", "16", "64", "256"})
    public int rows;

    @Param("4096")
    public int hidden;

    @Param("6400")
    public int ffn;

    private OneDnnKernels kernels;
    private ExpertKernel unit;
    private BareFfn bare;
    private MemorySegment input;
    private MemorySegment output;

    @Setup
    public void load() {
        kernels = new OneDnnKernels(Runtime.getRuntime().availableProcessors());
        final ModelConfig model = Sizes.model(hidden, ffn);
        final SplittableRandom random = new SplittableRandom(1);
        try (Arena weights = Arena.ofConfined()) {
            final UnitWeights source = new UnitWeights(
                    new ExpertKey(0, 0),
                    tensor(weights, random, ffn, hidden),
                    tensor(weights, random, hidden, ffn),
                    tensor(weights, random, ffn, hidden));
            unit = kernels.loadExpert(model, Precision.BF16, source, Math.max(rows, 2));
        }
        bare = new BareFfn(rows, hidden, ffn);
        input = Arena.ofAuto().allocate((long) rows * hidden * Short.BYTES, ALIGNMENT_BYTES);
        fill(input, random);
        output = Arena.ofAuto().allocate((long) rows * hidden * Float.BYTES, ALIGNMENT_BYTES);
    }

    private static TensorView tensor(
            final Arena arena, final SplittableRandom random, final long rows, final long columns) {
        final MemorySegment data = arena.allocate(rows * columns * Short.BYTES, ALIGNMENT_BYTES);
        fill(data, random);
        return new TensorView("random", Dtype.BF16, List.of(rows, columns), data);
    }

    private static void fill(final MemorySegment data, final SplittableRandom random) {
        for (long i = 0; i < data.byteSize() / Short.BYTES; i++) {
            final float value = (float) random.nextDouble(-0.05, 0.05);
            data.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (Float.floatToRawIntBits(value) >>> 16));
        }
    }

    @Benchmark
    public MemorySegment cheshire() {
        unit.forward(input, rows, output);
        return output;
    }

    @Benchmark
    public MemorySegment bareOneDnn() {
        bare.run(input.address(), output.address());
        return output;
    }

    @TearDown
    public void close() {
        unit.close();
        bare.close();
        kernels.close();
    }
}
