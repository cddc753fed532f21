package io.cheshire.model.runtime.onednn;

import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.matmul.Bf16Matmul;
import io.cheshire.model.runtime.onednn.matmul.MatmulContext;
import io.cheshire.model.runtime.onednn.matmul.PackedWeights;
import io.cheshire.model.runtime.onednn.matmul.RowTiles;
import io.cheshire.model.runtime.onednn.simd.Rows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Prints how fast the CPU kernels are on this machine, each against its limit: memory bandwidth read by the same
 * threads, and oneDNN's matmuls alone. Best of several runs, since other processes may share the cores. Not a test:
 * {@code java -cp ... io.cheshire.model.runtime.onednn.KernelSpeed [threads] [hidden] [ffn]}.
 */
public final class KernelSpeed {
    private static final int[] ROWS = {1, 2, 16, 64, 256};
    private static final int CONTEXT = 512;

    private final int threads;
    private final ModelConfig config;
    private final RandomWeights weights;
    private double bandwidth;

    private KernelSpeed(final int threads, final int hidden, final int ffn) {
        this.threads = threads;
        this.config =
                RandomWeights.config(4096, hidden, ffn, 1, hidden / 128, Math.max(1, hidden / 512), 128, 16, null);
        this.weights = new RandomWeights(config, Dtype.BF16, 1);
    }

    public static void main(final String[] args) {
        final int threads = args.length > 0
                ? Integer.parseInt(args[0])
                : Runtime.getRuntime().availableProcessors();
        final int hidden = args.length > 1 ? Integer.parseInt(args[1]) : 4096;
        final int ffn = args.length > 2 ? Integer.parseInt(args[2]) : 6400;
        new KernelSpeed(threads, hidden, ffn).run();
    }

    private void run() {
        try (OneDnnKernels kernels = new OneDnnKernels(threads)) {
            System.out.printf(
                    Locale.ROOT,
                    "%s, hidden %d, ffn %d, bf16%n",
                    kernels.description(),
                    config.hiddenSize(),
                    config.ffnSize());
        }
        try (OpenMpTeam team = new OpenMpTeam(threads);
                MatmulContext context = new MatmulContext(team, RowTiles.FREE, Bf16Matmul.AUTO)) {
            bandwidth(team);
            callOverhead(context);
            bareMatmuls(context);
        }
        try (OneDnnKernels kernels = new OneDnnKernels(threads)) {
            expert(kernels);
            attention(kernels);
        }
    }

    private void bandwidth(final OpenMpTeam team) {
        final long bytes = 1L << 30;
        final int part = 1 << 20;
        try (NativeBuffer memory = NativeBuffer.allocate(bytes)) {
            memory.segment().fill((byte) 0);
            final double[] sums = new double[threads];
            final OpenMpTeam.RangeTask read = (worker, begin, end) -> {
                for (int i = begin; i < end; i++) {
                    sums[worker] += Rows.sum(memory.address() + (long) i * part, part / Float.BYTES);
                }
            };
            final double seconds = best(20, () -> team.run((int) (bytes / part), 4, read));
            bandwidth = bytes / seconds / 1e9;
            System.out.printf(Locale.ROOT, "memory read: %.1f GB/s%n", bandwidth);
        }
    }

    private static void callOverhead(final MatmulContext context) {
        try (PackedWeights packed = pack(context, 16, 16);
                NativeBuffer src = NativeBuffer.allocate(4096);
                NativeBuffer dst = NativeBuffer.allocate(4096)) {
            final int calls = 20_000;
            final double seconds = best(20, () -> {
                for (int i = 0; i < calls; i++) {
                    packed.multiply(src.address(), 2, dst.address(), true);
                }
            });
            System.out.printf(Locale.ROOT, "call of a 2x16x16 matmul: %.2f us%n", seconds / calls * 1e6);
        }
    }

    private void bareMatmuls(final MatmulContext context) {
        final int hidden = config.hiddenSize();
        final int ffn = config.ffnSize();
        final int rows = ROWS[ROWS.length - 1];
        try (PackedWeights gateUp = pack(context, hidden, 2 * ffn);
                PackedWeights down = pack(context, ffn, hidden);
                NativeBuffer a = NativeBuffer.allocate(rows * 2L * hidden);
                NativeBuffer b = NativeBuffer.allocate(rows * 8L * ffn);
                NativeBuffer c = NativeBuffer.allocate(rows * 2L * ffn);
                NativeBuffer d = NativeBuffer.allocate(rows * 4L * hidden)) {
            for (final int m : ROWS) {
                final double seconds = best(m > 32 ? 15 : 40, () -> {
                    gateUp.multiply(a.address(), m, b.address(), true);
                    down.multiply(c.address(), m, d.address(), true);
                });
                report("bare oneDNN, both matmuls", m, seconds, gateUp.bytes() + down.bytes());
            }
        }
    }

