package io.cheshire.model.protocol;

/**
 * How matmuls are computed (docs/model.md §7). Accumulation, the residual stream, norms, softmax,
 * RoPE tables and the gate are fp32 in both.
 */
public enum Precision {
    /** Weights as published, matmul inputs rounded to bf16. */
    BF16(Dtype.BF16),
    /** Everything in fp32: parity tests and tiny models. */
    FP32(Dtype.F32);

    private final Dtype rowDtype;

    Precision(final Dtype rowDtype) {
        this.rowDtype = rowDtype;
    }

    /** The format of a row that is dispatched to an expert. Results always come back in fp32. */
    public Dtype rowDtype() {
        return rowDtype;
    }
}
