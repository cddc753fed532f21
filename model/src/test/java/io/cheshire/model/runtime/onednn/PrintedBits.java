package io.cheshire.model.runtime.onednn;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.cheshire.model.core.RopeTable;
import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.gate.Gate;
import io.cheshire.model.core.gate.SoftmaxTopKGate;
import io.cheshire.model.core.gate.SparseMixerGate;
import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.SingleProcessModel;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.matmul.Bf16Matmul;
import io.cheshire.model.runtime.onednn.matmul.QuantisedKernels;
import io.cheshire.model.runtime.onednn.simd.AttentionTiles;
import io.cheshire.model.runtime.onednn.simd.GateDots;
import io.cheshire.model.runtime.onednn.simd.Lanes;
import io.cheshire.model.runtime.onednn.simd.Rope;
import io.cheshire.model.runtime.onednn.simd.Rows;
import io.cheshire.model.testing.BitsDigest;
import io.cheshire.model.testing.ModelPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.Set;

/**
 * Prints digests of what every part of the forward pass computes in this JVM, a line {@code name digest} each, after
 * lines {@code # ...} that say what it runs on.
 */
public final class PrintedBits {
    private static final int[] LENGTHS = {1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 100, 128, 130, 192, 1000, 4096
    };
    private static final int[] PROMPT = {4090, 748, 437, 665, 337, 259, 324, 1086, 334, 303, 4087, 4081};
    private static final int CONTEXT = 96;
    private static final int GREEDY_TOKENS = 40;
    /** Who multiplies quantised matrices. */
    private static final QuantisedKernels QUANTISED =
            QuantisedKernels.valueOf(System.getProperty("cheshire.test.quantised", "AUTO"));

    private final Arena arena = Arena.ofConfined();
    private final Random random = new Random(7);
    private final BitsDigest digest = new BitsDigest();

    private PrintedBits() {}

    public static void main(final String[] args) {
        System.out.println("# lanes " + Lanes.COUNT);
        System.out.println("# " + Dnnl.description());
        final PrintedBits bits = new PrintedBits();
        // Often enough that compiled code takes over from the interpreter.
        for (int i = 0; i < 200; i++) {
            bits.rows();
        }
        bits.print("sums, norms, SwiGLU");
        bits.attention();
        bits.gates();
        bits.rope();
        bits.expert();
        bits.model(Precision.BF16);
        bits.model(Precision.FP32);
        bits.quantised();
    }

    private void rows() {
        for (final int n : LENGTHS) {
            final MemorySegment x = floats(n, 3);
            final MemorySegment gain = floats(n, 1);
            final MemorySegment out = arena.allocate(4L * n, 64);
            digest.add(Rows.sum(x.address(), n));
            Rows.layerNorm(x.address(), gain.address(), x.address(), 1e-5f, out.address(), n);
            digest.add(out.toArray(JAVA_FLOAT));
            Rows.swiGlu(x.address(), gain.address(), out.address(), false, n);
            digest.add(out.toArray(JAVA_FLOAT));
        }
    }

    private void attention() {
        for (int count = 1; count < 300; count++) {
            final MemorySegment scores = floats(count, 20);
            digest.add(AttentionTiles.softmaxNumerators(scores.address(), count, 0.125f));
            digest.add(scores.toArray(JAVA_FLOAT));
        }
        print("softmax");
    }

    private void gates() {
        final int experts = 16;
        final int hidden = 1000;
        final int stride = Lanes.padded(experts);
        final Gate[] gates = {new SparseMixerGate(experts, 2, 0.3), new SoftmaxTopKGate(experts, 2)};
        final MemorySegment weights = floats(hidden * stride, 1);
        final float[] logits = new float[stride];
        final int[] chosen = new int[2];
        final float[] chosenWeights = new float[2];
        for (int row = 0; row < 300; row++) {
            GateDots.logits(floats(hidden, 0.2f).address(), hidden, weights.address(), stride, logits, 0);
            digest.add(logits);
            for (final Gate gate : gates) {
                gate.route(logits, 0, chosen, chosenWeights, 0);
                digest.add(chosen).add(chosenWeights);
            }
        }
        print("gate");
    }

