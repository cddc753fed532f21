package io.cheshire.model.runtime.onednn.matmul;

/** Which code multiplies bf16 rows with bf16 weights. oneDNN always multiplies fp32. */
public enum Bf16Matmul {
    /**
     * oneDNN where the processor computes in bf16, with few rows by our native kernel where that has oneDNN's bits;
     * else {@link #PANELS}.
     */
    AUTO,
    /** oneDNN, few rows too; without bf16 units it computes in fp32, with weights of four bytes. */
    ONEDNN,
    /** Our own, with weights of two bytes and sums in fp32, on any processor. */
    PANELS
}
