package io.cheshire.model.runtime.cuda;

import io.cheshire.model.runtime.cuda.stream.CudaKernel;

/** Which kernels compute a batch; a matter of speed only, since all give the same bits. */
enum Tiling {
    /** Few rows: a block of threads takes all rows and few outputs, a warp a slice of the sum. */
    R8(CudaKernel.GATE_UP_R8, CudaKernel.DOWN_R8, 8, 4, 1),
    R16(CudaKernel.GATE_UP_R16, CudaKernel.DOWN_R16, 16, 4, 1),
    /** Many rows: a block of threads takes so many rows and 128 outputs. */
    T64(CudaKernel.GATE_UP_T64, CudaKernel.DOWN_T64, 64, 8, 8),
    T128(CudaKernel.GATE_UP_T128, CudaKernel.DOWN_T128, 128, 8, 8);

    /** Outputs, rows and k are padded to so many elements. */
    private static final int ELEMENTS = 16;
    /** Rows of one tile. */
    static final int ROW_TILE = 8;

    final CudaKernel gateUp;
    final CudaKernel down;
    /** Of one block of threads. */
    final int rows;

    final int gateUpTiles;
    final int downTiles;

    Tiling(final CudaKernel gateUp, final CudaKernel down, final int rows, final int gateUpTiles, final int downTiles) {
        this.gateUp = gateUp;
        this.down = down;
        this.rows = rows;
        this.gateUpTiles = gateUpTiles;
        this.downTiles = downTiles;
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

    static int steps(final int elements) {
        return Math.ceilDiv(elements, ELEMENTS);
    }
}
