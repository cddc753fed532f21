package io.cheshire.model.runtime.onednn.matmul;

/** Which code multiplies quantised matrices. All of it gives the same bits, so this is about speed only. */
public enum QuantisedKernels {
    /** The fastest that passes a self-test at start: {@link #NATIVE}, else {@link #ONEDNN}, else {@link #VECTOR}. */
    AUTO,
    /** Our native library; where there is none for this platform or it is wrong, a warning, and the next. */
    NATIVE,
    /** oneDNN for more than four rows, in integers or else in fp32, and the Vector API for fewer. */
    ONEDNN,
    /** As {@link #ONEDNN} on a processor without integer units. */
    FP32,
    /** The Vector API for all row counts. */
    VECTOR,
    /** One output after another in plain Java: slow, for checking. */
    PLAIN;

    /** Whether our native library may be used. */
    boolean takesNative() {
        return this == AUTO || this == NATIVE;
    }
}
