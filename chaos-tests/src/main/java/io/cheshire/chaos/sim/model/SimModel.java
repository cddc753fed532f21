package io.cheshire.chaos.sim.model;

import io.cheshire.model.protocol.GateKind;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import java.util.List;

/**
 * The arithmetic of a model that exists only here. Every number follows from a hash of all that it depends on, so one
 * wrong bit anywhere changes every token after it. Shapes and the order of the sums are those of the real model
 * (docs/model.md §3).
 */
public final class SimModel {
    private static final long EXPERT_SALT = 0x5DEECE66DL;
    private static final long GATE_SALT = 0x41C64E6DL;
    private static final long CONTEXT_SALT = 0x2545F491L;
    private static final long LOGIT_SALT = 0x7F4A7C15L;

    private final ModelConfig config;
    private final Precision precision;
    private final boolean computes;

    public SimModel(
            final int layers, final int experts, final int hidden, final int vocabulary, final Precision precision) {
        this(precision, true, config(layers, experts, hidden, vocabulary, 64));
    }

    private SimModel(final Precision precision, final boolean computes, final ModelConfig config) {
        this.precision = precision;
        this.computes = computes;
        this.config = config;
    }

    /** A model of which only times are asked: its experts compute nothing. */
    public static SimModel timed(final int layers, final int experts, final int hidden, final int contextTokens) {
        return new SimModel(Precision.BF16, false, config(layers, experts, hidden, 2, contextTokens));
    }

    private static ModelConfig config(
            final int layers, final int experts, final int hidden, final int vocabulary, final int contextTokens) {
        return new ModelConfig(
                "phimoe",
                vocabulary,
                hidden,
                4,
                layers,
                1,
                1,
                2,
                experts,
                2,
                1e-5,
                0.01,
                true,
                true,
                10_000,
                null,
                contextTokens,
                null,
                false,
                GateKind.SPARSE_MIXER,
                -1,
                List.of(),
                null);
    }

    /** Whether there are numbers; else only times matter. */
    boolean computes() {
        return computes;
    }

    public ModelConfig config() {
        return config;
    }

    public Precision precision() {
        return precision;
    }

    public int hidden() {
        return config.hiddenSize();
    }

    static long mix(final long value) {
        long bits = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
        return bits ^ bits >>> 31;
    }

    /** A float of [-1, 1) out of a hash; exact in bf16, too. */
    private static float unit(final long bits) {
        return (byte) bits / 128f;
    }

    /** Hash of a row. */
    static long hash(final float[] row) {
        long hash = row.length;
        for (final float value : row) {
            hash = mix(hash ^ Float.floatToRawIntBits(value));
        }
        return hash;
    }

    /** The residual stream of a token before layer 0. */
    void embed(final int token, final float[] x) {
        for (int i = 0; i < x.length; i++) {
            x[i] = unit(mix(token * 1_000_003L + i));
        }
    }

    /** What the KV cache keeps of a position. */
    long kvEntry(final int layer, final int position, final float[] x) {
        return mix(hash(x) ^ (long) layer << 40 ^ position);
    }

    /** Takes one more position into the context. */
    static long context(final long soFar, final long entry) {
        return mix(soFar ^ entry ^ CONTEXT_SALT);
    }

    /** {@code x += attention(context)}, and the row to be dispatched. */
    void attend(final int layer, final long context, final float[] x, final float[] dispatched) {
        for (int i = 0; i < x.length; i++) {
            x[i] += unit(mix(context + i)) * 0.5f;
        }
        final long hash = hash(x) ^ layer;
        for (int i = 0; i < x.length; i++) {
            dispatched[i] = unit(mix(hash + i));
        }
    }

    /** The gate: two experts and their weights. */
    void gate(final int layer, final float[] x, final int[] experts, final float[] weights, final int at) {
        final int count = config.expertCount();
        final long hash = mix(hash(x) ^ GATE_SALT ^ (long) layer << 32);
        final int first = (int) Math.floorMod(hash, (long) count);
        final int second = (first + 1 + (int) Math.floorMod(hash >>> 32, (long) count - 1)) % count;
        experts[at] = first;
        experts[at + 1] = second;
        weights[at] = 0.5f + (hash >>> 40 & 0xFF) / 512f;
        weights[at + 1] = 1 - weights[at];
    }

    /** The FFN of a unit on one row. */
    void expert(final int layer, final int expert, final float[] row, final float[] result) {
        final long hash = mix(hash(row) ^ EXPERT_SALT ^ (long) layer << 20 ^ (long) expert << 44);
        for (int i = 0; i < result.length; i++) {
            result[i] = unit(mix(hash + i));
        }
    }

    /** {@code x += w1*y1 + w2*y2}, the products added first. */
    static void combine(
            final float[] x, final float[] first, final float[] second, final float weight1, final float weight2) {
        for (int i = 0; i < x.length; i++) {
            x[i] += weight1 * first[i] + weight2 * second[i];
        }
    }

    /** Logit of one token. */
    float logit(final float[] x, final int token) {
        return (int) mix(hash(x) ^ LOGIT_SALT ^ (long) token << 33) / 0x1p31f;
    }
}
