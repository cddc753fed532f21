package io.cheshire.benchmarks.engine.core;

/** What is counted beside time, on the device's thread. */
public enum Tally {
    /** Calls of an expert kernel: units whose weights were read. */
    UNIT_CALLS,
    /** Rows of those calls. */
    UNIT_ROWS,
    /** Packed weights of those units, bytes. */
    UNIT_BYTES,
    /** Calls of a layer's attention. */
    LAYER_CALLS,
    /** Rows of those calls. */
    LAYER_ROWS,
    /** Calls of the head: steps. */
    STEPS,
    /** Rows of the head. */
    HEAD_ROWS,
    /** Keys and values that attention read, bytes. */
    KV_BYTES
}
