package io.cheshire.model.core;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.RopeScaling;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The RoPE tables of one model (docs/model.md §3.1), and the rule which of them a sequence gets (docs/model.md §3.2):
 * the long one exactly when prompt and allowed output together exceed {@code original_max_position_embeddings}. A
 * sequence keeps its table for life; K and V made with one table are wrong under the other.
 *
 * <p>A table is built at its first use and holds only the positions that a sequence of this server can reach, since the
 * whole context of Phi-3.5-MoE would take 64 MiB a table. Safe from any thread.
 */
public final class RopeTables {
    private final ModelConfig config;
    private final int contextLimit;
    private @Nullable RopeTable usual;
    private @Nullable RopeTable extended;

    /**
     * @param contextLimit the longest sequence this server admits, prompt and output together; at most
     *                     {@code maxPositionEmbeddings}
     */
    public RopeTables(final ModelConfig config, final int contextLimit) {
        if (contextLimit < 1 || contextLimit > config.maxPositionEmbeddings()) {
            throw new IllegalArgumentException("context limit " + contextLimit + " is not in 1 .. "
                    + config.maxPositionEmbeddings() + " (max_position_embeddings)");
        }
        this.config = config;
        this.contextLimit = contextLimit;
    }

    /**
     * The table of a sequence that may grow to {@code totalTokens}: its prompt plus the most it may generate, never the
     * length of a chunk.
     */
    public synchronized RopeTable forSequence(final int totalTokens) {
        if (totalTokens < 1 || totalTokens > contextLimit) {
            throw new IllegalArgumentException(
                    "a sequence of " + totalTokens + " tokens does not fit the context limit of " + contextLimit);
        }
        final RopeTable.Kind kind = kindFor(config, totalTokens);
        if (kind == RopeTable.Kind.LONG) {
            if (extended == null) {
                extended = build(config, kind, contextLimit);
            }
            return extended;
        }
        if (usual == null) {
            usual = build(config, kind, usualPositions());
        }
        return usual;
    }

    /** Which factors a sequence of {@code totalTokens} gets. */
    public static RopeTable.Kind kindFor(final ModelConfig config, final int totalTokens) {
        final RopeScaling scaling = config.ropeScaling();
        if (scaling == null) {
            return RopeTable.Kind.PLAIN;
        }
        return totalTokens > scaling.originalMaxPositionEmbeddings() ? RopeTable.Kind.LONG : RopeTable.Kind.SHORT;
    }

    /** Computes {@code positions} rows of a table. SHORT and LONG need {@code ropeScaling}. */
    public static RopeTable build(final ModelConfig config, final RopeTable.Kind kind, final int positions) {
        final float[] inverse = inverseFrequencies(config, kind);
        final float mscale = (float) mscale(config, kind);
        final int pairCount = inverse.length;
        final float[] cos = new float[Math.multiplyExact(positions, pairCount)];
        final float[] sin = new float[cos.length];
        for (int position = 0; position < positions; position++) {
            for (int i = 0; i < pairCount; i++) {
                final float angle = position * inverse[i]; // the product in fp32, as torch does
                cos[position * pairCount + i] = (float) StrictMath.cos(angle) * mscale;
                sin[position * pairCount + i] = (float) StrictMath.sin(angle) * mscale;
            }
        }
        return new RopeTable(kind, pairCount, positions, cos, sin);
    }

    /** {@code inv_i = 1 / (factor_i * theta^(2i/d))}, each step rounded to fp32; {@code [headDim / 2]}. */
    static float[] inverseFrequencies(final ModelConfig config, final RopeTable.Kind kind) {
        final int headDim = config.headDim();
        final float[] inverse = new float[headDim / 2];
        for (int i = 0; i < inverse.length; i++) {
            final float exponent = 2 * i / (float) headDim;
            inverse[i] = 1f / (factor(config, kind, i) * (float) StrictMath.pow(config.ropeTheta(), exponent));
        }
        return inverse;
    }

    private static float factor(final ModelConfig config, final RopeTable.Kind kind, final int pair) {
        final List<Double> factors = switch (kind) {
            case PLAIN -> List.of();
            case SHORT -> scaling(config).shortFactor();
            case LONG -> scaling(config).longFactor();
        };
        return kind == RopeTable.Kind.PLAIN ? 1f : factors.get(pair).floatValue();
    }

    private static double mscale(final ModelConfig config, final RopeTable.Kind kind) {
        return switch (kind) {
            case PLAIN -> 1.0;
            case SHORT -> scaling(config).shortMscale();
            case LONG -> scaling(config).longMscale();
        };
    }

    private static RopeScaling scaling(final ModelConfig config) {
        final RopeScaling scaling = config.ropeScaling();
        if (scaling == null) {
            throw new IllegalArgumentException("this model has no rope_scaling: only the PLAIN table exists");
        }
        return scaling;
    }

    private int usualPositions() {
        final RopeScaling scaling = config.ropeScaling();
        return scaling == null ? contextLimit : Math.min(contextLimit, scaling.originalMaxPositionEmbeddings());
    }
}
