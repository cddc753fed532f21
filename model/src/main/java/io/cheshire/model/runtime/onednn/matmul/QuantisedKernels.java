package io.cheshire.model.runtime.onednn.matmul;

/** Which code multiplies quantised matrices. All of it gives the same bits, so this is about speed only. */
public enum QuantisedKernels {
    /** oneDNN for many rows where it passes a self-test at start, else {@link #VECTOR}. */
    AUTO,
    /** The Vector API for all row counts. */
    VECTOR,
    /** One output after another in plain Java: slow, for checking. */
    PLAIN
}
