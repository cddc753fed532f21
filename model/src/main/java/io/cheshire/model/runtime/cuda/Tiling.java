package io.cheshire.model.runtime.cuda;

import io.cheshire.model.runtime.cuda.stream.CudaKernel;

/** Which kernels compute a batch; a matter of speed only, since all give the same bits. */
enum Tiling {
    /** Few rows: a block of threads takes all rows and few outputs, a warp a slice of the sum. */
    R8(CudaKernel.GATE_UP_R8, CudaKernel.DOWN_R8, CudaKernel.LINEAR_R8, 8, 4, 1, 2),
    R16(CudaKernel.GATE_UP_R16, CudaKernel.DOWN_R16, CudaKernel.LINEAR_R16, 16, 4, 1, 2),
    /** Many rows: a block of threads takes so many rows and 128 outputs. */
    T64(CudaKernel.GATE_UP_T64, CudaKernel.DOWN_T64, CudaKernel.LINEAR_T64, 64, 8, 8, 8),
    T128(CudaKernel.GATE_UP_T128, CudaKernel.DOWN_T128, CudaKernel.LINEAR_T128, 128, 8, 8, 8);

    /** Outputs, rows and k are padded to so many elements. */
    private static final int ELEMENTS = 16;
    /** Rows of one tile. */
    static final int ROW_TILE = 8;

    final CudaKernel gateUp;
    final CudaKernel down;
    final CudaKernel linear;
    /** Of one block of threads. */
    final int rows;

    final int gateUpTiles;
    final int downTiles;
    final int linearTiles;

    Tiling(
            final CudaKernel gateUp,
            final CudaKernel down,
            final CudaKernel linear,
            final int rows,
            final int gateUpTiles,
            final int downTiles,
            final int linearTiles) {
        this.gateUp = gateUp;
        this.down = down;
        this.linear = linear;
        this.rows = rows;
        this.gateUpTiles = gateUpTiles;
        this.downTiles = downTiles;
        this.linearTiles = linearTiles;
    }

    static Tiling of(final int rowCount) {
        for (final Tiling tiling : values()) {
            if (rowCount <= tiling.rows) {
                return tiling;
            }
        }
        return T128;
    }

    static long padded(final int elements) {
        return Math.ceilDiv((long) elements, ELEMENTS) * ELEMENTS;
    }

    /** Rows are packed in whole tiles. */
    static int paddedRows(final int rowCount) {
        return Math.ceilDiv(rowCount, ROW_TILE) * ROW_TILE;
    }

    static int steps(final int elements) {
        return Math.ceilDiv(elements, ELEMENTS);
    }
}
