package io.cheshire.model.runtime.onednn.matmul;

/**
 * Weights of one matmul with their bias, in the layout of whoever computes it. Owns its memory; closed by the kernel
 * that asked for it. Device thread only.
 */
public sealed interface PackedWeights extends AutoCloseable permits OneDnnWeights, PanelWeights, QuantisedWeights {
    /**
     * {@code dst[rows, n] = src[rows, k] * W + bias}. A row of the result has the same bits for every row count and
     * place.
     *
     * @param src    address of rows in the format that the weights were packed for
     * @param dst    address of rows in fp32
     * @param padded whether {@code src} and {@code dst} have room for {@link RowTiles#capacity} rows; rows past the
     *               last may then be read and written without meaning
     */
    void multiply(long src, int rows, long dst, boolean padded);

    /** Bytes held. */
    long bytes();

    @Override
    void close();
}
