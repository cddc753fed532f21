package io.cheshire.model.runtime.onednn;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.matmul.Bf16Matmul;
import io.cheshire.model.runtime.onednn.matmul.QuantisedKernels;
import io.cheshire.model.runtime.onednn.simd.Rows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Prints how fast an expert is in each precision by row count, call by call in turn with a loop that only reads as many
 * bytes; medians. Not a test: {@code java -cp ... io.cheshire.model.runtime.onednn.QuantisedSpeed [threads]
 * [auto|vector] [precision ...]}.
 */
public final class QuantisedSpeed {
    private static final int[] ROWS = {1, 2, 3, 4, 8, 16, 64, 512};
    private static final int UNITS = 3;
    private static final int PART = 1 << 18;

    private QuantisedSpeed() {}

    public static void main(final String[] args) {
        final int threads = args.length > 0 ? Integer.parseInt(args[0]) : 2;
        final QuantisedKernels kind =
                args.length > 1 ? QuantisedKernels.valueOf(args[1].toUpperCase(Locale.ROOT)) : QuantisedKernels.AUTO;
        final List<String> names =
                args.length > 2 ? List.of(args).subList(2, args.length) : List.of("BF16", "INT8", "INT4");
        final ModelConfig config = RandomWeights.config(160, 4096, 6400, 1, 32, 8, 128, 16, null);
        for (final String name : names) {
            try (OneDnnKernels kernels = new OneDnnKernels(threads, Bf16Matmul.AUTO, kind)) {
                measure(kernels, config, Precision.valueOf(name.toUpperCase(Locale.ROOT)), threads);
                System.out.println(kernels.description());
            }
        }
    }

    private static void measure(
            final OneDnnKernels kernels, final ModelConfig config, final Precision precision, final int threads) {
        final List<ExpertKernel> experts = new ArrayList<>();
        final RandomWeights weights = new RandomWeights(config, Dtype.BF16, 1);
        for (int i = 0; i < UNITS; i++) {
            final var unit = weights.unit(new ExpertKey(0, i));
            final long start = System.nanoTime();
            experts.add(kernels.loadExpert(config, precision, unit, 512));
            System.out.printf(Locale.ROOT, "%s: packed in %.0f ms%n", precision, (System.nanoTime() - start) / 1e6);
        }
        final long bytes = experts.getFirst().weightBytes();
        try (Arena arena = Arena.ofConfined();
                OpenMpTeam team = new OpenMpTeam(threads);
                NativeBuffer memory = NativeBuffer.allocate(3 * bytes)) {
            memory.segment().fill((byte) 1);
            final MemorySegment in = arena.allocate(2L * 512 * config.hiddenSize(), 64);
            for (long i = 0; i < in.byteSize(); i += 2) {
                in.set(java.lang.foreign.ValueLayout.JAVA_SHORT, i, (short) (0x3f80 + i % 31 + (i % 7 << 13)));
            }
            final MemorySegment out = arena.allocate(4L * 512 * config.hiddenSize(), 64);
            for (final int rows : ROWS) {
                row(experts, team, memory, rows, bytes, in, out, config, precision);
            }
        } finally {
            experts.forEach(ExpertKernel::close);
        }
    }

    private static void row(
            final List<ExpertKernel> experts,
            final OpenMpTeam team,
            final NativeBuffer memory,
            final int rows,
            final long bytes,
            final MemorySegment in,
            final MemorySegment out,
            final ModelConfig config,
            final Precision precision) {
        final int runs = rows > 100 ? 7 : 41;
        final double[] own = new double[runs];
        final double[] loop = new double[runs];
        final float[] sink = new float[64];
        for (int i = -runs / 2; i < runs; i++) {
            final long base = memory.address() + (long) Math.floorMod(i, 3) * bytes;
            final long start = System.nanoTime();
            team.run((int) (bytes / PART), 4, (worker, begin, end) -> {
                for (int p = begin; p < end; p++) {
                    sink[worker * 16] += Rows.sum(base + (long) p * PART, PART / Float.BYTES);
                }
            });
            final long middle = System.nanoTime();
            experts.get(Math.floorMod(i, UNITS)).forward(in, rows, out);
            final long end = System.nanoTime();
            if (i >= 0) {
                loop[i] = (middle - start) / 1e9;
                own[i] = (end - middle) / 1e9;
            }
        }
        Arrays.sort(own);
        Arrays.sort(loop);
        final double seconds = own[runs / 2];
        System.out.printf(
                Locale.ROOT,
                "%s, %d rows: %.2f ms, %.1f GB/s, %.0f %% of the loop's %.1f GB/s, %.0f GOP/s%n",
                precision,
                rows,
                seconds * 1e3,
                bytes / seconds / 1e9,
                100 * loop[runs / 2] / seconds,
                bytes / loop[runs / 2] / 1e9,
                2.0 * rows * 3 * config.hiddenSize() * config.ffnSize() / seconds / 1e9);
    }
}
