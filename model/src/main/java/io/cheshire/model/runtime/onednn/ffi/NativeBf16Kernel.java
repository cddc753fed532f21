package io.cheshire.model.runtime.onednn.ffi;

/** Our native kernel for few rows in bf16 ({@code avx512_bf16.c}). Any thread; keeps nothing. */
@FunctionalInterface
public interface NativeBf16Kernel {
    /** The most rows of a call. */
    int MOST_ROWS = 8;

    /** Outputs of a panel, which is what threads share a matmul by. */
    int PANEL = 64;

    /**
     * Computes panels {@code begin .. end - 1} of a matmul.
     *
     * @param matmul  address of a {@link NativeBf16Matmul}
     * @param weights address of all panels' weights, in the layout {@link Dnnl#LAYOUT_PANELS_OF_PAIRS}
     */
    void panels(long matmul, long weights, long begin, long end);
}
