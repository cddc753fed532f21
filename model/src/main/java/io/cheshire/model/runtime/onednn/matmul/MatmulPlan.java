package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.ffi.NativeBf16Kernel;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.simd.RawBytes;
import io.cheshire.model.runtime.onednn.simd.Rows;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All matmuls of one shape on a device: one layout for the weights, which every row count shares, and the compiled code
 * of the row counts met so far. A row of the result has the same bits for every row count and place
 * ({@link CheckedTiles}).
 */
public final class MatmulPlan implements AutoCloseable {
    /** The row count whose favourite layout all row counts use. */
    private static final int LAYOUT_ROWS = 64;

    /** For tiles that are known: such a call makes no garbage. */
    private static final TileMatmul NO_MATMUL = (tile, src, dst) -> {
        throw new IllegalStateException("a tile of " + tile + " rows was never compared");
    };

    private final MatmulContext context;
    private final MatmulShape shape;
    private final long layout;
    private final Int2ObjectHashMap<MatmulPrimitive> primitives = new Int2ObjectHashMap<>();
    private final boolean widensInput;
    private @Nullable CheckedTiles tiles;
    /** See {@link FewRows#prove}. */
    private int fewRowsPart = FewRows.NOT_BY_THESE;

    MatmulPlan(final MatmulContext context, final MatmulShape shape) {
        this.context = context;
        this.shape = shape;
        this.widensInput = shape.input() == Dtype.BF16 && context.computeType(shape) == Dnnl.F32;
        this.layout = chooseLayout();
    }

    private long chooseLayout() {
        final int input = context.computeType(shape);
        final long src = Dnnl.createMatrix(LAYOUT_ROWS, shape.k(), input, Dnnl.LAYOUT_ROWS);
        final long any = Dnnl.createMatrix(shape.k(), shape.n(), input, Dnnl.LAYOUT_ANY);
        final long dst = Dnnl.createMatrix(LAYOUT_ROWS, shape.n(), Dnnl.F32, Dnnl.LAYOUT_ROWS);
        try {
            final long description = MatmulPrimitive.describe(context.engine(), shape, src, any, dst);
            final long chosen = Dnnl.cloneDescription(Dnnl.queryDescription(description, Dnnl.QUERY_WEIGHTS));
            Dnnl.destroyPrimitiveDescription(description);
            return chosen;
        } finally {
            Dnnl.destroyDescription(src);
            Dnnl.destroyDescription(any);
            Dnnl.destroyDescription(dst);
        }
    }

    /**
     * Packs matrices that stand above each other, {@code [n_i, k]} row-major with {@code sum n_i = n}, and their
     * biases.
     *
     * @param mostRows the most rows that will run at once
     * @param biases   one a part where the shape has a bias; null for a part without one, which gets zeros
     */
    OneDnnWeights pack(final int mostRows, final List<TensorView> parts, final List<@Nullable TensorView> biases) {
        final OneDnnWeights packed = new OneDnnWeights(this, layout);
        try {
            final RowTiles preferred = context.preferredTiles();
            if (tiles == null) {
                fewRowsPart = context.fewRows().prove(shape, layout, packed, matmulWith(packed), preferred.tile(1));
            }
            reorder(parts, packed.weightsMemory());
            if (shape.bias()) {
                packBias(parts, biases, packed.bias());
            }
            if (tiles == null) {
                tiles = CheckedTiles.choose(shape, computed(), matmulWith(packed), preferred, mostRows);
                if (tiles.kind() != preferred) {
                    // They were held against tiles that aren't used.
                    fewRowsPart = FewRows.NOT_BY_THESE;
                }
            }
            return packed;
        } catch (final RuntimeException | Error failure) {
            packed.close();
            throw failure;
        }
    }

    /** The format that oneDNN reads. */
    private Dtype computed() {
        return context.computeType(shape) == Dnnl.BF16 ? Dtype.BF16 : Dtype.F32;
    }

    private TileMatmul matmulWith(final OneDnnWeights weights) {
        return (tile, src, dst) -> primitive(tile).execute(context, weights, src, dst);
    }

    private void reorder(final List<TensorView> parts, final long weightsMemory) {
        final int type = context.computeType(shape);
        final Dtype dtype = computed();
        final long plain = Dnnl.createMatrix(shape.k(), shape.n(), type, Dnnl.LAYOUT_COLUMNS);
        try (NativeBuffer staging =
                NativeBuffer.allocate(Math.multiplyExact((long) shape.k() * dtype.bytes(), shape.n()))) {
            long offset = 0;
            for (final TensorView part : parts) {
                TensorCopy.copy(part, staging.segment(), offset, dtype);
                offset += part.elementCount() * dtype.bytes();
            }
            if (widensInput) {
                roundToBf16(staging);
            }
            final long stagingMemory = Dnnl.createMemory(plain, context.engine(), staging.address());
            context.reorder(plain, stagingMemory, layout, weightsMemory);
            Dnnl.destroyMemory(stagingMemory);
        } finally {
            Dnnl.destroyDescription(plain);
        }
    }

