package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.cheshire.model.runtime.onednn.ffi.GrowingBuffer;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.ffi.OneDnnException;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.simd.Int4Kernels;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * oneDNN's integer matmuls by shape and rows of a tile, each held against the exact sums of the largest products before
 * it counts: without the instructions for it oneDNN adds pairs in 16 bits, which saturate, and says nothing. Where one
 * is found wrong, none is used any more.
 */
final class IntegerTiles implements AutoCloseable {
    private static final int MOST_ROWS = 64;
    private static final int STEP_ROWS = 4;
    /** A thread's sums stay in its second-level cache. */
    private static final long SUMS_BYTES = 512L << 10;
    /** oneDNN's layout has blocks of so many inputs. */
    private static final int BLOCK_INPUTS = 64;

    private static final byte MOST = 127;

    private record Shape(int groups, int group, int rows) {}

    private final MatmulContext context;
    private final OpenMpTeam alone = new OpenMpTeam(1);
    private final Map<Shape, IntegerMatmul> matmuls = new HashMap<>();
    private final GrowingBuffer[] sums;
    private final GrowingBuffer[] unpacked;
    private final GrowingBuffer[] scratch;
    private boolean exact;
    private String reason = "exact";

    // Of the call in progress.
    private int tileRows;
    private final @Nullable IntegerMatmul[] byTile = new IntegerMatmul[MOST_ROWS / STEP_ROWS + 1];

    /** @param wanted whether oneDNN is to be used at all */
    IntegerTiles(final MatmulContext context, final boolean wanted) {
        this.context = context;
        final int threads = context.team().threads();
        sums = buffers(threads);
        unpacked = buffers(threads);
        scratch = buffers(threads);
        exact = wanted;
        if (!wanted) {
            reason = "not wanted";
        }
    }

    private static GrowingBuffer[] buffers(final int threads) {
        final GrowingBuffer[] buffers = new GrowingBuffer[threads];
        for (int i = 0; i < threads; i++) {
            buffers[i] = new GrowingBuffer();
        }
        return buffers;
    }

    /** Uses oneDNN no more. */
    void giveUp(final String why) {
        exact = false;
        reason = why;
    }

    /** Rows of the tile that takes {@code rows} rows. */
    static int tile(final int rows) {
        return Math.ceilDiv(rows, STEP_ROWS) * STEP_ROWS;
    }

    /** Makes what {@code rows} rows need; false where oneDNN isn't to be used. */
    boolean prepare(final QuantisedLayout layout, final int rows) {
        if (!exact || layout.how().group() % BLOCK_INPUTS != 0) {
            return false;
        }
        final long rowSums = (long) layout.groups() * QuantisedLayout.PANEL * Integer.BYTES;
        final int most = Math.clamp(SUMS_BYTES / rowSums / STEP_ROWS * STEP_ROWS, STEP_ROWS, MOST_ROWS);
        final int pieces = Math.ceilDiv(rows, most);
        tileRows = tile(Math.ceilDiv(rows, pieces));
        long scratchBytes = 0;
        for (int row = 0; row < rows; row += tileRows) {
            final int tile = tile(Math.min(tileRows, rows - row));
            final IntegerMatmul matmul = matmul(layout, tile);
            if (matmul == null) {
                return false;
            }
            byTile[tile / STEP_ROWS] = matmul;
            scratchBytes = Math.max(scratchBytes, matmul.scratchBytes());
        }
        for (int worker = 0; worker < sums.length; worker++) {
            sums[worker].atLeast(rowSums * tileRows);
            scratch[worker].atLeast(scratchBytes);
            if (layout.how().bits() < Byte.SIZE) {
                unpacked[worker].atLeast((long) layout.paddedInputs() * QuantisedLayout.PANEL);
            }
        }
        return true;
    }

    /** The most rows of a tile of the call that was prepared. */
    int tileRows() {
        return tileRows;
    }

    /** A panel's weights in eight bits: as they are, or unpacked into the thread's scratch. */
    long panel(final int worker, final QuantisedLayout layout, final long panel) {
        if (layout.how().bits() == Byte.SIZE) {
            return panel;
        }
        Int4Kernels.unpack(panel, unpacked[worker].address(), layout.paddedInputs());
        return unpacked[worker].address();
    }

    /**
     * Runs a tile.
     *
     * @param rows of the tile
     * @return where the sums are, {@code [groups][rows][PANEL]} ints
     */
    long execute(final int worker, final int rows, final long src, final long panel) {
        final IntegerMatmul matmul = byTile[rows / STEP_ROWS];
        if (matmul == null) {
            throw new IllegalStateException("no tile of " + rows + " rows was prepared");
        }
        final long to = sums[worker].address();
        matmul.execute(worker, context.stream(), src, panel, to, scratch[worker].address());
        return to;
    }

    private @Nullable IntegerMatmul matmul(final QuantisedLayout layout, final int rows) {
        final Shape shape = new Shape(layout.groups(), layout.how().group(), rows);
        final IntegerMatmul known = matmuls.get(shape);
        if (known != null) {
            return known;
        }
        alone.prepareCallingThread();
        try {
            final IntegerMatmul made =
                    new IntegerMatmul(context, layout, rows, context.team().threads());
            matmuls.put(shape, made);
            if (isExact(made, layout, rows)) {
                return made;
            }
            reason = "its sums are wrong on this processor";
        } catch (final OneDnnException refused) {
            if (!refused.unimplemented()) {
                throw refused;
            }
            reason = "it has no such matmul";
        } finally {
            context.team().prepareCallingThread();
        }
        exact = false;
        return null;
    }

    /** All products as large as they can be, signs by row and output: sums of 16 bits can't hold two of them. */
    private boolean isExact(final IntegerMatmul matmul, final QuantisedLayout layout, final int rows) {
        final int inputs = layout.paddedInputs();
        final long count = (long) layout.groups() * rows * QuantisedLayout.PANEL;
        try (NativeBuffer src = NativeBuffer.allocate((long) rows * inputs);
                NativeBuffer panel = NativeBuffer.allocate((long) inputs * QuantisedLayout.PANEL);
                NativeBuffer to = NativeBuffer.allocate(count * Integer.BYTES);
                NativeBuffer own = NativeBuffer.allocate(matmul.scratchBytes())) {
            for (long i = 0; i < (long) rows * inputs; i++) {
                src.segment().set(JAVA_BYTE, i, (byte) (i / inputs % 2 == 0 ? 2 * MOST + 1 : 1));
            }
            for (long i = 0; i < (long) inputs * QuantisedLayout.PANEL; i++) {
                panel.segment().set(JAVA_BYTE, i, i / 4 % QuantisedLayout.PANEL % 2 == 0 ? MOST : -MOST);
            }
            matmul.execute(0, context.stream(), src.address(), panel.address(), to.address(), own.address());
            for (long i = 0; i < count; i++) {
                final int x = i / QuantisedLayout.PANEL % rows % 2 == 0 ? 2 * MOST + 1 : 1;
                final int w = i % 2 == 0 ? MOST : -MOST;
                if (to.segment().getAtIndex(JAVA_INT, i) != layout.how().group() * x * w) {
                    return false;
                }
            }
            return true;
        }
    }

    /** For people. */
    String description() {
        return exact ? "oneDNN for many rows" : "no oneDNN, " + reason;
    }

    @Override
    public void close() {
        matmuls.values().forEach(IntegerMatmul::close);
        for (int i = 0; i < sums.length; i++) {
            sums[i].close();
            unpacked[i].close();
            scratch[i].close();
        }
        alone.close();
    }
}
