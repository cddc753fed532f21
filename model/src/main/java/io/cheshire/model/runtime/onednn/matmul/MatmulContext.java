package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.ffi.GrowingBuffer;
import io.cheshire.model.runtime.onednn.ffi.NativeKernels;
import io.cheshire.model.runtime.onednn.ffi.OneDnnException;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the kernels of a device share: engine, stream, the OpenMP team, compiled matmuls and scratch. Device thread
 * only.
 */
public final class MatmulContext implements AutoCloseable {
    private final OpenMpTeam team;
    private final RowTiles preferredTiles;
    private final long engine;
    private final long stream;
    private final boolean computesBf16;
    private final boolean bf16Panels;
    private final PanelMatmul panels;
    private final FewRows fewRows;
    private final QuantisedMatmul integers;
    private final Map<MatmulShape, MatmulPlan> plans = new HashMap<>();
    private final GrowingBuffer scratchpad = new GrowingBuffer();
    private final GrowingBuffer inputStage = new GrowingBuffer();
    private final GrowingBuffer outputStage = new GrowingBuffer();

    /**
     * @param preferredTiles what the batch-invariance check tries first
     * @param bf16           who computes bf16 matmuls
     */
    public MatmulContext(final OpenMpTeam team, final RowTiles preferredTiles, final Bf16Matmul bf16) {
        this(team, preferredTiles, bf16, QuantisedKernels.AUTO);
    }

    /**
     * @param preferredTiles what the batch-invariance check tries first
     * @param bf16           who computes bf16 matmuls
     * @param quantised      who computes quantised ones
     */
    public MatmulContext(
            final OpenMpTeam team,
            final RowTiles preferredTiles,
            final Bf16Matmul bf16,
            final QuantisedKernels quantised) {
        this(team, preferredTiles, bf16, quantised, NativeKernels::shipped, FewRows.LEAST_WEIGHTS);
    }

    /** The same with other native kernels for few rows, which may have shapes of so many weights. */
    MatmulContext(
            final OpenMpTeam team,
            final RowTiles preferredTiles,
            final Bf16Matmul bf16,
            final QuantisedKernels quantised,
            final Supplier<NativeKernels> natives,
            final int leastWeights) {
        this.team = team;
        this.preferredTiles = preferredTiles;
        team.prepareCallingThread();
        engine = Dnnl.createEngine();
        stream = Dnnl.createStream(engine);
        computesBf16 = multipliesBf16(engine);
        bf16Panels = switch (bf16) {
            case AUTO -> !computesBf16;
            case ONEDNN -> false;
            case PANELS -> true;
        };
        panels = new PanelMatmul(team);
        fewRows = new FewRows(team, bf16 == Bf16Matmul.AUTO ? natives : () -> NativeKernels.NONE, leastWeights);
        integers = new QuantisedMatmul(this, quantised);
    }

    /**
     * Whether oneDNN multiplies bf16 on this processor. Older ones have no such matmul: there bf16 values are computed
     * with in fp32.
     */
    public static boolean multipliesBf16(final long engine) {
        final MatmulShape shape = new MatmulShape(64, 64, Dtype.BF16, false);
        final long src = Dnnl.createMatrix(2, 64, Dnnl.BF16, Dnnl.LAYOUT_ROWS);
        final long any = Dnnl.createMatrix(64, 64, Dnnl.BF16, Dnnl.LAYOUT_ANY);
        final long dst = Dnnl.createMatrix(2, 64, Dnnl.F32, Dnnl.LAYOUT_ROWS);
        try {
            Dnnl.destroyPrimitiveDescription(MatmulPrimitive.describe(engine, shape, src, any, dst));
            return true;
        } catch (final OneDnnException refused) {
            if (refused.unimplemented()) {
                return false;
            }
            throw refused;
        } finally {
            Dnnl.destroyDescription(src);
            Dnnl.destroyDescription(any);
            Dnnl.destroyDescription(dst);
        }
    }

    /** For people: how bf16 matmuls are computed. */
    public String bf16Description() {
        if (bf16Panels) {
            return "bf16 weights summed in fp32";
        }
        return computesBf16 ? "bf16 units" : "no bf16 units: bf16 models take twice their size";
    }

