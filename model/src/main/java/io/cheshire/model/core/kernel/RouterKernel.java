package io.cheshire.model.core.kernel;

/**
 * Everything of the model that is not an expert, with the KV cache: what the router computes (docs/model.md §3).
 *
 * <p>Called by the device thread only. Every row's outcome depends on its own sequence alone, bit for bit: neither the
 * other rows of the step, nor how a prompt was cut into chunks, nor which KV blocks it got may change it. A step is
 * {@code embed}, then for each layer {@code attention} (its experts run in between), then {@code logits}.
 */
public interface RouterKernel extends AutoCloseable {
    /**
     * {@code residual = embedding[tokenIds]} for all rows of the batch; may still be under way until layer 0 is done.
     */
    void embed(StepBatch batch, LaneBuffers lane);

    /**
     * One layer up to its gate. For {@code layer > 0} first combines the previous layer:
     * {@code x += w1*y1 + w2*y2}, the two products added first. Then LayerNorm, q/k/v, RoPE, append to KV, attention,
     * output projection, residual; LayerNorm into {@code dispatchRows}; router logits in fp32; gate into
     * {@code experts} and {@code weights}.
     */
    void attention(int layer, StepBatch batch, LaneBuffers lane);

    /**
     * Combines the last layer, applies the final norm and writes the logits of {@code batch.logitsRows}, in that order,
     * to {@code lane.logits}.
     */
    void logits(StepBatch batch, LaneBuffers lane);

    /**
     * Begins to compute what {@link #attention} does. Where the device computes beside its thread the call is under way
     * when this returns: until it is done, the batch and the lane's buffers are the device's. Calls of one lane follow
     * one another; those of several lanes may be under way at once.
     */
    default KernelCall beginAttention(final int layer, final StepBatch batch, final LaneBuffers lane) {
        attention(layer, batch, lane);
        return KernelCall.DONE;
    }

    /** Begins to compute what {@link #logits} does, in the same way. */
    default KernelCall beginLogits(final StepBatch batch, final LaneBuffers lane) {
        logits(batch, lane);
        return KernelCall.DONE;
    }

    /** Tells who measures where the time goes; before the first call. Kernels without such stages never call it. */
    default void listen(final StageListener listener) {}

    /** The size of the KV cache that this kernel allocated. */
    KvLayout kvLayout();

    /** Bytes of packed weights held, KV cache not counted. */
    long weightBytes();

    /** Bytes of the KV cache. */
    long kvBytes();

    @Override
    void close();
}
