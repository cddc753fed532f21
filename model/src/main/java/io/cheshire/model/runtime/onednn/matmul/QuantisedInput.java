package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.GrowingBuffer;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.simd.Int4Kernels;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import io.cheshire.model.runtime.onednn.simd.QuantisedRows;
import io.cheshire.model.runtime.onednn.simd.Rows;

/**
 * The rows of one call as integers, in the form that the chosen kernel reads. Scratch of a device, filled by its team
 * and as large as its largest call so far.
 */
final class QuantisedInput implements AutoCloseable {
    /** The form that rows are brought into. */
    enum Form {
        /** Tiles of interleaved fp32: our kernels for eight-bit weights. */
        FLOATS,
        /** Tiles of interleaved shorts: our kernels for four-bit weights. */
        SHORTS,
        /** Rows of unsigned bytes: oneDNN's integer matmul. */
        UNSIGNED,
        /** Rows of fp32: oneDNN's fp32 matmul. */
        ROWS,
        /** Rows of signed bytes, with scales and sums of groups beside them: our native kernels. */
        SIGNED
    }

    private static final int ELEMENTS_PER_PART = 32_768;
    /** Rows past the last that a padded tile reads; what they hold means nothing. */
    private static final int PADDING_ROWS = 4;

    private final OpenMpTeam team;
    private final OpenMpTeam.RangeTask fillTiles = this::fillTiles;
    private GroupKernels kernels;
    private final int[][] integers;
    private final GrowingBuffer widened = new GrowingBuffer();
    /** Rows for native code, oneDNN's or ours. */
    private final GrowingBuffer many = new GrowingBuffer();
    /** Scales and sums of signed rows, {@code [rows][groups]}. */
    private final GrowingBuffer signedScales = new GrowingBuffer();

    private final GrowingBuffer signedSums = new GrowingBuffer();
    /** {@code [tile][padded inputs][tile rows]}. */
    float[] floats = new float[0];
    /** {@code [rows][groups]}. */
    float[] scales = new float[0];
    /** Integers as {@link #floats}; offsets {@code [tile][group][tile rows]}. */
    Int4Kernels.Input shorts = new Int4Kernels.Input(0, 0);

    // The call in progress; read by all threads of the team, which starts and ends within the call.
    private QuantisedLayout layout;
    private Dtype input = Dtype.F32;
    private Form form = Form.FLOATS;
    private long src;
    private int rowCount;
    private int tileRows;

    @SuppressWarnings("NullAway.Init") // layout is set at the start of every call
    QuantisedInput(final OpenMpTeam team, final GroupKernels kernels) {
        this.team = team;
        this.kernels = kernels;
        this.integers = new int[team.threads()][0];
    }

    /** Rounds with these from now on. */
    void use(final GroupKernels others) {
        kernels = others;
    }

    /**
     * Quantises rows.
     *
     * @param from      address of {@code rows} rows in {@code dtype}
     * @param rowsATile of every tile; in the last one, rows past the last are zeros
     */
    void fill(
            final QuantisedLayout of,
            final Dtype dtype,
            final long from,
            final int rows,
            final Form into,
            final int rowsATile) {
        layout = of;
        input = dtype;
        form = into;
        src = from;
        rowCount = rows;
        tileRows = rowsATile;
        reserve();
        team.run(tiles(), Math.max(1, ELEMENTS_PER_PART / (of.paddedInputs() * rowsATile)), fillTiles);
        if (into == Form.SIGNED) {
            QuantisedRows.copy(scales, rows * of.groups(), signedScales.address());
        }
    }

    private int tiles() {
        return Math.ceilDiv(rowCount, tileRows);
    }