    private void expert(final OneDnnKernels kernels) {
        final int rows = ROWS[ROWS.length - 1];
        final long start = System.nanoTime();
        try (Arena arena = Arena.ofConfined();
                ExpertKernel expert =
                        kernels.loadExpert(config, Precision.BF16, weights.unit(new ExpertKey(0, 0)), rows)) {
            System.out.printf(
                    Locale.ROOT,
                    "load of an expert, random numbers included: %.0f ms%n",
                    (System.nanoTime() - start) / 1e6);
            final MemorySegment in = arena.allocate(2L * rows * config.hiddenSize(), 64);
            final MemorySegment out = arena.allocate(4L * rows * config.hiddenSize(), 64);
            for (final int m : ROWS) {
                final double seconds = best(m > 32 ? 15 : 40, () -> expert.forward(in, m, out));
                report("expert", m, seconds, expert.weightBytes());
            }
        }
    }

    private void attention(final OneDnnKernels kernels) {
        final int maxRows = CONTEXT;
        try (Arena arena = Arena.ofConfined();
                RouterKernel router = kernels.loadRouter(
                        config, Precision.BF16, weights.router(), new KvLayout(16 * 64, 16), maxRows)) {
            final LaneBuffers lane = new LaneBuffers(arena, config, Precision.BF16, maxRows, 16);
            final StepBatch batch = new StepBatch(maxRows, 16);
            final RopeTables rope = new RopeTables(config, 1024);
            for (int s = 0; s < 16; s++) {
                final int base = s * 64;
                batch.blockTables[s] = new int[64];
                Arrays.setAll(batch.blockTables[s], i -> base + i);
                batch.ropeTables[s] = rope.forSequence(1024);
            }
            layer(router, batch, lane, 1, CONTEXT, 0, "prefill 512");
            layer(router, batch, lane, 1, 256, 256, "prefill 256 after 256");
            layer(router, batch, lane, 1, 1, CONTEXT, "decode 1 after 512");
            layer(router, batch, lane, 16, 1, CONTEXT, "decode 16 after 512");
        }
    }

    private static void layer(
            final RouterKernel router,
            final StepBatch batch,
            final LaneBuffers lane,
            final int sequences,
            final int rows,
            final int position,
            final String what) {
        batch.sequenceCount = sequences;
        batch.rowCount = sequences * rows;
        for (int s = 0; s < sequences; s++) {
            batch.firstRow[s] = s * rows;
            batch.rowsOf[s] = rows;
            batch.firstPosition[s] = position;
        }
        for (int row = 0; row < batch.rowCount; row++) {
            batch.tokenIds[row] = row;
        }
        final OneDnnRouterKernel kernel = (OneDnnRouterKernel) router;
        final double all = best(30, () -> {
            router.embed(batch, lane);
            router.attention(0, batch, lane);
        });
        final double core = best(30, () -> kernel.attentionAlone(0, batch));
        System.out.printf(
                Locale.ROOT,
                "router layer, %s: %.3f ms, of it attention over the cache %.3f ms%n",
                what,
                all * 1e3,
                core * 1e3);
    }

    private static PackedWeights pack(final MatmulContext context, final int k, final int n) {
        final ModelConfig shape = RandomWeights.config(n, k, 1, 1, 1, 1, 2, 2, null);
        return context.pack(
                ROWS[ROWS.length - 1],
                k,
                Dtype.BF16,
                List.of(new RandomWeights(shape, Dtype.BF16, 3).tensor("w", 0, 0.01, n, k)),
                Arrays.asList((io.cheshire.model.core.kernel.TensorView) null));
    }

    private void report(final String what, final int rows, final double seconds, final long bytes) {
        final double flops = 2.0 * rows * 3 * config.hiddenSize() * config.ffnSize();
        System.out.printf(
                Locale.ROOT,
                "%s, %d rows: %.3f ms, %.1f GB/s (%.0f %% of memory), %.0f GFLOP/s%n",
                what,
                rows,
                seconds * 1e3,
                bytes / seconds / 1e9,
                100 * bytes / seconds / 1e9 / bandwidth,
                flops / seconds / 1e9);
    }

    private static double best(final int runs, final Runnable work) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < runs; i++) {
            final long start = System.nanoTime();
            work.run();
            best = Math.min(best, System.nanoTime() - start);
        }
        return best / 1e9;
    }
}