    private void rope() {
        final ModelConfig config = RandomWeights.config(160, 128, 64, 1, 2, 1, 96, 2, null);
        for (final RopeTable.Kind kind : RopeTable.Kind.values()) {
            final RopeTable table = RopeTables.build(config, kind, 4000);
            digest.add(table.cos()).add(table.sin());
            final MemorySegment head = floats(96, 1);
            Rope.rotate(head.address(), 48, table.cos(), table.sin(), 48 * 3999);
            digest.add(head.toArray(JAVA_FLOAT));
        }
        print("rope");
    }

    private void expert() {
        final ModelConfig config = RandomWeights.config(50, 200, 333, 1, 2, 1, 16, 4, null);
        final ExpertKey key = new ExpertKey(0, 1);
        try (OneDnnKernels kernels = new OneDnnKernels(2, Bf16Matmul.PANELS);
                ExpertKernel expert = kernels.loadExpert(
                        config, Precision.BF16, new RandomWeights(config, Dtype.BF16, 9).unit(key), 40)) {
            for (int rows = 1; rows < 40; rows++) {
                final MemorySegment in = arena.allocate(2L * rows * 200, 64);
                Rows.toBf16(floats(rows * 200, 1).address(), in.address(), rows * 200);
                final MemorySegment out = arena.allocate(4L * rows * 200, 64);
                expert.forward(in, rows, out);
                digest.add(out.toArray(JAVA_FLOAT));
            }
        }
        print("expert");
    }

    /** In bf16 by panels; in fp32 by oneDNN, which looks at the processor, not at this JVM's options. */
    private void model(final Precision precision) {
        try (Checkpoint checkpoint = Checkpoint.open(ModelPaths.cheshireMini());
                OneDnnKernels kernels = new OneDnnKernels(2, Bf16Matmul.PANELS, QUANTISED);
                SingleProcessModel model = new SingleProcessModel(
                        checkpoint.config(),
                        precision,
                        kernels,
                        checkpoint.routerWeights(),
                        checkpoint::unit,
                        CONTEXT,
                        16)) {
            for (final float[] row : model.logits(PROMPT)) {
                digest.add(row);
            }
            print("logits " + precision);
            digest.add(model.greedy(PROMPT, GREEDY_TOKENS, Set.of()));
            print("greedy tokens " + precision);
        }
    }

    /** Every way of multiplying, at row counts of each; and a model. */
    private void quantised() {
        final ModelConfig config = RandomWeights.config(50, 200, 333, 1, 2, 1, 16, 4, null);
        final RandomWeights weights = new RandomWeights(config, Dtype.BF16, 9);
        for (final Precision precision : new Precision[] {Precision.INT8, Precision.INT4, Precision.INT4_G32}) {
            try (OneDnnKernels kernels = new OneDnnKernels(2, Bf16Matmul.AUTO, QUANTISED);
                    ExpertKernel expert =
                            kernels.loadExpert(config, precision, weights.unit(new ExpertKey(0, 1)), 64)) {
                for (final int rows : new int[] {1, 2, 3, 4, 5, 16, 64}) {
                    final MemorySegment in = arena.allocate(2L * rows * 200, 64);
                    Rows.toBf16(floats(rows * 200, 1).address(), in.address(), rows * 200);
                    final MemorySegment out = arena.allocate(4L * rows * 200, 64);
                    expert.forward(in, rows, out);
                    digest.add(out.toArray(JAVA_FLOAT));
                }
                System.out.println("# " + precision + ": " + kernels.description());
            }
            print("expert " + precision);
        }
        model(Precision.INT8);
        model(Precision.INT4);
    }

    private MemorySegment floats(final int n, final float scale) {
        final MemorySegment segment = arena.allocate(4L * n, 64);
        for (int i = 0; i < n; i++) {
            segment.setAtIndex(JAVA_FLOAT, i, (random.nextFloat() * 2 - 1) * scale);
        }
        return segment;
    }

    private void print(final String name) {
        System.out.println(name + " " + digest.text());
    }
}