    /** For people: how quantised matmuls are computed. */
    public String quantisedDescription() {
        return integers.description();
    }

    /** Whether rows of this format are multiplied by {@link PanelMatmul}. */
    public boolean usesPanels(final Dtype input) {
        return input == Dtype.BF16 && bf16Panels;
    }

    public OpenMpTeam team() {
        return team;
    }

    /**
     * Packs weights for {@code y = W x (+ b)}, {@code W} being {@code parts} above each other.
     *
     * @param mostRows the most rows that will be multiplied at once; more may be, but are compared with others only
     *                 then
     * @param parts    {@code [n_i, k]} each
     * @param biases   one entry a part, null for a part without bias; all null for no bias at all
     */
    public PackedWeights pack(
            final int mostRows,
            final int k,
            final Dtype input,
            final List<TensorView> parts,
            final List<@Nullable TensorView> biases) {
        team.prepareCallingThread();
        final int n = outputs(k, parts, biases);
        final boolean bias = biases.stream().anyMatch(Objects::nonNull);
        return usesPanels(input)
                ? panels.pack(k, n, parts, biases)
                : plan(new MatmulShape(k, n, input, bias)).pack(mostRows, parts, biases);
    }

    /**
     * Packs weights rounded to integers.
     *
     * @param input format of the rows, which are rounded at each call
     */
    public PackedWeights packQuantised(
            final int k,
            final Dtype input,
            final Quantisation how,
            final List<TensorView> parts,
            final List<@Nullable TensorView> biases) {
        team.prepareCallingThread();
        return integers.pack(k, outputs(k, parts, biases), input, how, parts, biases);
    }

    private static int outputs(final int k, final List<TensorView> parts, final List<@Nullable TensorView> biases) {
        int n = 0;
        for (int i = 0; i < parts.size(); i++) {
            final long outputs = parts.get(i).shape().getFirst();
            TensorCopy.requireShape(parts.get(i), outputs, k);
            final TensorView partBias = biases.get(i);
            if (partBias != null) {
                TensorCopy.requireShape(partBias, outputs);
            }
            n = Math.addExact(n, Math.toIntExact(outputs));
        }
        return n;
    }

    /** The plan of a shape, made at its first use. */
    public MatmulPlan plan(final MatmulShape shape) {
        return plans.computeIfAbsent(shape, s -> new MatmulPlan(this, s));
    }

    int computeType(final MatmulShape shape) {
        return shape.input() == Dtype.BF16 && computesBf16 ? Dnnl.BF16 : Dnnl.F32;
    }

    void reorder(final long from, final long fromMemory, final long to, final long toMemory) {
        final long description = Dnnl.createReorder(engine, from, to);
        final long primitive = Dnnl.createPrimitive(description);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment args = arena.allocate(2L * Dnnl.EXEC_ARG_BYTES, JAVA_LONG.byteAlignment());
            args.set(JAVA_INT, 0, Dnnl.ARG_SRC);
            args.set(JAVA_LONG, 8, fromMemory);
            args.set(JAVA_INT, Dnnl.EXEC_ARG_BYTES, Dnnl.ARG_DST);
            args.set(JAVA_LONG, Dnnl.EXEC_ARG_BYTES + 8L, toMemory);
            Dnnl.execute(primitive, stream, 2, args.address());
        } finally {
            Dnnl.destroyPrimitive(primitive);
            Dnnl.destroyPrimitiveDescription(description);
        }
    }

    long engine() {
        return engine;
    }

    long stream() {
        return stream;
    }

    FewRows fewRows() {
        return fewRows;
    }

    RowTiles preferredTiles() {
        return preferredTiles;
    }

    /** Memory of at least {@code bytes} for the primitive that runs next. */
    long scratchpad(final long bytes) {
        return scratchpad.atLeast(bytes);
    }

    long inputStage(final long bytes) {
        return inputStage.atLeast(bytes);
    }

    long outputStage(final long bytes) {
        return outputStage.atLeast(bytes);
    }

    @Override
    public void close() {
        plans.values().forEach(MatmulPlan::close);
        plans.clear();
        fewRows.close();
        integers.close();
        Dnnl.destroyStream(stream);
        Dnnl.destroyEngine(engine);
        scratchpad.close();
        inputStage.close();
        outputStage.close();
    }
}
