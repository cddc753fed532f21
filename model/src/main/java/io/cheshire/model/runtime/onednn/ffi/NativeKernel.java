package io.cheshire.model.runtime.onednn.ffi;

/** One of our native kernels for quantised matmuls ({@code model/src/main/native}). Any thread; keeps nothing. */
public interface NativeKernel {
    /** For people: the instructions that it needs. */
    String name();

    /**
     * Computes a panel for all rows of a matmul.
     *
     * @param bits    of a weight: 8 or 4
     * @param matmul  address of a {@link NativeMatmul}
     * @param weights address of the panel's weights
     * @param scales  of its scales
     * @param first   number of its first output
     */
    void panel(int bits, long matmul, long weights, long scales, long first);
}
