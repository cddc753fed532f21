package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.runtime.onednn.ffi.GrowingBuffer;
import io.cheshire.model.runtime.onednn.simd.Int4Kernels;
import io.cheshire.model.runtime.onednn.simd.Int8Kernels;
import io.cheshire.model.runtime.onednn.simd.Int8RowKernels;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import org.jspecify.annotations.Nullable;

/**
 * Many rows of integers in tiles, a panel at a time, through oneDNN: in the processor's integer units where it has any,
 * else in fp32 ({@link ProvenMatmuls}). Each thread has sums and scratch of its own.
 */
final class IntegerTiles implements AutoCloseable {
    private static final int MOST_ROWS = 64;
    private static final int STEP_ROWS = 4;
    /** A thread's sums stay in its second-level cache. */
    private static final long SUMS_BYTES = 512L << 10;
    /** Weights that are widened at a time: so many bytes of fp32 stay in that cache, too. */
    private static final long WIDENED_BYTES = 256L << 10;

    private final MatmulContext context;
    private final ProvenMatmuls matmuls;
    private final GrowingBuffer[] sums;
    private final GrowingBuffer[] unpacked;
    private final GrowingBuffer[] floats;
    private final GrowingBuffer[] scratch;

    // Of the call in progress.
    private ExactNumbers numbers = ExactNumbers.BYTES;
    private QuantisedLayout layout;
    private int groupsAtOnce;
    private int tileRows;
    private final @Nullable IntegerMatmul[] byTile = new IntegerMatmul[MOST_ROWS / STEP_ROWS + 1];

    /** @param kernels which numbers are wanted */
    @SuppressWarnings("NullAway.Init") // layout is set when a call is prepared
    IntegerTiles(final MatmulContext context, final QuantisedKernels kernels) {
        this.context = context;
        matmuls = new ProvenMatmuls(context, kernels);
        final int threads = context.team().threads();
        sums = buffers(threads);
        unpacked = buffers(threads);
        floats = buffers(threads);
        scratch = buffers(threads);
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
        matmuls.giveUp(why);
    }

    /** Rows of the tile that takes {@code rows} rows. */
    static int tile(final int rows) {
        return Math.ceilDiv(rows, STEP_ROWS) * STEP_ROWS;
    }

    /** The order in which weights are to be packed: what many rows want, where that is known to work. */
    QuantisedLayout.Order order(final Quantisation how) {
        if (how.bits() < Byte.SIZE) {
            return QuantisedLayout.Order.ROWS;
        }
        if (!Int8RowKernels.usable()) {
            return QuantisedLayout.Order.FOURS;
        }
        final QuantisedLayout probe =
                new QuantisedLayout(how, how.group(), QuantisedLayout.PANEL, QuantisedLayout.Order.FOURS);
        final boolean units = usable(probe, ExactNumbers.BYTES) && prepare(probe, STEP_ROWS, ExactNumbers.BYTES);
        return units ? QuantisedLayout.Order.FOURS : QuantisedLayout.Order.ROWS;
    }

    private boolean usable(final QuantisedLayout of, final ExactNumbers in) {
        return matmuls.use(in) && in.takes(of);
    }

    /** Makes what {@code rows} rows need; false where oneDNN isn't to be used. */
    boolean prepare(final QuantisedLayout of, final int rows) {
        for (final ExactNumbers each : ExactNumbers.values()) {
            if (usable(of, each) && prepare(of, rows, each)) {
                return true;
            }
        }
        return false;
    }

