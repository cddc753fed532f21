package io.cheshire.benchmarks.micro;

import io.cheshire.benchmarks.sizes.Sizes;
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

/**
 * The FFN of one unit in bf16 twice over: our kernel, and bare oneDNN with nothing but its two matmuls, each in the
 * weight layout that oneDNN likes best for that row count. Made, run and closed by the device thread.
 */
final class FfnSubject implements AutoCloseable {
    private static final int ALIGNMENT_BYTES = 64;

    private final int rows;
    private final Arena buffers = Arena.ofConfined();
    private final OneDnnKernels kernels = new OneDnnKernels(Runtime.getRuntime().availableProcessors());
    private final ExpertKernel unit;
    private final BareFfn bare;
    private final MemorySegment input;
    private final MemorySegment output;

    FfnSubject(final int rows, final int hidden, final int ffn) {
        this.rows = rows;
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
        input = buffers.allocate((long) rows * hidden * Short.BYTES, ALIGNMENT_BYTES);
        fill(input, random);
        output = buffers.allocate((long) rows * hidden * Float.BYTES, ALIGNMENT_BYTES);
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

    void runOurs() {
        unit.forward(input, rows, output);
    }

    void runBare() {
        bare.run(input.address(), output.address());
    }

    @Override
    public void close() {
        unit.close();
        bare.close();
        kernels.close();
        buffers.close();
    }
}
