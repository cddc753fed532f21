package io.cheshire.model.protocol;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How matmuls are computed (docs/model.md §7). Accumulation, the residual stream, norms, softmax,
 * RoPE tables and the gate are fp32 in all.
 *
 * <p>Those that begin with INT quantise weights and rows in groups: the experts to the bits that the name says,
 * attention's projections and the head to eight. Embedding and gate stay as published. The group is 128 inputs for
 * {@link #INT8} and 64 for {@link #INT4} unless the name says another.
 */
public enum Precision {
    /** Weights as published, matmul inputs rounded to bf16. */
    BF16(Dtype.BF16, 0, 0),
    /** Everything in fp32: parity tests and tiny models. */
    FP32(Dtype.F32, 0, 0),
    INT8(Dtype.BF16, 8, 128),
    INT8_G64(Dtype.BF16, 8, 64),
    INT8_G32(Dtype.BF16, 8, 32),
    INT4(Dtype.BF16, 4, 64),
    INT4_G128(Dtype.BF16, 4, 128),
    INT4_G32(Dtype.BF16, 4, 32);

    private final Dtype rowDtype;
    /** Of experts; 0 where they aren't quantised. */
    private final int bits;

    private final int group;

    Precision(final Dtype rowDtype, final int bits, final int group) {
        this.rowDtype = rowDtype;
        this.bits = bits;
        this.group = group;
    }

    /** That which computes with weights quantised so. */
    public static Precision of(final Quantisation experts) {
        for (final Precision precision : values()) {
            if (experts.equals(precision.experts())) {
                return precision;
            }
        }
        throw new IllegalArgumentException("no precision has " + experts);
    }

    /** As settings and options spell it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The format of a row that is dispatched to an expert, and of the KV cache. Results come back in fp32. */
    public Dtype rowDtype() {
        return rowDtype;
    }

    /** The format of rows that attention's projections and the head multiply. */
    public Dtype projectedDtype() {
        return bits == 0 ? rowDtype : Dtype.F32;
    }

    /** How experts are quantised; null if they aren't. */
    public @Nullable Quantisation experts() {
        return bits == 0 ? null : new Quantisation(bits, group);
    }

    /** How attention's projections and the head are quantised; null if they aren't. */
    public @Nullable Quantisation projections() {
        return bits == 0 ? null : new Quantisation(Byte.SIZE, group);
    }

    /** Bytes that the weights of one unit take in memory, all that goes with them included. */
    public long unitBytes(final ModelConfig config) {
        return unitBytes(config.hiddenSize(), config.ffnSize());
    }

    /** The same of a unit of this shape. */
    public long unitBytes(final int hidden, final int ffn) {
        final Quantisation experts = experts();
        return experts == null
                ? Math.multiplyExact(3L * hidden * ffn, rowDtype.bytes())
                : experts.memoryBytes(2L * ffn, hidden) + experts.memoryBytes(hidden, ffn);
    }
}