    /** The weights have bf16 values even where the processor computes in fp32. */
    private void roundToBf16(final NativeBuffer staging) {
        try (NativeBuffer row = NativeBuffer.allocate((long) shape.k() * Short.BYTES)) {
            for (int i = 0; i < shape.n(); i++) {
                final long at = staging.address() + (long) i * shape.k() * Float.BYTES;
                Rows.toBf16(at, row.address(), shape.k());
                Rows.fromBf16(row.address(), at, shape.k());
            }
        }
    }

    private static void packBias(
            final List<TensorView> parts, final List<@Nullable TensorView> biases, final MemorySegment bias) {
        bias.fill((byte) 0);
        long offset = 0;
        for (int i = 0; i < parts.size(); i++) {
            final TensorView view = biases.get(i);
            if (view != null) {
                TensorCopy.copy(view, bias, offset, Dtype.F32);
            }
            offset += parts.get(i).shape().getFirst() * Float.BYTES;
        }
    }

    /**
     * {@code dst[rows, n] = src[rows, k] * W + bias}.
     *
     * @param padded whether {@code src} and {@code dst} have room for {@link RowTiles#capacity} rows; rows past the
     *               last are then read and written without meaning
     */
    void run(final OneDnnWeights weights, final long src, final int rows, final long dst, final boolean padded) {
        final CheckedTiles checked = tiles;
        if (checked == null) {
            throw new IllegalStateException("no weights were packed");
        }
        final long srcRowBytes = (long) shape.k() * shape.input().bytes();
        final long dstRowBytes = (long) shape.n() * Float.BYTES;
        int done = 0;
        while (done < rows) {
            if (fewRowsPart != FewRows.NOT_BY_THESE && rows - done <= NativeBf16Kernel.MOST_ROWS) {
                context.fewRows()
                        .run(
                                shape,
                                fewRowsPart,
                                weights,
                                src + done * srcRowBytes,
                                rows - done,
                                dst + done * dstRowBytes);
                return;
            }
            final int tile = tile(checked, weights, rows - done);
            final int count = Math.min(rows - done, tile);
            // A refused tile's pieces may end past the room that its own padding has.
            final boolean room = padded && done + tile <= RowTiles.capacity(rows);
            runTile(weights, src + done * srcRowBytes, count, tile, dst + done * dstRowBytes, room);
            done += count;
        }
    }

    private int tile(final CheckedTiles checked, final OneDnnWeights weights, final int rows) {
        return checked.tile(rows, checked.knows(rows) ? NO_MATMUL : matmulWith(weights));
    }

    private void runTile(
            final OneDnnWeights weights,
            final long src,
            final int count,
            final int tile,
            final long dst,
            final boolean padded) {
        final boolean staged = tile != count && !padded;
        final long from = widensInput ? widen(src, count, tile) : staged ? padInput(src, count, tile) : src;
        if (!staged) {
            primitive(tile).execute(context, weights, from, dst);
            return;
        }
        final long rowBytes = (long) shape.n() * Float.BYTES;
        final long to = context.outputStage(tile * rowBytes);
        primitive(tile).execute(context, weights, from, to);
        RawBytes.copy(to, dst, count * rowBytes);
    }

    private long widen(final long src, final int count, final int tile) {
        final long rowBytes = (long) shape.k() * Float.BYTES;
        final long stage = context.inputStage(tile * rowBytes);
        for (int row = 0; row < count; row++) {
            Rows.fromBf16(src + (long) row * shape.k() * Short.BYTES, stage + row * rowBytes, shape.k());
        }
        RawBytes.clear(stage + count * rowBytes, (tile - count) * rowBytes);
        return stage;
    }

    private long padInput(final long src, final int count, final int tile) {
        final long rowBytes = (long) shape.k() * shape.input().bytes();
        final long stage = context.inputStage(tile * rowBytes);
        RawBytes.copy(src, stage, count * rowBytes);
        RawBytes.clear(stage + count * rowBytes, (tile - count) * rowBytes);
        return stage;
    }

    /** The compiled matmul of exactly {@code rows} rows, made at its first use. */
    MatmulPrimitive primitive(final int rows) {
        MatmulPrimitive primitive = primitives.get(rows);
        if (primitive == null) {
            primitive = new MatmulPrimitive(context, shape, layout, rows);
            primitives.put(rows, primitive);
        }
        return primitive;
    }

    MatmulContext context() {
        return context;
    }

    MatmulShape shape() {
        return shape;
    }

    /** How rows are grouped; known once weights were packed. */
    public @Nullable RowTiles tiles() {
        return tiles == null ? null : tiles.kind();
    }

    @Override
    public void close() {
        primitives.values().forEach(MatmulPrimitive::close);
        primitives.clear();
        Dnnl.destroyDescription(layout);
    }
}