    private boolean prepare(final QuantisedLayout of, final int rows, final ExactNumbers in) {
        layout = of;
        numbers = in;
        groupsAtOnce = in == ExactNumbers.BYTES ? of.groups() : groupsAtOnce(of);
        final long rowSums = (long) of.groups() * QuantisedLayout.PANEL * Integer.BYTES;
        final int most = Math.clamp(SUMS_BYTES / rowSums / STEP_ROWS * STEP_ROWS, STEP_ROWS, MOST_ROWS);
        final int pieces = Math.ceilDiv(rows, most);
        tileRows = tile(Math.ceilDiv(rows, pieces));
        long scratchBytes = 0;
        for (int row = 0; row < rows; row += tileRows) {
            final int tile = tile(Math.min(tileRows, rows - row));
            final IntegerMatmul matmul = matmuls.get(in, of, groupsAtOnce, tile);
            if (matmul == null) {
                return false;
            }
            byTile[tile / STEP_ROWS] = matmul;
            scratchBytes = Math.max(scratchBytes, matmul.scratchBytes());
        }
        for (int worker = 0; worker < sums.length; worker++) {
            sums[worker].atLeast(rowSums * tileRows);
            scratch[worker].atLeast(scratchBytes);
            if (of.how().bits() < Byte.SIZE) {
                unpacked[worker].atLeast((long) of.paddedInputs() * QuantisedLayout.PANEL);
            }
            if (in == ExactNumbers.FLOATS) {
                floats[worker].atLeast((long) groupsAtOnce * of.how().group() * QuantisedLayout.PANEL * Float.BYTES);
            }
        }
        return true;
    }

    /** The most groups of one size whose widened weights stay in the cache. */
    private static int groupsAtOnce(final QuantisedLayout of) {
        final long groupBytes = (long) of.how().group() * QuantisedLayout.PANEL * Float.BYTES;
        int most = Math.toIntExact(Math.clamp(WIDENED_BYTES / groupBytes, 1, of.groups()));
        while (of.groups() % most != 0) {
            most--;
        }
        return most;
    }

    /** The form in which the call that was prepared wants its rows. */
    QuantisedInput.Form form() {
        return numbers == ExactNumbers.BYTES ? QuantisedInput.Form.UNSIGNED : QuantisedInput.Form.ROWS;
    }

    /** The most rows of a tile of the call that was prepared. */
    int tileRows() {
        return tileRows;
    }

    /** A panel's weights in eight bits: as they are, or unpacked into the thread's scratch. */
    long panel(final int worker, final QuantisedLayout of, final long panel) {
        if (of.how().bits() == Byte.SIZE) {
            return panel;
        }
        Int4Kernels.unpack(panel, unpacked[worker].address(), of.paddedInputs());
        return unpacked[worker].address();
    }

    /**
     * Runs a tile.
     *
     * @param rows  of the tile
     * @param panel address of the weights in eight bits
     * @return where the sums are, {@code [groups][rows][PANEL]} ints or floats
     */
    long execute(final int worker, final int rows, final long src, final long panel) {
        final IntegerMatmul matmul = byTile[rows / STEP_ROWS];
        if (matmul == null) {
            throw new IllegalStateException("no tile of " + rows + " rows was prepared");
        }
        final long to = sums[worker].address();
        final long own = scratch[worker].address();
        if (numbers == ExactNumbers.BYTES) {
            matmul.execute(worker, context.stream(), src, panel, to, own);
            return to;
        }
        final int inputs = groupsAtOnce * layout.how().group();
        final long sumBytes = (long) groupsAtOnce * rows * QuantisedLayout.PANEL * Float.BYTES;
        final long wide = floats[worker].address();
        for (int first = 0; first < layout.groups(); first += groupsAtOnce) {
            final long input = (long) first * layout.how().group();
            widen(panel + input * QuantisedLayout.PANEL, wide, inputs);
            final long sum = to + first / groupsAtOnce * sumBytes;
            matmul.execute(worker, context.stream(), src + input * Float.BYTES, wide, sum, own);
        }
        return to;
    }

    private void widen(final long bytes, final long wide, final int inputs) {
        switch (layout.how().bits() < Byte.SIZE ? QuantisedLayout.Order.FOURS : layout.order()) {
            case FOURS -> Int8Kernels.widen(bytes, wide, inputs);
            case ROWS -> Int8RowKernels.widen(bytes, wide, inputs);
        }
    }

    /** For people. */
    String description() {
        return matmuls.description();
    }

    @Override
    public void close() {
        matmuls.close();
        for (int i = 0; i < sums.length; i++) {
            sums[i].close();
            unpacked[i].close();
            floats[i].close();
            scratch[i].close();
        }
    }
}
