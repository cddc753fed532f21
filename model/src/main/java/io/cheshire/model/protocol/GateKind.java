package io.cheshire.model.protocol;

/** The gates that Cheshire knows. */
public enum GateKind {
    /** SparseMixer inference, docs/model.md §4.1: PhiMoE, GRIN-MoE. */
    SPARSE_MIXER,
    /** Softmax over all experts, top-2, divided by their sum, docs/model.md §6.2: Mixtral. */
    SOFTMAX_TOP_K_RENORMALISED
}
