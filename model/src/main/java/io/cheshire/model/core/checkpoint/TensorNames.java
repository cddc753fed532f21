package io.cheshire.model.core.checkpoint;

/** Tensor names of PhiMoE checkpoints (docs/model.md §2.1, §2.3). */
public final class TensorNames {
    public static final String EMBEDDING = "model.embed_tokens.weight";
    public static final String NORM_WEIGHT = "model.norm.weight";
    public static final String NORM_BIAS = "model.norm.bias";
    public static final String LM_HEAD = "lm_head.weight";
    public static final String LM_HEAD_BIAS = "lm_head.bias";
    /** The head of a classifier, {@code [labels, hidden]}, in the place of the two before. */
    public static final String SCORE = "score.weight";

    private TensorNames() {}

    /** {@code model.layers.N.suffix}. */
    public static String layer(final int layer, final String suffix) {
        return "model.layers." + layer + "." + suffix;
    }

    /** The gate's matrix. */
    public static String gate(final CheckpointLayout layout, final int layer) {
        return switch (layout) {
            case HUB -> layer(layer, "block_sparse_moe.gate.weight");
            case FUSED -> layer(layer, "mlp.router.weight");
        };
    }

    /** Hub layout: matrix {@code w1}, {@code w2} or {@code w3} of a unit. */
    public static String expert(final int layer, final int expert, final String matrix) {
        return layer(layer, "block_sparse_moe.experts." + expert + "." + matrix + ".weight");
    }

    /** Fused layout: {@code [experts, 2 * ffn, hidden]}, rows of w1 before those of w3. */
    public static String gateUp(final int layer) {
        return layer(layer, "mlp.experts.gate_up_proj");
    }

    /** Fused layout: {@code [experts, hidden, ffn]}. */
    public static String down(final int layer) {
        return layer(layer, "mlp.experts.down_proj");
    }
}
