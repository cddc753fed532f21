package io.cheshire.model.protocol.calibration;

/** What a calibration measures. Its arguments are in the order in which {@link Fit#ns} takes them. */
public enum Quantity {
    /** One unit's FFN with weights that no cache holds: rows. A table. */
    FFN(1),
    /** Attention of one layer for decode rows: sum of their contexts in tokens, sequences. */
    ATTENTION_DECODE(2),
    /** Attention of one layer for a chunk of prefill: rows, rows x mean context in tokens. */
    ATTENTION_PREFILL(2),
    /** All else a router computes in one layer (norms, q, k, v, o, gate, combine): rows. A table. */
    PROJECTIONS(1),
    /** Final norm and head: rows that are sampled. A table. */
    HEAD(1),
    /** The sampler: rows that are sampled. */
    SAMPLER(1),
    /** What a step costs beside its kernels: sequences. */
    STEP(1),
    /** HTTP, template and tokenizer until a request waits for admission: prompt tokens. */
    INGEST(1),
    /** From a sampled token until a client has it: 1 for the first of an answer, 2 for any other. */
    STREAM(1),
    /** Dispatch and combine of one layer, without the expert's compute: rows sent in all, shards. */
    EXCHANGE(2),
    /** Loading a unit that the page cache holds: bytes. */
    LOAD_WARM(1),
    /** Loading a unit from the disk: bytes. */
    LOAD_COLD(1);

    private final int arguments;

    Quantity(final int arguments) {
        this.arguments = arguments;
    }

    /** How many numbers {@link Fit#ns} takes for it. */
    public int arguments() {
        return arguments;
    }
}
