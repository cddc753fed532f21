package io.cheshire.model.core.checkpoint;

/** The two ways in which PhiMoE checkpoints name their experts. */
public enum CheckpointLayout {
    /** Three matrices per unit, as on the hub (docs/model.md §2.1): {@code block_sparse_moe.experts.E.w1.weight} … */
    HUB,
    /**
     * All experts of a layer stacked, w1 and w3 side by side (docs/model.md §2.3): {@code mlp.experts.gate_up_proj} …
     */
    FUSED
}
