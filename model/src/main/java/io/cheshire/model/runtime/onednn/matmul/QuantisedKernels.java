package io.cheshire.model.runtime.onednn.matmul;

/** Which code multiplies quantised matrices. All of it gives the same bits, so this is about speed only. */
public enum QuantisedKernels {
    /** oneDNN for many rows, in integers or else in fp32, where it passes a self-test at start, else {@link #VECTOR}. */
    AUTO,
    /** As {@link #AUTO} on a processor without integer units. */
    FP32,
    /** The Vector API for all row counts. */
    VECTOR,
    /** One output after another in plain Java: slow, for checking. */
    PLAIN
}
