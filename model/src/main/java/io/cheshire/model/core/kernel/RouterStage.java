package io.cheshire.model.core.kernel;

/** The stages of {@link RouterKernel}'s calls, in the order in which a step goes through them. */
public enum RouterStage {
    /** Embedding rows looked up. */
    EMBED,
    /** The previous layer's experts added to the residual, and the norm before attention, in one pass over the rows. */
    COMBINE,
    /** q, k and v. */
    QKV,
    /** RoPE, and k and v into the cache. */
    APPEND,
    /** Scores, softmax and weighted sum over the cache. */
    ATTEND,
    /** The output projection. */
    OUTPUT,
    /** Residual, norm, router logits and SparseMixer. */
    GATE,
    /** The last layer's experts added, and the final norm. */
    FINAL_COMBINE,
    /** The head. */
    HEAD
}