    private void reserve() {
        final int padded = layout.paddedInputs();
        final int rows = Math.multiplyExact(tiles(), tileRows);
        final int elements = Math.multiplyExact(rows, padded);
        for (int worker = 0; worker < integers.length; worker++) {
            if (integers[worker].length < padded) {
                integers[worker] = new int[padded];
            }
        }
        widened.atLeast((long) integers.length * padded * Float.BYTES);
        if (scales.length < rows * layout.groups()) {
            scales = new float[rows * layout.groups()];
        }
        switch (form) {
            case FLOATS -> floats = floats.length < elements ? new float[elements] : floats;
            case SHORTS -> {
                final int sums = rows * layout.groups();
                if (shorts.x().length < elements || shorts.offsets().length < sums) {
                    shorts = new Int4Kernels.Input(elements, sums);
                }
            }
            case UNSIGNED, ROWS -> many.atLeast((rows + PADDING_ROWS) * rowBytes());
            case SIGNED -> {
                many.atLeast(rows * rowBytes());
                signedScales.atLeast((long) rows * layout.groups() * Float.BYTES);
                signedSums.atLeast((long) rows * layout.groups() * Integer.BYTES);
            }
        }
    }

    /** Address of the scales of signed rows. */
    long signedScales() {
        return signedScales.address();
    }

    /** Address of the sums of signed rows. */
    long signedSums() {
        return signedSums.address();
    }

    /** Address of a row for native code. */
    long row(final int row) {
        return many.address() + row * rowBytes();
    }

    private long rowBytes() {
        return (long) layout.paddedInputs() * (form == Form.ROWS ? Float.BYTES : Byte.BYTES);
    }

    private void fillTiles(final int worker, final int begin, final int end) {
        for (int tile = begin; tile < end; tile++) {
            for (int row = 0; row < tileRows; row++) {
                fillRow(worker, tile, row);
            }
        }
    }

    private void fillRow(final int worker, final int tile, final int rowOfTile) {
        final int row = tile * tileRows + rowOfTile;
        final int[] q = integers[worker];
        final int padded = layout.paddedInputs();
        if (row < rowCount) {
            quantise(worker, row, q);
        } else {
            java.util.Arrays.fill(q, 0, padded, 0);
        }
        final int at = tile * tileRows * padded + rowOfTile;
        switch (form) {
            case FLOATS -> QuantisedRows.toFloats(q, padded, floats, at, tileRows);
            case SHORTS -> {
                QuantisedRows.toShorts(q, padded, shorts.x(), at, tileRows);
                offsets(q, tile * tileRows * layout.groups() + rowOfTile);
            }
            case UNSIGNED -> QuantisedRows.toUnsigned(q, row(row), padded);
            case ROWS -> QuantisedRows.toFloats(q, row(row), padded);
            case SIGNED -> {
                QuantisedRows.toSigned(q, row(row), padded);
                final long to = signedSums.address() + (long) row * layout.groups() * Integer.BYTES;
                QuantisedRows.sums(q, layout.groups(), layout.how().group(), to);
            }
        }
    }

    private void quantise(final int worker, final int row, final int[] q) {
        final int inputs = layout.inputs();
        final int group = layout.how().group();
        long floatRow = src + (long) row * inputs * Float.BYTES;
        if (input == Dtype.BF16) {
            floatRow = widened.address() + (long) worker * layout.paddedInputs() * Float.BYTES;
            Rows.fromBf16(src + (long) row * inputs * Short.BYTES, floatRow, inputs);
        }
        for (int g = 0; g < layout.groups(); g++) {
            final int first = g * group;
            final int count = Math.min(group, inputs - first);
            scales[row * layout.groups() + g] =
                    kernels.quantise(floatRow + (long) first * Float.BYTES, count, q, first);
        }
        java.util.Arrays.fill(q, inputs, layout.paddedInputs(), 0);
    }

    private void offsets(final int[] q, final int at) {
        final int group = layout.how().group();
        for (int g = 0; g < layout.groups(); g++) {
            shorts.offsets()[at + g * tileRows] = -Int4Kernels.OFFSET * QuantisedRows.sum(q, g * group, group);
        }
    }

    @Override
    public void close() {
        widened.close();
        many.close();
        signedScales.close();
        signedSums.close();
    }
}
