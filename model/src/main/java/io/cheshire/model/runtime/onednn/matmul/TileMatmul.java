package io.cheshire.model.runtime.onednn.matmul;

/** A matmul of whole tiles with weights that are already chosen. */
@FunctionalInterface
interface TileMatmul {
    /**
     * Runs {@code tile} rows.
     *
     * @param src address of dense rows in the format that is computed with
     * @param dst address of dense rows in fp32
     */
    void run(int tile, long src, long dst);
}
